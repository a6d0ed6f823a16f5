"""Notices what other programs change in the library, such as the command line beside an open window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from envstudio.domain.change import LibraryChange
from envstudio.gui.jobs.watch import Watch
from envstudio.gui.model.session import Session
from envstudio.library import Library
from envstudio.library.changes import Mark
from envstudio.report import Report

Seen = tuple[Library, Mark, tuple[LibraryChange, ...]]


class LibraryWatch(Watch):
    """What it finds goes the way of the user's own changes."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(session.jobs, parent)
        self._session = session
        self._mark: tuple[Library, Mark] | None = None

    @Slot()
    def look(self) -> None:
        """Ask what has changed since the last look."""
        library = self._session.library
        mark = self._mark[1] if self._mark is not None and self._mark[0] is library else None
        self._ask("Check for changes", read_changes, library, mark, then=self._on_seen)

    def _on_seen(self, seen: Seen) -> None:
        library, mark, changes = seen
        if library is self._session.library:
            self._mark = library, mark
            self._session.show_built_elsewhere(mark.elsewhere)
            for change in changes:
                self._session.apply_from_elsewhere(change)


def read_changes(library: Library, mark: Mark | None, *, report: Report) -> Seen:
    """Return what has changed after a mark; nothing if one looks for the first time."""
    report.raise_if_cancelled()
    if mark is None:
        return library, library.changes.mark(), ()
    return library, *library.changes.since(mark)
