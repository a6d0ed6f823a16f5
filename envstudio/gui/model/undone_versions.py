"""Taking back a version that was registered from an older one or from a file: versions stay, so a new one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envstudio.domain.reference import Reference
from envstudio.errors import Conflict
from envstudio.report import Report

if TYPE_CHECKING:
    from envstudio.gui.model.session import Session
    from envstudio.library import Registered


def note_version(session: Session, text: str, registered: Registered) -> None:
    """Let a version be undone: what was there before is registered as the newest again."""
    move = _NewestVersion(session, registered)
    session.history.add(text, move.undo, move.redo)


class _NewestVersion:
    """Makes one of two versions the newest. Raises `Conflict` if someone registered another one since."""

    def __init__(self, session: Session, registered: Registered) -> None:
        self._session = session
        self._name = registered.name
        self._before, self._after = registered.version - 1, registered.version
        self._newest = registered.version

    def undo(self) -> None:
        self._make_newest(self._before)

    def redo(self) -> None:
        self._make_newest(self._after)

    def _make_newest(self, number: int) -> None:
        from envstudio.tasks.restore import restore

        library = self._session.library
        newest = library.find(self._name).version
        if newest != self._newest:
            raise Conflict(
                f"{self._name} has a newer version, {newest}.",
                "Restore the version that you want from its history.",
                code="edit-conflict",
                subject=self._name,
            )
        registered = restore(library, str(Reference(self._name, number)), report=Report())
        self._newest = registered.version
        self._session.apply(registered.change)
