"""What every part of the library shares: transactions, the workspace, who acts, and the event log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select
from sqlalchemy.exc import IntegrityError

from envstudio.domain.canonical import sha256
from envstudio.errors import Act, EnvStudioError, NotFound, Remedy
from envstudio.library import heads, journal
from envstudio.library.connection import DURABLE, SOON, WRITES, damaged, explained, location_of
from envstudio.library.hints import near_or
from envstudio.library.journal import now
from envstudio.library.tables import blobs, environments, identity, workspaces

__all__ = ["Store", "now"]

RESTORED = "envstudio_restored"


class Store:
    """An open database as one user sees it through one workspace."""

    def __init__(self, engine: Engine, workspace: str, who: str) -> None:
        self.engine = engine
        self.workspace = workspace
        self.who = who
        self._library_id = ""
        self._writing = engine.execution_options(**{WRITES: DURABLE})
        self._typing = engine.execution_options(**{WRITES: SOON})

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads, and in which rows become values."""
        with self._explained_if_damaged(), explained(self.engine.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """Open a transaction that writes; other writers wait for its end.

        A power cut takes nothing that is `durable`.
        """
        engine = self._writing if durable else self._typing
        with self._explained_if_damaged(), explained(self.engine.url), engine.begin() as connection:
            journal.begin(connection)
            yield connection
            head, restored = journal.end(connection), connection.info.pop(RESTORED, False)
        if head is not None:
            (heads.replace if restored else heads.keep)(self._library_id, head)

    @contextmanager
    def _explained_if_damaged(self) -> Iterator[None]:
        """Raise `EnvStudioError` for an error that comes of a damaged library, and any other as it is."""
        try:
            yield
        except (EnvStudioError, IntegrityError):
            raise
        except Exception as error:
            # Loaded for this alone, since a window at rest needs no reader of definitions.
            from envstudio.library.damage import wrong_rows

            reason = wrong_rows(self.engine)
            if not reason:
                raise
            raise damaged(location_of(self.engine.url), f"{reason}\n{type(error).__name__}: {error}") from error

    def library_id(self, connection: Connection) -> str:
        """Return what tells this library and its copies from all others."""
        if not self._library_id:
            self._library_id = str(connection.execute(select(identity.c.id)).scalar() or "")
        return self._library_id

    def workspace_id(self, connection: Connection) -> int:
        """Return the workspace's key. Raises `NotFound`."""
        found = connection.execute(select(workspaces.c.id).where(workspaces.c.name == self.workspace)).scalar()
        if found is None:
            raise no_workspace(connection, self.workspace)
        return int(found)

    def environment_row(self, connection: Connection, name: str, *, lock: bool = False) -> Row[Any]:
        """Return the row of a live environment, locked against other writers if asked. Raises `NotFound`."""
        row = self.find_environment_row(connection, name, lock=lock)
        if row is None:
            listing = Remedy(Act.LIST_ENVIRONMENTS)
            advice, remedy = near_or(name, self._names(connection), "See which there are.", listing)
            raise NotFound(
                f"No environment named {name!r} in the workspace '{self.workspace}'.",
                advice,
                code="environment-missing",
                subject=name,
                remedy=remedy,
            )
        return row

    def find_environment_row(self, connection: Connection, name: str, *, lock: bool = False) -> Row[Any] | None:
        """Return the row of a live environment, else None; looking for names like it takes longer.

        Raises `NotFound` if there is no such workspace.
        """
        workspace = select(workspaces.c.id).where(workspaces.c.name == self.workspace).scalar_subquery()
        query = select(environments).where(
            environments.c.workspace_id == workspace,
            environments.c.name == name,
            environments.c.deleted_at.is_(None),
        )
        row = connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            self.workspace_id(connection)
        return row

    def _names(self, connection: Connection) -> Iterable[str]:
        """Return the names of all live environments."""
        query = select(environments.c.name).where(
            environments.c.workspace_id == self.workspace_id(connection), environments.c.deleted_at.is_(None)
        )
        return connection.execute(query).scalars()

    def put_blob(self, connection: Connection, data: bytes) -> str:
        """Store bytes once and return their sha256."""
        key = sha256(data)
        if connection.execute(select(blobs.c.sha256).where(blobs.c.sha256 == key)).first() is None:
            connection.execute(insert(blobs).values(sha256=key, data=data))
        return key

    def get_blob(self, connection: Connection, key: str) -> bytes:
        """Return stored bytes. Raises `EnvStudioError` if they are not what was stored."""
        found = connection.execute(select(blobs.c.data).where(blobs.c.sha256 == key)).scalar()
        if found is None or not journal.is_whole(key, found):
            raise EnvStudioError(
                "The stored text is not what was stored: " + ("it is gone." if found is None else "it was changed."),
                "See what else is wrong.",
                f"sha256 {key}",
                code="library-altered",
                remedy=Remedy(Act.VERIFY_LOG),
            )
        return bytes(found)

    def record(self, connection: Connection, what: str, target: str, detail: Mapping[str, Any] | None = None) -> None:
        """Append an event, with the digests of the rows that were changed before it, in the caller's transaction."""
        last = journal.last_event(connection)
        missing = self._missing_head(connection, last)
        if missing is not None:
            # Whoever restores an old copy by hand tells no one; the first change to it does.
            found = {"entry": missing[0], "hash": missing[1]}
            self._append(connection, last, what=journal.RESTORE, target="", detail=found, tells=False)
            connection.info[RESTORED] = True
            last = None
        self._append(connection, last, what=what, target=target, detail=detail)

    def _append(self, connection: Connection, last: journal.Head | None, **fields: Any) -> None:
        journal.append_event(connection, who=self.who, workspace=self.workspace, last=last, **fields)

    def _missing_head(self, connection: Connection, last: journal.Head | None) -> journal.Head | None:
        """Return the event that was seen last if the log neither holds it nor says that it went on without it."""
        seen = heads.seen(self.library_id(connection))
        if seen is None or seen == last or journal.knows(connection, seen):
            return None
        return seen


def no_workspace(connection: Connection, name: str) -> NotFound:
    """Return the error for a workspace that is missing."""
    known = connection.execute(select(workspaces.c.name)).scalars()
    advice, remedy = near_or(name, known, "Create it.", Remedy(Act.CREATE_WORKSPACE, name))
    summary = f"No workspace named {name!r}."
    return NotFound(summary, advice, code="workspace-missing", subject=name, remedy=remedy)
