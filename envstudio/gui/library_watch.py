"""Notices what other programs change in the library, such as the command line beside an open window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from envstudio.domain.change import Change
from envstudio.errors import EnvStudioError
from envstudio.gui.session import Session
from envstudio.library import Library
from envstudio.library.changes import Mark
from envstudio.report import Report

MILLISECONDS = 1000
Seen = tuple[Library, Mark, tuple[Change, ...]]


class LibraryWatch(QObject):
    """Looks once a second on the library's lane; what it finds goes the way of one's own changes."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._mark: tuple[Library, Mark] | None = None
        self._looking = False
        self._timer = QTimer(self, interval=MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Ask what has changed, unless the last question is still open."""
        if self._looking:
            return
        self._looking = True
        library = self._session.library
        mark = self._mark[1] if self._mark is not None and self._mark[0] is library else None
        self._session.jobs.run(
            "Look for changes",
            read_changes,
            library,
            mark,
            lane="library",
            on_done=self._on_seen,
            on_failed=self._on_failed,
        )

    def _on_seen(self, seen: Seen) -> None:
        self._looking = False
        library, mark, changes = seen
        if library is self._session.library:
            self._mark = library, mark
            self._session.show_built_elsewhere(mark.elsewhere)
            for change in changes:
                self._session.apply_from_elsewhere(change)

    def _on_failed(self, error: EnvStudioError) -> None:
        """Try again with the next tick: a library that does not answer tells so where one uses it."""
        self._looking = False


def read_changes(library: Library, mark: Mark | None, *, report: Report) -> Seen:
    """Return what has changed after a mark; nothing where one looks for the first time."""
    report.raise_if_cancelled()
    if mark is None:
        return library, library.changes.mark(), ()
    return library, *library.changes.since(mark)
