"""What every part of the library shares: transactions, the workspace, who acts, and the event log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select

from envstudio.domain.canonical import canonical_dump, sha256
from envstudio.errors import NotFound
from envstudio.library.connection import WRITES, explained
from envstudio.library.hints import did_you_mean
from envstudio.library.tables import blobs, environments, events, workspaces

GENESIS = "0" * 64


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


class Store:
    """An open database as one person sees it through one workspace."""

    def __init__(self, engine: Engine, workspace: str, who: str) -> None:
        self.engine = engine
        self.workspace = workspace
        self.who = who
        self._writing = engine.execution_options(**{WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads."""
        with explained(self.engine.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes; other writers wait for its end."""
        with explained(self.engine.url), self._writing.begin() as connection:
            yield connection

    def workspace_id(self, connection: Connection) -> int:
        """Return the workspace's key. Raises `NotFound`."""
        found = connection.execute(select(workspaces.c.id).where(workspaces.c.name == self.workspace)).scalar()
        if found is None:
            raise NotFound(
                f"There is no workspace {self.workspace!r}.",
                did_you_mean(
                    self.workspace,
                    connection.execute(select(workspaces.c.name)).scalars(),
                    f"Make it with: envstudio workspace create {self.workspace}",
                ),
            )
        return int(found)

    def environment_row(self, connection: Connection, name: str, *, lock: bool = False) -> Row[Any]:
        """Return the row of a live environment, locked against other writers if asked. Raises `NotFound`."""
        row = self.find_environment_row(connection, name, lock=lock)
        if row is None:
            raise NotFound(
                f"There is no environment {name!r} in the workspace {self.workspace}.",
                did_you_mean(name, self._names(connection), "List those there are with: envstudio list"),
            )
        return row

    def find_environment_row(self, connection: Connection, name: str, *, lock: bool = False) -> Row[Any] | None:
        """Return the row of a live environment, else None; looking for names like it takes longer.

        Raises `NotFound` where there is no such workspace.
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
        """Return stored bytes."""
        return bytes(connection.execute(select(blobs.c.data).where(blobs.c.sha256 == key)).scalar_one())

    def record(self, connection: Connection, what: str, target: str, detail: Mapping[str, Any] | None = None) -> None:
        """Append an event in the caller's transaction."""
        last = connection.execute(
            select(events.c.id, events.c.hash).order_by(events.c.id.desc()).limit(1).with_for_update()
        ).first()
        row = {
            "id": last.id + 1 if last else 1,
            "at": now().isoformat(timespec="milliseconds"),
            "who": self.who,
            "what": what,
            "workspace": self.workspace,
            "target": target,
            "detail": json.dumps(dict(detail or {}), sort_keys=True, ensure_ascii=False),
            "previous": last.hash if last else GENESIS,
        }
        connection.execute(insert(events).values(**row, hash=event_hash(row)))


def event_hash(row: Mapping[str, Any]) -> str:
    """Return the sha256 that ties an event to all before it."""
    return sha256(canonical_dump({key: row[key] for key in sorted(row) if key != "hash"}).encode())
