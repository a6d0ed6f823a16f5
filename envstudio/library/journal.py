"""The one place where stored rows change, and where the log learns what they are from then on.

Rows of the `LOGGED` tables are written by `insert_row`, `update_rows` and `delete_rows` alone. These note which rows
they touched; the next event of the transaction holds the digest of each as it is then, or null for one that is gone.
Replaying the log therefore gives the digest of every row that there should be (`verification.py`). Blobs need no
entry: they are stored under their own sha256, which is in a row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    Select,
    Table,
    and_,
    insert,
    select,
    type_coerce,
)
from sqlalchemy import delete as sql_delete
from sqlalchemy import update as sql_update
from sqlalchemy.types import NullType

from envstudio.domain.canonical import canonical_dump, sha256
from envstudio.library.tables import (
    Utc,
    builds,
    environments,
    events,
    images,
    labels,
    locks,
    policies,
    runs,
    versions,
    workspaces,
)

LOGGED: tuple[Table, ...] = (workspaces, environments, versions, labels, locks, images, builds, runs, policies)
"""Drafts are written as they are typed, without an event; the two tables for searching follow from definitions."""

GENESIS = "0" * 64
BACKUP, RESTORE = "library.backup", "library.restore"
CREATE, BASELINE, REPAIR = "library.create", "library.baseline", "library.repair"
VOUCHING = (CREATE, BASELINE, REPAIR)
"""The events that report every row there is."""
TOUCHED = "envstudio_touched"
HEAD = "envstudio_head"
Head = tuple[int, str]
"""The number and the hash of the last event."""


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def begin(connection: Connection) -> None:
    """Forget what an earlier transaction of the same connection left behind."""
    connection.info[TOUCHED] = {}
    connection.info.pop(HEAD, None)


def end(connection: Connection) -> Head | None:
    """Return the last event that the transaction appended, if any; rows that changed without one are a bug."""
    if connection.info[TOUCHED]:
        raise RuntimeError(f"Changed without an event: {sorted(connection.info[TOUCHED])}")
    head: Head | None = connection.info.get(HEAD)
    return head


def insert_row(connection: Connection, table: Table, **values: Any) -> Any:
    """Append a row and return its primary key: one value, or a tuple of several."""
    key = tuple(connection.execute(insert(table).values(**values)).inserted_primary_key or ())
    _touch(connection, table, [key])
    return key[0] if len(key) == 1 else key


def update_rows(connection: Connection, table: Table, where: ColumnElement[bool], **values: Any) -> int:
    """Change rows and return how many there are; their keys never change."""
    keys = _keys(connection, table, where)
    if keys:
        connection.execute(sql_update(table).where(where).values(**values))
        _touch(connection, table, keys)
    return len(keys)


def delete_rows(connection: Connection, table: Table, where: ColumnElement[bool]) -> int:
    """Remove rows and return how many there were. Rows that depend on them have to be removed before."""
    keys = _keys(connection, table, where)
    if keys:
        connection.execute(sql_delete(table).where(where))
        _touch(connection, table, keys)
    return len(keys)


def append_event(
    connection: Connection,
    *,
    who: str,
    workspace: str,
    what: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
    last: Head | None = None,
    tells: bool = True,
) -> None:
    """Append an event in the caller's transaction; it `tells` of the rows that were touched since the last one."""
    number, previous = last or last_event(connection) or (0, GENESIS)
    row = {
        "id": number + 1,
        "at": now().isoformat(timespec="milliseconds"),
        "who": who,
        "what": what,
        "workspace": workspace,
        "target": target,
        "detail": json.dumps(dict(detail or {}), sort_keys=True, ensure_ascii=False),
        "changes": _changes(connection) if tells else "{}",
        "previous": previous,
    }
    digest = event_hash([row[name] for name in _HASHED])
    connection.execute(insert(events).values(**row, hash=digest))
    connection.info[HEAD] = number + 1, digest


def append_baseline(connection: Connection, what: str, library: str, seen: Head | None = None) -> None:
    """Append an event that vouches for every row as it is: the first one, and the one after a migration or repair.

    After a repair it names the last event that was `seen`, which may be lost.
    """
    begin(connection)
    for table in LOGGED:
        _touch(connection, table, [tuple(row) for row in connection.execute(select(*table.primary_key.columns))])
    detail = {"library": library, **({"entry": seen[0], "hash": seen[1]} if seen else {})}
    append_event(connection, who="envstudio", workspace="", what=what, target="", detail=detail)


def last_event(connection: Connection) -> Head | None:
    """Return the last event, locked against other writers."""
    query = select(events.c.id, events.c.hash).order_by(events.c.id.desc()).limit(1)
    found = connection.execute(query.with_for_update()).first()
    return (found.id, found.hash) if found else None


def knows(connection: Connection, head: Head) -> bool:
    """Return whether the log holds an event that was seen, or says that the library went on without it."""
    number, digest = head
    if connection.execute(select(events.c.hash).where(events.c.id == number)).scalar() == digest:
        return True
    restored = connection.execute(select(events.c.detail).where(events.c.what.in_((RESTORE, REPAIR)))).scalars()
    return any(json.loads(detail).get("hash") == digest for detail in restored)


def event_hash(values: Sequence[Any]) -> str:
    """Return the sha256 that ties an event to all before it: of its values but the hash, in the order of the columns.

    The programs of schema 1 took it of the JSON of these values by name; their events report no changes.
    """
    hashed = tuple(values[: len(_HASHED)])
    if hashed[_CHANGES]:
        return _sha256_of(hashed)
    named = dict(zip(_HASHED, hashed, strict=True))
    del named["changes"]
    return sha256(canonical_dump(named).encode())


_HASHED = [column.name for column in events.columns if column is not events.c.hash]
_CHANGES = _HASHED.index("changes")


def _sha256_of(values: tuple[Any, ...]) -> str:
    """Return the sha256 of Python's ASCII form of plain values, which takes a fifth of the time of JSON."""
    return sha256(ascii(values).encode())


def is_whole(key: str, data: object) -> bool:
    """Return whether a blob's bytes are those that it is stored under."""
    return isinstance(data, bytes | bytearray | memoryview) and sha256(bytes(data)) == key


def key_text(key: Sequence[Any]) -> str:
    """Return a primary key as events name it."""
    return ":".join(map(str, key))


def digests(
    connection: Connection, table: Table, where: ColumnElement[bool] | None = None
) -> Iterator[tuple[str, str]]:
    """Return the key and the digest of rows as they are now."""
    query = select(*raw_columns(table))
    query = query if where is None else query.where(where)
    digest, keys = _digest_of(table), _key_locations(table)
    if len(keys) == 1:
        (position,) = keys
        return ((str(row[position]), digest(row)) for row in rows(connection, query))
    return ((key_text([row[position] for position in keys]), digest(row)) for row in rows(connection, query))


def rows(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    """Return the rows of a query, fetched many at a time, which takes half as long as one by one."""
    for some in connection.execute(query).partitions(200):
        yield from some


@cache
def raw_columns(table: Table) -> tuple[ColumnElement[Any], ...]:
    """Return a table's columns with times as the database has them, which are compared and not shown."""
    return tuple(
        type_coerce(column, NullType()) if isinstance(column.type, Utc) else column for column in table.columns
    )


@cache
def _digest_of(table: Table) -> Callable[[Row[Any]], str]:
    """Return a function that gives the sha256 of a row's values in the order of the columns.

    Bytes stand as their own sha256.
    """
    binary = [position for position, column in enumerate(table.columns) if isinstance(column.type, LargeBinary)]
    if not binary:
        return lambda row: _sha256_of(tuple(row))

    def digest(row: Row[Any]) -> str:
        values = list(row)
        for position in binary:
            values[position] = None if values[position] is None else sha256(bytes(values[position]))
        return _sha256_of(tuple(values))

    return digest


def _changes(connection: Connection) -> str:
    """Return the rows touched since the last event as JSON: table, key and digest, null for those that are gone."""
    touched: dict[str, dict[tuple[Any, ...], None]] = connection.info[TOUCHED]
    found: dict[str, dict[str, str | None]] = {}
    for table in LOGGED:
        keys = list(touched.pop(table.name, {}))
        if keys:
            found[table.name] = dict.fromkeys(map(key_text, keys))
            for where in _chunks(table, keys):
                found[table.name].update(digests(connection, table, where))
    return canonical_dump(found)


def _chunks(table: Table, keys: list[tuple[Any, ...]], size: int = 500) -> Iterator[ColumnElement[bool]]:
    """Return conditions that select rows by their keys; databases limit how many values a statement has."""
    columns = list(table.primary_key.columns)
    if len(columns) > 1:
        yield from (and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in keys)
        return
    for start in range(0, len(keys), size):
        yield columns[0].in_([key[0] for key in keys[start : start + size]])


@cache
def _key_locations(table: Table) -> tuple[int, ...]:
    columns = list(table.columns)
    return tuple(columns.index(column) for column in table.primary_key.columns)


def _keys(connection: Connection, table: Table, where: ColumnElement[bool]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(select(*table.primary_key.columns).where(where))]


def _touch(connection: Connection, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
    connection.info[TOUCHED].setdefault(table.name, {}).update(dict.fromkeys(keys))
