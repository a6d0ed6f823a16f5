"""What a window works with: the library, the settings, the jobs, and the environments that are open.

Every mutation's Change is handed to `apply`; `library_changed` carries it on, and each screen reloads what it names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.domain.reference import CURATED, DRAFT, Reference
from envstudio.errors import EnvStudioError, NotFound
from envstudio.gui.jobs.job import WorkspaceRef
from envstudio.gui.jobs.runner import JobRunner
from envstudio.gui.model.undo import WorkspaceHistory
from envstudio.gui.model.window_state import WindowState
from envstudio.report import Report
from envstudio.settings import Settings

if TYPE_CHECKING:
    from envstudio.gui.model.document import Document
    from envstudio.library import Library
    from envstudio.tasks.lock import LockOptions


class Session(QObject):
    """The state that the parts of one window share. `workspace_left` is emitted while all of it is still there."""

    library_changed = Signal(object)
    workspace_left = Signal()
    workspace_changed = Signal(str)
    theme_chosen = Signal()
    settings_changed = Signal(tuple)
    engine_changed = Signal()
    built_elsewhere_changed = Signal()
    edit_refused = Signal(object)
    secrets_kept = Signal(str)

    def __init__(self, library: Library, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = library
        self.settings = settings
        self.jobs = JobRunner(self)
        self.documents: dict[str, Document] = {}
        self.built_elsewhere: frozenset[str] = frozenset()
        self._workspace_key = library.workspaces.key()
        self._closing: dict[str, Document] = {}
        self._parked: dict[str, Document] = {}
        """Environments whose tabs were closed, by their identity: what was edited in them can still be undone."""
        self.history = WorkspaceHistory(self)
        self._lock_options: dict[tuple[str, str], LockOptions] = {}
        self.state = WindowState()

    @property
    def workspace_ref(self) -> WorkspaceRef:
        """Return which library and workspace is shown."""
        return self.library.location, self.library.workspace

    def has_workspace(self) -> bool:
        """Return whether the workspace that is shown still has its name; another may have taken it meanwhile."""
        return self.library.workspaces.key() == self._workspace_key

    def apply_in(self, workspace_ref: WorkspaceRef, change: LibraryChange) -> None:
        """Pass on what a job changed, unless the window shows another workspace than it was begun in."""
        if workspace_ref == self.workspace_ref:
            self.apply(change)

    def apply(self, change: LibraryChange) -> None:
        """Pass on what a mutation changed."""
        if not change:
            return
        if change.renamed_from:
            new = next(iter(change.environments - {change.renamed_from}))
            # The user's own change is reported a second time, and must not undo later requests.
            self.jobs.rename(self.workspace_ref, change.renamed_from, new)
            options = self._lock_options.pop((self.library.workspace, change.renamed_from), None)
            if options is not None:
                self.keep_lock_options(new, options)
        if change.renamed_from in self.documents:
            document = self.documents.pop(change.renamed_from)
            document.rename(new)
            self.documents[new] = document
        for name in change.environments & self.documents.keys():
            # Of one that is gone nothing can be asked; the window closes its tab.
            if name.startswith(CURATED) or self.library.environments.exists(name):
                self.documents[name].library_has_changed(change)
        if change.aspects & Aspect.POLICIES:
            for document in self.documents.values():
                document.policies_have_changed()
        self.library_changed.emit(change)

    def take_settings(self, settings: Settings) -> None:
        """Work with settings that another program wrote; `settings_changed` carries the keys that are others now."""
        before, self.settings = self.settings, settings
        keys = [item.name for item in fields(settings) if getattr(settings, item.name) != getattr(before, item.name)]
        if keys:
            self.settings_changed.emit(tuple(keys))

    def show_built_elsewhere(self, names: frozenset[str]) -> None:
        """Take over which environments of the workspace other programs build."""
        if names != self.built_elsewhere:
            self.built_elsewhere = names
            self.built_elsewhere_changed.emit()

    def apply_from_elsewhere(self, change: LibraryChange) -> None:
        """Pass on what another program changed; open drafts without unsaved edits follow it."""
        self.apply(change)
        if change.aspects & Aspect.DRAFT:
            for name in change.environments & self.documents.keys():
                self.documents[name].follow()

    def open(self, name: str) -> Document:
        """Return the document of an environment, opened if it is not yet. Raises `NotFound`."""
        if name in self._closing:
            # What is still being written must be in the library before it is read again.
            self._closing.pop(name).flush()
        if name not in self.documents:
            self.documents[name] = self._unparked(name) or self._load(name)
        return self.documents[name]

    def _unparked(self, name: str) -> Document | None:
        """Return the document of an environment that was open before, in line with what the library has now."""
        if not self._parked or name.startswith(CURATED):
            return None
        document = self._parked.pop(self.library.environments.identity(name), None)
        if document is not None:
            if document.name != name:
                document.rename(name)
            document.follow()
            document.library_has_changed(changed(Aspect.LOCKS, name))
        return document

    def _load(self, name: str) -> Document:
        from envstudio.gui.model.document import Document
        from envstudio.gui.model.invalid_inputs import InvalidInputs
        from envstudio.library import Snapshot

        invalid_inputs = InvalidInputs(self.library)
        if name.startswith(CURATED):
            found = self.library.find(name)
            return Document(
                self.library, found, found, jobs=self.jobs, invalid_inputs=invalid_inputs, read_only=True, parent=self
            )
        draft = self.library.versions.draft(name)
        reference = Reference(name, label=DRAFT)
        opened = Snapshot(reference, draft.environment, draft.base_version, draft.digest, draft.text)
        base = self.library.find(Reference(name, draft.base_version)) if draft.saved else opened
        document = Document(self.library, opened, base, jobs=self.jobs, invalid_inputs=invalid_inputs, parent=self)
        self.history.watch(document)
        document.draft_saved.connect(self.apply)
        document.draft_refused.connect(self.edit_refused)
        document.secrets_kept.connect(self.secrets_kept)
        return document

    def close_document(self, name: str) -> None:
        """Let a document go; what is unsaved is written on the library's lane."""
        document = self.documents.pop(name, None)
        if document is not None:
            if document.undo_stack.count() and not document.read_only:
                # One that is gone, or whose workspace is, cannot be opened again.
                with suppress(NotFound):
                    self._parked[self.library.environments.identity(name)] = document
            self._closing[name] = document
            document.save_soon(partial(self._on_document_saved, name, document))

    def _on_document_saved(self, name: str, document: Document) -> None:
        if self._closing.get(name) is document:
            del self._closing[name]
        if document not in (*self._parked.values(), *self.documents.values()):
            self._let_go(document)

    def _let_go(self, document: Document) -> None:
        self.history.forget(document)
        document.deleteLater()

    def _forget_history(self) -> None:
        """Forget what was done: another workspace will be shown."""
        parked, self._parked = list(self._parked.values()), {}
        for document in parked:
            if document not in self._closing.values():
                self._let_go(document)
        self.history.clear()

    def lock_options(self, name: str) -> LockOptions:
        """Return the options of an environment's next lock; they are remembered until the program ends."""
        from envstudio.tasks.lock import LockOptions

        return self._lock_options.get((self.library.workspace, name), LockOptions())

    def keep_lock_options(self, name: str, options: LockOptions) -> None:
        """Remember the options of an environment's next locks."""
        self._lock_options[self.library.workspace, name] = options

    def save_all(self, then: Callable[[], None]) -> bool:
        """Write every unsaved draft on the library's lane and call `then`; return whether there is one."""
        unsaved = [document for document in self.documents.values() if document.unsaved]
        left = set(unsaved)

        def saved(document: Document) -> None:
            left.discard(document)
            if not left:
                then()

        for document in unsaved:
            document.save_soon(partial(saved, document))
        return bool(unsaved)

    def use_library(self, library: Library, settings: Settings, *, moved: bool = False) -> None:
        """Show another library; the one before is closed when its last job is over.

        One that was `moved` is a copy of that, and gets the drafts that were edited while it was made.
        """
        before = self.library
        self.workspace_left.emit()
        for name, document in list(self.documents.items()):
            document.flush()
            if moved:
                document.save_to(library)
            self.close_document(name)
        self._forget_history()
        self.library, self.settings = library, settings
        self._workspace_key = library.workspaces.key()
        self.show_built_elsewhere(frozenset())
        self.workspace_changed.emit(library.workspace)
        self.jobs.run("Close the library", _close, before, lane="library")

    def switch_workspace(self, name: str, *, renamed: bool = False) -> None:
        """Show another workspace of the same library, or the same that was `renamed`. Raises `NotFound`."""
        if name == self.library.workspace:
            return
        library = self.library.in_workspace(name)
        self.workspace_left.emit()
        for open_name, document in list(self.documents.items()):
            if renamed and document.unsaved:
                document.save_to(library)
            self.close_document(open_name)
        self._forget_history()
        self.library = library
        self._workspace_key = library.workspaces.key()
        self.show_built_elsewhere(frozenset())
        self.workspace_changed.emit(name)

    def give_up(self) -> None:
        """Leave unsaved what could not be saved."""
        for document in (*self.documents.values(), *self._closing.values()):
            document.give_up()

    def shutdown(self) -> None:
        """Save every draft and stop every job. Raises `EnvStudioError` for an open draft that cannot be written."""
        self.history.stop()
        try:
            for document in self.documents.values():
                document.flush()
        finally:
            for document in self._closing.values():
                # That it could not be written was reported when its tab was closed.
                with suppress(EnvStudioError):
                    document.flush()
            self.jobs.shutdown()


def _close(library: Library, *, report: Report) -> None:
    library.close()
