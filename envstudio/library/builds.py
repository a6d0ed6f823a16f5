"""The history of builds with their inputs, stages and logs."""

from __future__ import annotations

import json
import os
import platform
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.errors import Act, NotFound, Remedy
from envstudio.library.journal import insert_row, update_rows
from envstudio.library.records import BuildRecord
from envstudio.library.store import Store, now
from envstudio.library.tables import builds, environments
from envstudio.report import Stage

_COLUMNS: Sequence[Any] = tuple(column for column in builds.c if column is not builds.c.log)
"""All but the log, which is longer than all else and read by itself."""


def own_process() -> str:
    """Return what tells this process from others: its machine and number."""
    return f"{platform.node()}:{os.getpid()}"


def status_of(status: str, process: str) -> str:
    """Return "interrupted" for a build whose process is gone; of another machine's nothing is known."""
    node, _, number = process.rpartition(":")
    if status != "running" or node != platform.node() or os.name == "nt":
        return status
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return "interrupted"
    except PermissionError:
        return status
    return status


class Builds:
    """The builds of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, name: str, version: int, builder: str, inputs: Mapping[str, Any] | None = None) -> int:
        """Note that a build began and what was requested, and return its id."""
        with self._store.write() as connection:
            row = self._store.environment_row(connection, name)
            key = insert_row(
                connection,
                builds,
                environment_id=row.id,
                version=version,
                status="running",
                builder=builder,
                inputs=json.dumps(dict(inputs or {})),
                started_at=now(),
                process=own_process(),
            )
            self._store.record(connection, "build.start", f"{name}:{version}", {"id": key})
        return int(key)

    def finish(
        self,
        build: int,
        name: str,
        status: str,
        *,
        seconds: float,
        builder: str,
        stages: Sequence[Stage] = (),
        log: str = "",
        error: str = "",
        image_id: str = "",
    ) -> LibraryChange:
        """Note how a build ended. `status` is "done", "failed" or "cancelled"."""
        with self._store.write() as connection:
            update_rows(
                connection,
                builds,
                builds.c.id == build,
                status=status,
                seconds=seconds,
                builder=builder,
                stages=json.dumps([asdict(stage) for stage in stages]),
                log=zlib.compress(log.encode()),
                error=error,
                image_id=image_id,
            )
            self._store.record(connection, f"build.{status}", name, {"id": build, "image": image_id, "error": error})
        return changed(Aspect.BUILDS | Aspect.ENVIRONMENTS, name)

    def list(self, name: str | None = None, limit: int = 200) -> tuple[BuildRecord, ...]:
        """Return builds, newest first."""
        with self._store.read() as connection:
            query = (
                select(*_COLUMNS, environments.c.name)
                .join(environments)
                .where(self._in_workspace(connection))
                .order_by(builds.c.id.desc())
                .limit(limit)
            )
            if name is not None:
                query = query.where(environments.c.id == self._store.environment_row(connection, name).id)
            return tuple(map(_record, connection.execute(query)))

    def get(self, build: int) -> BuildRecord:
        """Return one build. Raises `NotFound`."""
        with self._store.read() as connection:
            query = select(*_COLUMNS, environments.c.name).join(environments).where(builds.c.id == build)
            row = connection.execute(query.where(self._in_workspace(connection))).first()
            if row is None:
                raise _unknown(build)
            return _record(row)

    def environment(self, build: int) -> str:
        """Return what a build's environment is called now. Raises `NotFound`."""
        query = select(environments.c.name).join(builds, builds.c.environment_id == environments.c.id)
        with self._store.read() as connection:
            name = connection.execute(query.where(builds.c.id == build)).scalar()
        if name is None:
            raise _unknown(build)
        return str(name)

    def log(self, build: int) -> str:
        """Return the log of a build. Raises `NotFound`."""
        with self._store.read() as connection:
            query = select(builds.c.log).join(environments).where(builds.c.id == build)
            row = connection.execute(query.where(self._in_workspace(connection))).first()
            if row is None:
                raise _unknown(build)
            return zlib.decompress(row.log).decode() if row.log else ""

    def _in_workspace(self, connection: Connection) -> ColumnElement[bool]:
        workspace = self._store.workspace_id(connection)
        return and_(environments.c.workspace_id == workspace, environments.c.deleted_at.is_(None))


def _unknown(build: int) -> NotFound:
    return NotFound(
        f"There is no build {build}.",
        "See which there are.",
        code="build-missing",
        subject=str(build),
        remedy=Remedy(Act.LIST_BUILDS),
    )


def _record(row: Any) -> BuildRecord:
    return BuildRecord(
        row.id,
        row.name,
        row.version,
        status_of(row.status, row.process),
        row.builder,
        row.started_at,
        row.seconds,
        row.error,
        tuple(Stage(**stage) for stage in json.loads(row.stages)),
        row.image_id,
        json.loads(row.inputs),
    )
