"""The history of runs: which version ran what, where, on which exact packages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from envstudio.library.journal import insert_row
from envstudio.library.records import RunRecord
from envstudio.library.store import Store
from envstudio.library.tables import environments, runs


class Runs:
    """The runs of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        name: str,
        version: int,
        target: str,
        command: Sequence[str],
        *,
        exit_code: int,
        started_at: datetime,
        seconds: float,
        lock_digest: str = "",
        image_id: str = "",
    ) -> int:
        """Remember a run and return its id."""
        with self._store.write() as connection:
            row = self._store.environment_row(connection, name)
            key = insert_row(
                connection,
                runs,
                environment_id=row.id,
                version=version,
                target=target,
                command=json.dumps(list(command)),
                exit_code=exit_code,
                started_at=started_at,
                seconds=seconds,
                lock_digest=lock_digest,
                image_id=image_id,
            )
            self._store.record(connection, "run", f"{name}:{version}", {"id": key, "target": target, "exit": exit_code})
        return int(key)

    def list(self, name: str | None = None, limit: int = 200) -> tuple[RunRecord, ...]:
        """Return runs, newest first."""
        with self._store.read() as connection:
            query = (
                select(runs, environments.c.name)
                .join(environments)
                .where(environments.c.workspace_id == self._store.workspace_id(connection))
                .order_by(runs.c.id.desc())
                .limit(limit)
            )
            if name is not None:
                query = query.where(environments.c.id == self._store.environment_row(connection, name).id)
            return tuple(
                RunRecord(
                    row.id,
                    row.name,
                    row.version,
                    row.target,
                    tuple(json.loads(row.command)),
                    row.exit_code,
                    row.started_at,
                    row.seconds,
                    row.lock_digest,
                    row.image_id,
                )
                for row in connection.execute(query)
            )
