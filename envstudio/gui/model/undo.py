"""What was done in a workspace, in order, and taking it back: edits of all drafts, and acts of the library.

Each open environment keeps its edits on a stack of its own, as values before and after; here is their order among
themselves and among the acts that change the library. What cannot be taken back any more leaves the history and says
why; what came before it can still be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeGuard

from PySide6.QtCore import QObject, Signal

from envstudio.errors import Conflict

if TYPE_CHECKING:
    from envstudio.gui.model.document import Document


@dataclass(frozen=True, slots=True)
class Act:
    """An act of the library: what it is called, and how it is taken back and done again.

    Both raise `EnvStudioError` if what they would change has changed meanwhile.
    """

    text: str
    undo: Callable[[], object]
    redo: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Edit:
    """One step on the stack of an environment's edits, by the stack's places before and after it."""

    document: Document
    before: int
    after: int


Step = Act | Edit


class WorkspaceHistory(QObject):
    """The steps that can be taken back and done again. `changed` tells that they are others."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._at: dict[Document, int] = {}
        self._stepping = self._acting = False

    def watch(self, document: Document) -> None:
        """Keep the order of the edits of an environment."""
        self._at[document] = document.undo_stack.index()
        document.undo_stack.indexChanged.connect(partial(self._on_index_changed, document))

    def forget(self, document: Document) -> None:
        """Leave out the edits of an environment that is gone."""
        if self._at.pop(document, None) is not None:
            self._done[:] = [step for step in self._done if not _is_of(step, document)]
            self._undone[:] = [step for step in self._undone if not _is_of(step, document)]
            self.changed.emit()

    def stop(self) -> None:
        """Follow nothing any more: the window ends, and what it holds is taken down in any order."""
        self._at.clear()

    def clear(self) -> None:
        """Forget everything: another workspace is shown."""
        self._done.clear()
        self._undone.clear()
        self._at.clear()
        self.changed.emit()

    @contextmanager
    def one_act(self) -> Iterator[None]:
        """Take what open environments follow of an act for a part of it, and not for edits of the user's own."""
        before, self._acting = self._acting, True
        try:
            yield
        finally:
            self._acting = before

    def add(self, text: str, undo: Callable[[], object], redo: Callable[[], object]) -> Act:
        """Add an act that was done, and return it for `take_back`."""
        act = Act(text, undo, redo)
        self._done.append(act)
        self._undone.clear()
        self.changed.emit()
        return act

    def take_back(self, act: Act) -> None:
        """Take an act back out of its order; nothing if that was done already. Raises `EnvStudioError`."""
        if act in self._done:
            self._done.remove(act)
            self._move(act, self._undone, lambda _: None, back=True)

    def undo_text(self, shown: str = "") -> str | None:
        """Return what is taken back next, with its environment unless that is shown; None if there is nothing."""
        step = self._done[-1] if self._done else None
        return _text(step, shown)

    def redo_text(self, shown: str = "") -> str | None:
        """Return what is done again next, as `undo_text` does."""
        step = self._undone[-1] if self._undone else None
        return _text(step, shown)

    def undo(self, show: Callable[[str], object]) -> None:
        """Take the last step back; `show` is called with the environment of an edit first. Raises `EnvStudioError`."""
        if self._done:
            self._move(self._done.pop(), self._undone, show, back=True)

    def redo(self, show: Callable[[str], object]) -> None:
        """Do the last step again that was taken back. Raises `EnvStudioError`."""
        if self._undone:
            self._move(self._undone.pop(), self._done, show, back=False)

    def _move(self, step: Step, onto: list[Step], show: Callable[[str], object], *, back: bool) -> None:
        try:
            if isinstance(step, Edit):
                _show(step.document, show)
                self._stepping = True
                step.document.undo_stack.setIndex(step.before if back else step.after)
            else:
                with self.one_act():
                    (step.undo if back else step.redo)()
            onto.append(step)
        finally:
            self._stepping = False
            self.changed.emit()

    def _on_index_changed(self, document: Document, index: int) -> None:
        before = self._at.get(document)
        if before is None:
            return
        self._at[document] = index
        if index > before and not self._stepping:
            # What was taken back of the environment was on the stack above, and is gone from there.
            self._undone[:] = [step for step in self._undone if not _is_of(step, document)] if self._acting else []
            if not self._acting:
                self._done.append(Edit(document, before, index))
        elif index < before and not self._stepping:
            # An edit that was typed back to what was there before is none any more.
            self._done[:] = [step for step in self._done if not (_is_of(step, document) and step.after > index)]
        self.changed.emit()


def _is_of(step: Step, document: Document) -> TypeGuard[Edit]:
    return isinstance(step, Edit) and step.document is document


def _text(step: Step | None, shown: str) -> str | None:
    if step is None:
        return None
    if isinstance(step, Act):
        return step.text
    text, name = step.document.undo_stack.text(step.before), step.document.name
    return text if name == shown else f"{text} in {name}"


def _show(document: Document, show: Callable[[str], object]) -> None:
    """Bring an environment to the front. Raises `Conflict` if it is gone."""
    if not document.exists():
        raise Conflict(
            f"{document.name} is not there any more.",
            "Restore it first, then undo again.",
            code="environment-missing",
            subject=document.name,
        )
    show(document.name)
