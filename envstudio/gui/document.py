"""One open environment: its draft as a value, the undo stack of the edits to it, and what follows from the value.

Every edit goes through `Document.edit`; it is saved as the environment's draft within a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from envstudio.domain import diff
from envstudio.domain.change import Aspect, Change
from envstudio.domain.check import check
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem
from envstudio.domain.reference import CURATED, DRAFT, Reference
from envstudio.errors import NotFound
from envstudio.formats import native
from envstudio.library import Library, LockRecord, Registered, Snapshot

SAVE_MILLISECONDS = 400
MERGE_ID = 1
Fact = TypeVar("Fact")


class EditCommand(QUndoCommand):
    """One edit: the value before and the value after. Edits of one cell that follow each other become one."""

    def __init__(self, document: Document, text: str, after: Environment, merge: str) -> None:
        super().__init__(text)
        self._document = document
        self._before = document.environment
        self._after = after
        self._merge = merge

    def id(self) -> int:
        return MERGE_ID if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand) or other._merge != self._merge:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True

    def redo(self) -> None:
        self._document.take(self._after)

    def undo(self) -> None:
        self._document.take(self._before)


class Document(QObject):
    """An open environment. `base_version` is the version that the draft started from."""

    environment_changed = Signal(object, object)
    facts_changed = Signal()
    draft_saved = Signal(object)
    renamed = Signal(str, str)

    def __init__(
        self,
        library: Library,
        environment: Environment,
        base_version: int,
        *,
        read_only: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.library = library
        self.environment = environment
        self.base_version = base_version
        self.read_only = read_only
        self.undo_stack = QUndoStack(self)
        self._base = environment if read_only else self._version(base_version).environment
        self._cached: dict[str, Any] = {}
        self._save_timer = QTimer(self, interval=SAVE_MILLISECONDS, singleShot=True)
        self._save_timer.timeout.connect(self._on_save_timer_timeout)

    @property
    def name(self) -> str:
        """Return the name that references use."""
        return (CURATED if self.read_only else "") + self.environment.name

    def edit(self, text: str, environment: Environment, *, merge: str = "") -> None:
        """Replace the draft as one step that can be undone; `merge` names the cell that is being typed in."""
        if self.read_only or environment == self.environment:
            return
        self.undo_stack.push(EditCommand(self, text, environment, merge))

    def take(self, environment: Environment) -> None:
        """Show another value; for the undo commands only."""
        old, self.environment = self.environment, environment
        self._cached.clear()
        self._save_timer.start()
        self.environment_changed.emit(old, environment)
        self.facts_changed.emit()

    # What follows from the value, worked out once for each value

    def problems(self) -> tuple[Problem, ...]:
        """Return what `check` finds."""
        return self._once("problems", lambda: check(self.environment))

    def digest(self) -> str:
        """Return the digest of the draft."""
        return self._once("digest", lambda: definition_digest(self.environment))

    def changes(self) -> tuple[diff.Change, ...]:
        """Return the rows by which the draft differs from the version it started from."""
        return self._once("changes", lambda: diff.compare(self._base, self.environment) if self.has_draft() else ())

    def has_draft(self) -> bool:
        """Tell whether the draft differs from the version it started from."""
        return self.environment != self._base

    def lock(self) -> tuple[LockRecord | None, bool]:
        """Return the newest lock, of exactly this draft where there is one, and whether it is stale."""
        return self._once("lock", self._find_lock)

    def _find_lock(self) -> tuple[LockRecord | None, bool]:
        if self.read_only:
            return None, False
        exact = self.library.locks.find(self.environment.name, self.digest())
        if exact is not None:
            return exact, False
        return self.library.locks.newest(self.environment.name), True

    def _once(self, key: str, make: Callable[[], Fact]) -> Fact:
        if key not in self._cached:
            self._cached[key] = make()
        fact: Fact = self._cached[key]
        return fact

    def draft_snapshot(self) -> Snapshot:
        """Return the draft in the form in which versions are compared."""
        reference = Reference(self.environment.name, label=DRAFT)
        text = native.to_text(self.environment)
        return Snapshot(reference, self.environment, self.base_version, self.digest(), text)

    def _version(self, number: int) -> Snapshot:
        return self.library.versions.find(Reference(self.environment.name, number))

    # Keeping

    def flush(self) -> None:
        """Save the draft now if it is not saved."""
        if self._save_timer.isActive():
            self._on_save_timer_timeout()

    @Slot()
    def _on_save_timer_timeout(self) -> None:
        self._save_timer.stop()
        versions = self.library.versions
        try:
            if not self.has_draft():
                change = versions.discard_draft(self.environment.name)
            else:
                change = versions.save_draft(self.environment, base_version=self.base_version)
        except NotFound:
            # Deleted meanwhile: there is nothing that a draft could belong to.
            return
        self.draft_saved.emit(change)

    def register(self, message: str) -> Registered:
        """Make the draft the newest version. Raises `EnvStudioError`."""
        registered = self.library.versions.register(self.environment, message)
        self._save_timer.stop()
        self._rebase(registered.version)
        return registered

    def _rebase(self, version: int) -> None:
        self.base_version = version
        self._base = self._version(version).environment
        self._cached.clear()
        self.facts_changed.emit()

    def rename(self, name: str) -> None:
        """Follow a renaming in the library."""
        old = self.environment.name
        # Edits made under the old name would bring it back, so they cannot be undone any more.
        self.undo_stack.clear()
        self.environment = self.environment.renamed(name)
        self._rebase(self.base_version)
        self.renamed.emit(old, name)

    def library_has_changed(self, change: Change) -> None:
        """Look again at what the library knows of this environment."""
        if change.aspects & Aspect.VERSIONS and not self._save_timer.isActive():
            self._follow_latest()
        if change.aspects & ~Aspect.DRAFT:
            self._cached.pop("lock", None)
            self.facts_changed.emit()

    def _follow_latest(self) -> None:
        """Take over a version that was made elsewhere, unless there are edits of one's own."""
        try:
            draft = self.library.versions.draft(self.environment.name)
        except NotFound:
            return
        if draft.base_version == self.base_version and draft.environment == self.environment:
            return
        self.base_version = draft.base_version
        self._base = self._version(draft.base_version).environment
        if draft.environment != self.environment:
            self.edit(f"Version {draft.base_version}", draft.environment)
        self._cached.clear()
        self.facts_changed.emit()
