"""What the browser lets the library read on its lane: rows that changed, and searches for packages and variables."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from envstudio.domain.query import Query
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.model.session import Session
from envstudio.library import EnvironmentInfo, Library, curated
from envstudio.report import Report

SEARCH = JobKey("search")
Read = tuple[Library, tuple[EnvironmentInfo, ...]]


class BrowserReads(QObject):
    """`rows_read` carries names and what the library says of them; `found` a query and digests of definitions."""

    rows_read = Signal(object, object)
    found = Signal(object, object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._awaited: frozenset[str] = frozenset()

    def forget(self) -> None:
        """Hand on nothing of what is awaited, as all was read."""
        self._awaited = frozenset()

    def rows(self, names: frozenset[str]) -> Iterable[EnvironmentInfo]:
        """Read rows now; what is awaited of them is older."""
        self._awaited -= names
        return self._session.library.environments.list(archived=True, names=names)

    def read_rows(self, names: frozenset[str]) -> None:
        """Read rows, together with those that are still awaited."""
        self._awaited |= names
        self._session.jobs.run(
            "Read what changed",
            read_infos,
            self._session.library,
            self._awaited,
            lane="library",
            key=JobKey("read rows"),
            on_done=self._on_infos_read,
        )

    def _on_infos_read(self, read: Read) -> None:
        library, infos = read
        if library is self._session.library:
            # What changed once more meanwhile was read by itself.
            names, self._awaited = self._awaited, frozenset()
            self.rows_read.emit(names, [info for info in infos if info.name in names])

    def search(self, query: Query) -> None:
        """Look for the definitions that hold what a query requests."""
        self._session.jobs.run(
            "Search",
            read_definitions,
            self._session.library,
            query,
            lane="library",
            key=SEARCH,
            on_done=self._on_definitions_read,
        )

    def _on_definitions_read(self, read: tuple[Query, frozenset[str]]) -> None:
        self.found.emit(*read)


def read_definitions(library: Library, query: Query, *, report: Report) -> tuple[Query, frozenset[str]]:
    """Return a query with the digests of the definitions that hold what it requests, as a job."""
    report.raise_if_cancelled()
    return query, library.environments.definitions_with(query) | curated.definitions_with(query)


def read_infos(library: Library, names: frozenset[str], *, report: Report) -> Read:
    """Return what the library now says of these names, as a job."""
    report.raise_if_cancelled()
    return library, library.environments.list(archived=True, names=names)
