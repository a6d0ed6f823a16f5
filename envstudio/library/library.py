"""The library as a whole: one object whose parts each look after one sort of stored thing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import Engine

from envstudio.domain.reference import Reference, parse_reference
from envstudio.library import connection
from envstudio.library.connection import open_engine
from envstudio.library.environments import Environments
from envstudio.library.journal import BACKUP
from envstudio.library.location import configured_location
from envstudio.library.store import Store
from envstudio.library.workspaces import Workspaces
from envstudio.settings import Settings

if TYPE_CHECKING:
    from envstudio.library.builds import Builds
    from envstudio.library.changes import Changes
    from envstudio.library.contexts import Contexts
    from envstudio.library.deleted import DeletedEnvironments
    from envstudio.library.eventlog import EventLog
    from envstudio.library.images import Images
    from envstudio.library.locks import Locks
    from envstudio.library.policies import Policies
    from envstudio.library.records import Snapshot
    from envstudio.library.runs import Runs
    from envstudio.library.versions import Versions


class Library:
    """Everything stored, seen through one workspace. Safe to use from several threads.

    What not every use of a library needs is loaded when it is first needed: the window at rest, and `list`, need
    the workspaces and the environments alone.
    """

    def __init__(self, engine: Engine, workspace: str, who: str) -> None:
        self._store = Store(engine, workspace, who)
        self.workspaces = Workspaces(self._store)
        self.environments = Environments(self._store)

    @cached_property
    def versions(self) -> Versions:
        from envstudio.library.versions import Versions

        return Versions(self._store)

    @cached_property
    def locks(self) -> Locks:
        from envstudio.library.locks import Locks

        return Locks(self._store)

    @cached_property
    def deleted(self) -> DeletedEnvironments:
        from envstudio.library.deleted import DeletedEnvironments

        return DeletedEnvironments(self._store)

    @cached_property
    def contexts(self) -> Contexts:
        from envstudio.library.contexts import Contexts

        return Contexts(self._store)

    @cached_property
    def images(self) -> Images:
        from envstudio.library.images import Images

        return Images(self._store)

    @cached_property
    def builds(self) -> Builds:
        from envstudio.library.builds import Builds

        return Builds(self._store)

    @cached_property
    def runs(self) -> Runs:
        from envstudio.library.runs import Runs

        return Runs(self._store)

    @cached_property
    def events(self) -> EventLog:
        from envstudio.library.eventlog import EventLog

        return EventLog(self._store)

    @cached_property
    def policies(self) -> Policies:
        from envstudio.library.policies import Policies

        return Policies(self._store)

    @cached_property
    def changes(self) -> Changes:
        from envstudio.library.changes import Changes

        return Changes(self._store)

    @classmethod
    def open(cls, location: str | Path, *, workspace: str = "default", who: str = "unknown") -> Self:
        """Open the library at a URL or path, making it where there is none.

        The workspace "default" is made when it is missing; another must exist. Raises `EnvStudioError`.
        """
        library = cls(open_engine(location), workspace, who)
        library.workspaces.ensure_default()
        library.workspaces.require(workspace)
        return library

    @classmethod
    def open_configured(cls, settings: Settings, location: str = "", workspace: str = "") -> Self:
        """Open the library that the caller or the settings name, else the default one in the user's data folder."""
        return cls.open(
            configured_location(settings, location),
            workspace=workspace or settings.workspace,
            who=settings.who(),
        )

    @property
    def location(self) -> str:
        """The file or, for a server, the address without password."""
        return connection.location_of(self._store.engine.url)

    @property
    def workspace(self) -> str:
        return self._store.workspace

    def in_workspace(self, name: str) -> Library:
        """Return this library seen through another workspace. Raises `NotFound`."""
        self.workspaces.require(name)
        return Library(self._store.engine, name, self._store.who)

    def find(self, reference: Reference | str) -> Snapshot:
        """Return the version, draft or curated definition that a reference means. Raises `NotFound`."""
        if isinstance(reference, str):
            reference = parse_reference(reference)
        from envstudio.library import curated

        return curated.find(reference) if reference.curated else self.versions.find(reference)

    def back_up(self, target: Path, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Copy the whole library into a new file while it is in use; `progress` gets pages done and in all.

        The copy's log ends with an event that says what it is. Raises `Conflict` if the file exists, and
        `InvalidInput` for a library on a server.
        """
        connection.check_back_up(self._store.engine, target)
        if connection.is_writable(self._store.engine.url):
            with self._store.write() as writing:
                self._store.record(writing, BACKUP, "", {"file": target.name})
        connection.back_up(self._store.engine, target, progress)

    def close(self) -> None:
        """Let go of the database."""
        self._store.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
