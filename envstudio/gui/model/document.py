"""One open environment: its draft as a value, the undo stack of the edits to it, and what follows from the value.

Every edit goes through `Document.edit`; it is saved as the environment's draft within a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from envstudio.domain import diff
from envstudio.domain.change import Aspect, LibraryChange
from envstudio.domain.check import check
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem
from envstudio.domain.reference import CURATED, DRAFT, Reference
from envstudio.errors import Conflict, NotFound
from envstudio.formats.native_text import without_name, written
from envstudio.gui.jobs.runner import JobRunner
from envstudio.gui.model.invalid_inputs import SOURCE, InvalidInputs
from envstudio.library import Library, LockRecord, Registered, Snapshot
from envstudio.report import Report
from envstudio.secret_text import has_secret, without_secrets
from envstudio.tasks.found_secrets import Kept, keep_typed, taken_out
from envstudio.tasks.policy import policies, under_policies

SAVE_MILLISECONDS = 400
MERGE_ID = 1
Fact = TypeVar("Fact")
Source = tuple[Environment, str]
"""A text as the user wrote it, and what it means."""


class EditCommand(QUndoCommand):
    """One edit: value and source before, and after. Edits of one cell that follow each other become one."""

    def __init__(self, document: Document, text: str, after: Environment, merge: str, source: Source) -> None:
        super().__init__(text)
        self._document = document
        self._before = document.environment, document.written
        self._after = after, source
        self._merge = merge

    def id(self) -> int:
        return MERGE_ID if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand) or other._merge != self._merge:
            return False
        self._after = other._after
        (before, old), (after, new) = self._before, self._after
        self.setObsolete(old == new and self._named(after) == self._named(before))
        return True

    def redo(self) -> None:
        self._take(*self._after)

    def undo(self) -> None:
        self._take(*self._before)

    def _take(self, environment: Environment, source: Source) -> None:
        self._document.take(self._named(environment), source)

    def _named(self, environment: Environment) -> Environment:
        """Return a value under the name that the environment has now: a renaming is not an edit."""
        name = self._document.environment.name
        return environment if environment.name == name else environment.renamed(name)


class DraftWriter:
    """Writes drafts from any thread, in their order: one that was overtaken by a newer is left out.

    `known` is the draft as it was read or written last; None replaces whatever is there.
    """

    def __init__(self, library: Library, known: Environment | None = None) -> None:
        self._library = library
        self.known = known
        self._writing = threading.Lock()
        self._newest = 0

    def number(self) -> int:
        """Return the number of the next draft; in the GUI thread only."""
        self._newest += 1
        return self._newest

    def write(
        self, number: int, name: str, environment: Environment | None, base_version: int, text: str, report: Report
    ) -> LibraryChange | Conflict | None:
        """Save a draft, or forget it where there is none; return the error if someone else changed the same."""
        with self._writing:
            if number != self._newest:
                return None
            known = self.known.renamed(name) if self.known else None
            versions = self._library.versions
            try:
                if environment is None:
                    return versions.discard_draft(name, started=known)
                change = versions.save_draft(environment, base_version=base_version, text=text, started=known)
                self.known = environment
            except NotFound:
                # Deleted meanwhile: there is nothing that a draft could belong to.
                return None
            except Conflict as error:
                return error
            return change


class Document(QObject):
    """An open environment. `base_version` is the version that the draft started from.

    After each `environment_changed` comes a `facts_changed`.
    """

    environment_changed = Signal(object, object)
    facts_changed = Signal()
    unfinished_changed = Signal()
    draft_saved = Signal(object)
    draft_refused = Signal(object)
    secrets_kept = Signal(str)
    renamed = Signal(str, str)

    def __init__(
        self,
        library: Library,
        draft: Snapshot,
        base: Snapshot,
        *,
        jobs: JobRunner,
        invalid_inputs: InvalidInputs,
        read_only: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.library = library
        self.environment = draft.environment
        self.base_version = base.version
        self.read_only = read_only
        self.undo_stack = QUndoStack(self)
        self._jobs = jobs
        self._base = base.environment
        self._base_text = base.text
        self.written: Source = (draft.environment, draft.text)
        self._cached: dict[str, Any] = {"digest": draft.digest}
        self._store = invalid_inputs
        self.invalid_inputs = invalid_inputs.texts(self.name)
        self._writer = DraftWriter(library, draft.environment)
        self._writing = False
        self._demands: dict[str, Any] | None = None
        self._save_timer = QTimer(self, interval=SAVE_MILLISECONDS, singleShot=True)
        self._save_timer.timeout.connect(self._on_save_timer_timeout)

    @property
    def name(self) -> str:
        """Return the name that references use."""
        return (CURATED if self.read_only else "") + self.environment.name

    @property
    def is_frozen(self) -> bool:
        """Whether edits are refused because the text of the page Source cannot be read: it would undo them."""
        return SOURCE in self.invalid_inputs

    def exists(self) -> bool:
        """Return whether the library still has the environment."""
        return self.read_only or self.library.environments.exists(self.environment.name)

    def edit(self, text: str, environment: Environment, *, merge: str = "") -> None:
        """Replace the draft as one step that can be undone; `merge` names the cell that is being typed in."""
        if self.read_only or environment == self.environment:
            return
        if self.is_frozen:
            self.draft_refused.emit(
                Conflict(
                    f"Not done: the page Source of {self.name} holds a text that cannot be read.",
                    "Correct or discard it first.",
                    code="edit-conflict",
                    subject=self.name,
                )
            )
            return
        self._push(text, environment, merge)

    def _push(self, text: str, environment: Environment, merge: str = "") -> None:
        environment = self._without_secrets(environment)
        self.undo_stack.push(EditCommand(self, text, environment, merge, self.written))

    def _without_secrets(self, environment: Environment) -> Environment:
        """Return a value without the secrets that were typed into it; they go to the keyring."""
        cleaned, found = taken_out(environment)
        if found:
            title = "Keep what is secret in the keyring"
            self._jobs.run(title, keep_typed, self.library, cleaned, found, on_done=self._on_secrets_kept)
        return cleaned

    def _on_secrets_kept(self, kept: Kept) -> None:
        """Name secrets as the keyring has them: a name may have been that of another one."""
        variables = tuple(
            replace(item, secret=kept.names.get(item.secret, item.secret)) if item.secret else item
            for item in self.environment.variables
        )
        named = replace(self.environment, variables=variables)
        if named != self.environment:
            self._push("Name secret", named)
        self.secrets_kept.emit(kept.message)

    def take(self, environment: Environment, source: Source) -> None:
        """Show another value, and the text that it is written after; for the undo commands only."""
        old, self.environment = self.environment, environment
        self.written = source
        self._cached.clear()
        self._save_timer.start()
        self.environment_changed.emit(old, environment)
        self.facts_changed.emit()

    def write(self, environment: Environment, text: str) -> None:
        """Replace the draft by what a typed text says; the text is kept as it was written."""
        self._write("Edit source", environment, text, merge="source")

    def _write(self, title: str, environment: Environment, text: str, merge: str = "") -> None:
        """Replace value and text as one step, which may be the change of a comment alone."""
        if has_secret(text):
            cleaned = self._without_secrets(environment)
            environment, text = cleaned, without_secrets(written(cleaned, text, environment))
        if not self.read_only and (environment != self.environment or text != self.source()):
            self.undo_stack.push(EditCommand(self, title, environment, merge, (environment, text)))

    def keep(self, key: str, text: str | None) -> None:
        """Keep a text that is not understood for as long as it stands in its field; None forgets it."""
        if self.invalid_inputs.get(key) == text:
            return
        self.invalid_inputs.pop(key, None)
        if text is not None:
            self.invalid_inputs[key] = text
        # What holds a secret is kept while the window is open, and never written.
        kept = {where: item for where, item in self.invalid_inputs.items() if not has_secret(item)}
        self._store.keep(self.name, kept)
        self.unfinished_changed.emit()

    # What follows from the value, worked out once for each value

    def problems(self) -> tuple[Problem, ...]:
        """Return what `check` finds, but for what the workspace has switched off."""
        if self._demands is None:
            self._demands = policies(self.library)
        demands = self._demands
        return self._once("problems", lambda: under_policies(check(self.environment), demands))

    def policies_have_changed(self) -> None:
        """Look again at what the workspace demands."""
        self._demands = None
        self._cached.pop("problems", None)
        self.facts_changed.emit()

    def source(self) -> str:
        """Return the draft as native text, with the comments that the user wrote."""
        return self._once("source", self._write_source)

    def _write_source(self) -> str:
        environment, text = self.written
        return text if environment == self.environment else written(self.environment, text, environment)

    def digest(self) -> str:
        """Return the digest of the draft."""
        return self._once("digest", lambda: definition_digest(self.environment))

    def changes(self) -> tuple[diff.DefinitionChange, ...]:
        """Return the rows by which the draft differs from the version it started from."""
        return self._once("changes", lambda: diff.compare(self._base, self.environment) if self.has_draft() else ())

    def has_draft(self) -> bool:
        """Return whether the draft differs from the version it started from."""
        return self.environment != self._base

    def lock(self) -> tuple[LockRecord | None, bool]:
        """Return the newest lock, of exactly this draft if there is one, and whether it is stale."""
        return self._once("lock", self._find_lock)

    def _find_lock(self) -> tuple[LockRecord | None, bool]:
        if self.read_only:
            return None, False
        record = self.library.locks.nearest(self.environment.name, self.digest())
        return record, record is None or record.lock.definition_digest != self.digest()

    def _once(self, key: str, make: Callable[[], Fact]) -> Fact:
        if key not in self._cached:
            self._cached[key] = make()
        fact: Fact = self._cached[key]
        return fact

    def draft_snapshot(self) -> Snapshot:
        """Return the draft in the form in which versions are compared."""
        reference = Reference(self.environment.name, label=DRAFT)
        return Snapshot(reference, self.environment, self.base_version, self.digest(), self.source())

    def _version(self, number: int) -> Snapshot:
        return self.library.versions.find(Reference(self.environment.name, number))

    # Keeping

    def flush(self) -> None:
        """Save the draft now if it is not saved. Raises `Conflict` if someone else changed the same."""
        if self._save_timer.isActive() or self._writing:
            self._save_timer.stop()
            outcome = self._writer.write(self._writer.number(), *self._draft(), report=Report())
            self._on_draft_written(outcome)
            if isinstance(outcome, Conflict):
                raise outcome

    @property
    def unsaved(self) -> bool:
        """Return whether something is not written yet."""
        return self._save_timer.isActive() or self._writing

    def save_to(self, library: Library) -> None:
        """Save the draft in a copy of its library."""
        if not self.read_only:
            writer = DraftWriter(library)
            writer.write(writer.number(), *self._draft(), report=Report())

    def give_up(self) -> None:
        """Save nothing more of what is unsaved now."""
        self._save_timer.stop()
        self._writing = False

    def save_soon(self, then: Callable[[], None]) -> None:
        """Save what is unsaved on the library's lane, and call `then` when that is over."""
        if not self.unsaved:
            then()
            return
        self._save_timer.stop()
        self._save(then)

    @Slot()
    def _on_save_timer_timeout(self) -> None:
        self._save()

    def _save(self, then: Callable[[], None] = lambda: None) -> None:
        def written(outcome: LibraryChange | Conflict | None) -> None:
            try:
                self._on_draft_written(outcome)
            finally:
                # It is written whatever becomes of the news, and a window that closes waits for it unseen.
                then()

        self._writing = True
        self._jobs.run(
            f"Save the draft of {self.name}",
            self._writer.write,
            self._writer.number(),
            *self._draft(),
            lane="library",
            on_done=written,
        )

    def _draft(self) -> tuple[str, Environment | None, int, str]:
        """Return what the writer has to write."""
        same = not self.has_draft() and self.source() == self._base_text
        environment = None if same else self.environment
        return self.environment.name, environment, self.base_version, self.source()

    def _on_draft_written(self, outcome: LibraryChange | Conflict | None) -> None:
        if outcome is None:
            return
        self._writing = False
        if isinstance(outcome, Conflict):
            # What is there is shown; the user's own edit is a step back, and saved if it is taken.
            self.follow()
            self.draft_refused.emit(outcome)
        else:
            self.draft_saved.emit(outcome)

    def register(self, message: str, *, started: Environment | None = None) -> Registered:
        """Make the draft the newest version. Raises `EnvStudioError`.

        If there is a newer version than the one that it was compared with (`started`, else the one that the draft
        started from), what differs from that is replayed on the newest. After a `Conflict` the draft is compared with
        the newest, and registering it again replaces what that changed.
        """
        self.flush()
        versions, mine = self.library.versions, self.environment
        try:
            registered = versions.register(mine, message, text=self.source(), started=started or self._base, draft=mine)
        except Conflict:
            self._rebase(versions.find(Reference(mine.name)).version)
            raise
        self._rebase(registered.version)
        if diff.compare(mine, self._base):
            self._writer.known = self._base
            self._write(f"Version {registered.version}", self._base, self._base_text)
        if self.source() != self._base_text:
            # Nothing but comments was new, which makes no version; they are a draft still.
            self._save_timer.start()
        return registered

    def _rebase(self, version: int) -> None:
        self.base_version = version
        base = self._version(version)
        self._base, self._base_text = base.environment, base.text
        self._cached.clear()
        self.facts_changed.emit()

    def rename(self, name: str) -> None:
        """Follow a renaming in the library; what was edited before can still be undone."""
        old = self.environment.name
        before, same_text = self.environment, self.source()
        self.environment = before.renamed(name)
        self.written = (self.environment, written(self.environment, same_text, before))
        self._store.rename(old, name)
        self._rebase(self.base_version)
        self.renamed.emit(old, name)

    def library_has_changed(self, change: LibraryChange) -> None:
        """Look again at what the library knows of this environment."""
        if change.aspects & Aspect.VERSIONS:
            self.follow()
        if change.aspects & Aspect.LOCKS:
            self._cached.pop("lock", None)
            self.facts_changed.emit()

    def follow(self) -> None:
        """Take over a version or a draft that was made elsewhere, unless there are unsaved edits of the user's own."""
        if self.unsaved or self.read_only:
            return
        try:
            draft = self.library.versions.draft(self.environment.name)
        except NotFound:
            return
        self._writer.known = draft.environment
        same = draft.environment == self.environment and without_name(draft.text) == without_name(self.source())
        if draft.base_version == self.base_version and same:
            return
        title = "Edited elsewhere" if draft.base_version == self.base_version else f"Version {draft.base_version}"
        self.base_version = draft.base_version
        base = self._version(draft.base_version)
        self._base, self._base_text = base.environment, base.text
        self._write(title, draft.environment, draft.text)
        self._cached.clear()
        self.facts_changed.emit()
