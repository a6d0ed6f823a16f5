"""Recovering what is whole of a damaged SQLite library into a new file; the damaged one is only read.

Rows are read one after the other, from both ends of each table, and past those that cannot be read. What is not what
this program wrote (a value of another type, a text that is not its sha256, a row that hangs on a lost one) is left out.
The new file's log keeps the entries before the first that was lost, and ends with one that vouches for the rest.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    Table,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError

from envstudio.errors import Conflict, EnvStudioError, InvalidInput, NotFound
from envstudio.library import heads, journal, verification
from envstudio.library.connection import DURABLE, WRITES, library_url, open_engine
from envstudio.library.damage import JSON_COLUMNS
from envstudio.library.tables import (
    blobs,
    drafts,
    environments,
    events,
    identity,
    metadata,
    policies,
    versions,
    workspaces,
)

GAP = 2000
"""How many keys in a row are tried beyond one that cannot be read."""

TYPES: dict[type, tuple[type, ...]] = {Integer: (int,), Boolean: (int,), Float: (int, float), LargeBinary: (bytes,)}
LONGEST_PAD = 2**30
"""A larger end is not what was cut off, but a header that was damaged."""

KIND = "system-managed"
FIRST = (identity, workspaces, blobs, environments, versions)
"""On these the other tables hang."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """The new file, how many rows of it are whole, and what is lost, in words."""

    file: Path
    rows: int
    lost: tuple[str, ...]


def repair(location: str, target: Path) -> Repaired:
    """Recover a library into a new file. Raises `NotFound`, `InvalidInput`, `Conflict`, `EnvStudioError`."""
    url = library_url(location)
    if url.get_backend_name() != "sqlite":
        raise InvalidInput("This library is on a server, which repairs its own files.", "Use the server's own tools.")
    source = Path(str(url.database))
    if not source.is_file():
        raise NotFound(f"There is no library at {source}.", "Check the path.", code="file-missing", subject=str(source))
    if target.exists():
        raise Conflict(
            f"{target} exists already; nothing was repaired.",
            "Choose a name that is free.",
            code="file-exists",
            subject=str(target),
        )
    with tempfile.TemporaryDirectory(prefix="envstudio-repair-") as folder:
        # SQLite writes to what it opens, if only to take in the log beside it.
        copy = Path(folder) / source.name
        for end in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{source}{end}", f"{copy}{end}")
        _pad(copy)
        engine = open_engine(target)
        try:
            return _filled(engine, copy, target)
        except BaseException:
            engine.dispose()
            for end in ("", "-wal", "-shm"):
                Path(f"{target}{end}").unlink(missing_ok=True)
            raise
        finally:
            engine.dispose()


def _pad(copy: Path) -> None:
    """Give a file that was cut off the length that its header states, without which SQLite reads none of it.

    The size of a page and their number: https://www.sqlite.org/fileformat2.html#the_database_header
    """
    with copy.open("r+b") as file:
        head = file.read(32)
        size = int.from_bytes(head[16:18]) if len(head) == 32 else 0
        wanted = (65536 if size == 1 else size) * int.from_bytes(head[28:32])
        length = file.seek(0, 2)
        if length < wanted <= length + LONGEST_PAD:
            file.truncate(wanted)


def _filled(engine: Engine, copy: Path, target: Path) -> Repaired:
    with engine.execution_options(**{WRITES: DURABLE}).begin() as connection:
        journal.begin(connection)
        # What the new file came with gives way to what is recovered.
        for table in (events, identity):
            connection.execute(table.delete())
        lost = []
        with closing(sqlite3.connect(copy)) as file:
            file.text_factory = _text
            # Tables whose schema can be read are read although that of another cannot.
            file.execute("PRAGMA writable_schema = ON")
            for table in (*FIRST, *(item for item in metadata.tables.values() if item not in FIRST)):
                lost += _recovered(connection, file, table)
        return _completed(connection, target, lost)


def _completed(connection: Connection, target: Path, lost: list[str]) -> Repaired:
    """Fix what hangs together, compare the rest with what the log tells, and have the log vouch for it."""
    _fix_latest(connection)
    log = verification.replayed(connection)
    if log.library:
        # Without an event that vouches for the rows, as in schema 1, the log reports none.
        lost += verification.differences(connection, log)
    rows = sum(len(connection.execute(select(*table.primary_key.columns)).all()) for table in journal.LOGGED)
    if not rows:
        raise EnvStudioError("Nothing could be recovered.", "Restore a backup.")
    key = connection.execute(select(identity.c.id)).scalar()
    if key is None:
        key = log.library or str(uuid4())
        connection.execute(insert(identity).values(id=key))
    # Searching reads two tables that follow from definitions and locks; what is lacking there is not named.
    journal.append_baseline(connection, journal.REPAIR, key, heads.seen(key))
    return Repaired(target, rows, tuple(dict.fromkeys(lost)))


def _text(data: bytes) -> str | bytes:
    """Return a text; bytes that are none stay bytes, which no column of text admits."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _recovered(connection: Connection, file: sqlite3.Connection, table: Table) -> list[str]:
    """Insert the rows of a table that are whole, and return what is lost in words."""
    try:
        names = [row[1] for row in file.execute(f"PRAGMA table_info({table.name})")]
    except sqlite3.DatabaseError:
        names = []
    columns = [column for column in table.columns if column.name in names]
    if not set(table.primary_key.columns) <= set(columns):
        # Earlier schemas had neither an id nor policies.
        return [] if table in (identity, policies) else [f"all of the table {table.name}"]
    lost, previous = 0, journal.GENESIS
    for values in _rows(file, table.name, [column.name for column in columns]):
        row = values and _admitted(columns, values)
        if table is events and row:
            # Entries after one that is lost prove nothing, as each holds the hash of the one before.
            row = row if row["previous"] == previous and row["hash"] == _hash(row) else None
            previous = row["hash"] if row else ""
        if not row or not _inserted(connection, table, row):
            lost += 1
    return [f"{lost} of the table {table.name}"] if lost and table in (events, drafts) else []


def _hash(row: dict[str, Any]) -> str:
    return journal.event_hash([row.get(column.name, "") for column in events.columns])


def _rows(file: sqlite3.Connection, name: str, columns: list[str]) -> Iterator[tuple[Any, ...] | None]:
    """Yield rows in the order of their keys, and None for each stretch that cannot be read."""
    query = f"SELECT rowid, {', '.join(columns)} FROM {name} NOT INDEXED WHERE rowid > ? ORDER BY rowid"
    last, seen = -(2**62), False
    while True:
        try:
            for row in file.execute(query, (last,)):
                last, seen = row[0], True
                yield row[1:]
            return
        except sqlite3.DatabaseError:
            yield None
        found = _next(file, name, columns, last if seen else 0)
        if found is None:
            yield from _from_the_end(file, name, columns, last)
            return
        last, seen = found[0], True
        yield found[1:]


def _next(file: sqlite3.Connection, name: str, columns: list[str], last: int) -> tuple[Any, ...] | None:
    """Return the first row behind one that cannot be read, if there is one near it."""
    query = f"SELECT rowid, {', '.join(columns)} FROM {name} NOT INDEXED WHERE rowid = ?"
    for key in range(last + 1, last + GAP):
        with suppress(sqlite3.DatabaseError):
            row: tuple[Any, ...] | None = file.execute(query, (key,)).fetchone()
            if row is not None:
                return row
    return None


def _from_the_end(
    file: sqlite3.Connection, name: str, columns: list[str], last: int
) -> Iterator[tuple[Any, ...] | None]:
    query = f"SELECT rowid, {', '.join(columns)} FROM {name} NOT INDEXED WHERE rowid > ? ORDER BY rowid DESC"
    found = []
    with suppress(sqlite3.DatabaseError):
        for row in file.execute(query, (last,)):
            found.append(row[1:])
    yield from reversed(found)


def _admitted(columns: list[Column[Any]], values: tuple[Any, ...]) -> dict[str, Any] | None:
    """Return a row as it was written; None if a value cannot be what this program wrote."""
    row = {column.name: value for column, value in zip(columns, values, strict=True)}
    for column in columns:
        value, kind = row[column.name], getattr(column.type, "impl", column.type)
        if value is None:
            if not column.nullable:
                return None
        elif isinstance(kind, DateTime):
            try:
                datetime.fromisoformat(value)
            except (TypeError, ValueError):
                return None
        elif not isinstance(value, next((item for base, item in TYPES.items() if isinstance(kind, base)), (str,))):
            return None
        elif column.name in JSON_COLUMNS:
            try:
                json.loads(str(value))
            except ValueError:
                return None
    return row


def _inserted(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row if it is whole and all is there that it hangs on."""
    if table is blobs and not journal.is_whole(row["sha256"], row["data"]):
        return False
    _stand_in(connection, table, row)
    names = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    try:
        # As they are stored, since types of SQLAlchemy's would read them anew.
        with connection.begin_nested():
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", tuple(row.values()))
    except DatabaseError:
        return False
    return True


def _stand_in(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Make a workspace or environment that is lost anew, under a name that says so, for what is in it."""
    moment = journal.now()
    if table is environments:
        key = row["workspace_id"]
        if connection.execute(select(workspaces.c.id).where(workspaces.c.id == key)).first() is None:
            values = {"id": key, "name": f"recovered-{key}", "created_at": moment, "updated_at": moment}
            journal.insert_row(connection, workspaces, **values)
    elif table is versions:
        key = row["environment_id"]
        if connection.execute(select(environments.c.id).where(environments.c.id == key)).first() is None:
            home = connection.execute(select(func.min(workspaces.c.id))).scalar()
            if home is None:
                fresh = {"name": f"recovered-{key}", "created_at": moment, "updated_at": moment}
                home = journal.insert_row(connection, workspaces, **fresh)
            values = {"id": key, "workspace_id": home, "name": f"recovered-{key}", "kind": KIND, "latest": 0}
            values |= {"digest": "", "updated_at": moment, "updated_by": row["created_by"]}
            journal.insert_row(connection, environments, **values)


def _fix_latest(connection: Connection) -> None:
    """Let each environment's row name the newest version that is left; one without any is left out."""
    for row in connection.execute(select(environments)).all():
        query = select(versions).where(versions.c.environment_id == row.id).order_by(versions.c.number.desc())
        newest = connection.execute(query.limit(1)).first()
        this = environments.c.id == row.id
        if newest is None:
            journal.delete_rows(connection, environments, this)
        elif newest.number != row.latest:
            about = {"description": newest.description, "tags": newest.tags, "digest": newest.digest}
            journal.update_rows(connection, environments, this, latest=newest.number, **about)
