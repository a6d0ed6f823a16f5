"""Whether the log is whole, and whether all that is stored is what the log says it is.

The events are read in their order: each must follow from the one before by its hash, and each says what became of the
rows that it changed. What they tell together is then compared with the rows, the blobs with their own sha256, and the
end of the log with the last event that this user has seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Row, Table, select

from envstudio.errors import Act, EnvStudioError, Remedy
from envstudio.library import journal
from envstudio.library.journal import LOGGED, Head
from envstudio.library.tables import blobs, environments, events, identity, locks, versions, workspaces

ADVICE = "Compare with a backup: open one as the library."
SHOWN = 50
"""How many findings are listed."""

NOUNS = {
    "workspaces": "workspace",
    "environments": "environment",
    "versions": "version",
    "labels": "label",
    "locks": "lock",
    "images": "image",
    "builds": "build",
    "runs": "run",
    "policies": "policy",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is whole, and the number of rows that are as it says. `notice` reports one older than last seen."""

    entries: int
    rows: int
    head: Head
    notice: str = ""


_Logged = bytes
"""The number of an event in eight bytes, and the digest that it gave a row; none for one that it removed.

An open window verifies too, and 20,000 of these are half as large as pairs of a number and a text.
"""


def verify(connection: Connection, seen: Head | None) -> Verified:
    """Check the whole library; `seen` is the last event known from elsewhere. Raises `EnvStudioError`."""
    log = replayed(connection)
    if log.entries == 0:
        known = f"The last one that was seen is entry {seen[0]}." if seen else ""
        raise EnvStudioError(
            "All entries of the event log were removed.",
            ADVICE,
            known,
            code="library-altered",
            remedy=Remedy(Act.CHOOSE_LIBRARY),
        )
    key = connection.execute(select(identity.c.id)).scalar()
    found = [] if key == log.library else [f"the library's id is {key}, but was {log.library}"]
    rows, differing = _differences(connection, log)
    found += differing
    if found and _is_ahead(seen, log):
        found.insert(0, f"the log ends with entry {log.entries}, but entry {seen[0] if seen else 0} was seen")
    if found:
        more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        others = f", and {len(found) - 1} more" if len(found) > 1 else ""
        summary = f"The library does not match its log: {found[0]}{others}."
        raise EnvStudioError(
            summary,
            ADVICE,
            "\n".join([*found[:SHOWN], *more]),
            code="library-altered",
            remedy=Remedy(Act.CHOOSE_LIBRARY),
        )
    return Verified(log.entries, rows, log.head, _notice(connection, seen, log))


def differences(connection: Connection, log: Log) -> list[str]:
    """Return in what the rows and blobs differ from what the log tells."""
    return _differences(connection, log)[1]


def _differences(connection: Connection, log: Log) -> tuple[int, list[str]]:
    rows, found = 0, []
    for table in LOGGED:
        here, differing = _compared(connection, table, log.logged.get(table.name, {}))
        rows += here
        found += differing
    return rows, [*found, *_changed_blobs(connection)]


class Log(NamedTuple):
    """What the events tell together."""

    entries: int
    head: Head
    library: str
    logged: dict[str, dict[str, _Logged]]
    last: str
    last_at: str


def replayed(connection: Connection) -> Log:
    """Follow the chain of events, and return what it says of each row in the end."""
    count, previous, library, last, last_at = 0, journal.GENESIS, "", "", ""
    logged: dict[str, dict[str, _Logged]] = {}
    for row in journal.rows(connection, select(events).order_by(events.c.id)):
        count += 1
        number, at, _who, what, _workspace, _target, detail, changed, before, digest = row
        if number != count or before != previous or journal.event_hash(row) != digest:
            raise EnvStudioError(
                f"The event log was altered at entry {number}.",
                "Compare with a backup; entries before it are as they were written.",
                code="library-altered",
            )
        previous, last, last_at = digest, what, at
        if what in journal.VOUCHING:
            library = json.loads(detail)["library"]
            logged.clear()
        for table, changes in (json.loads(changed) if changed else {}).items():
            rows, number_bytes = logged.setdefault(table, {}), count.to_bytes(8)
            for key, state in changes.items():
                rows[key] = number_bytes + bytes.fromhex(state or "")
    return Log(count, (count, previous), library, logged, last, last_at)


def _compared(connection: Connection, table: Table, logged: dict[str, _Logged]) -> tuple[int, list[str]]:
    """Return how many rows a table has, and in what they differ from what was reported, which is used up."""
    differing, count = [], 0
    for key, digest in journal.digests(connection, table):
        count += 1
        item = logged.pop(key, None)
        if item is None or item[8:].hex() != digest:
            differing.append(_difference(connection, table, key, item))
    noun = NOUNS[table.name]
    gone = (_entry(connection, logged[key]) for key in sorted(logged) if logged[key][8:])
    return count, [*differing, *(f"{_article(noun)} {noun} that {entry} recorded is missing" for entry in gone)]


def _difference(connection: Connection, table: Table, key: str, item: _Logged | None) -> str:
    name = _name(connection, table, key)
    if item is None:
        return f"{name} is recorded by no entry"
    if not item[8:]:
        return f"{name} is there although {_entry(connection, item)} removed it"
    return f"{name} is not as {_entry(connection, item)} recorded it"


def _entry(connection: Connection, item: _Logged) -> str:
    """Name an event by its number, and by what it was about."""
    number = int.from_bytes(item[:8])
    row = connection.execute(select(events.c.what, events.c.target).where(events.c.id == number)).one()
    return f"entry {number} ({' '.join(filter(None, row))})"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _name(connection: Connection, table: Table, key: str) -> str:
    """Name a row as a user knows it."""
    noun = NOUNS[table.name]
    columns = list(table.primary_key.columns)
    parts = key.split(":", len(columns) - 1)
    query = select(*journal.raw_columns(table))
    for column, part in zip(columns, parts, strict=True):
        query = query.where(column == column.type.python_type(part))
    row = connection.execute(query).one()
    own = getattr(row, "name", "") or getattr(row, "key", "") or f"{getattr(row, 'number', '') or row[0]}"
    return f"{noun} {own}{_owner(connection, row)}"


def _owner(connection: Connection, row: Row[tuple[object, ...]]) -> str:
    if hasattr(row, "environment_id"):
        name = connection.execute(select(environments.c.name).where(environments.c.id == row.environment_id)).scalar()
        return f" of {name}"
    if hasattr(row, "workspace_id"):
        name = connection.execute(select(workspaces.c.name).where(workspaces.c.id == row.workspace_id)).scalar()
        return f" in the workspace {name}"
    return ""


def _changed_blobs(connection: Connection) -> Iterator[str]:
    """Name the stored texts whose bytes are others than those that were stored, or that are gone."""
    query = select(blobs.c.sha256, blobs.c.data)
    wrong = {key for key, data in journal.rows(connection, query) if not journal.is_whole(key, data)}
    for table, column, number, what in (
        (versions, versions.c.source, versions.c.number, "definition of version"),
        (locks, locks.c.blob, locks.c.id, "text of lock"),
    ):
        held = select(column, number, environments.c.name, blobs.c.sha256).select_from(table).join(environments)
        held = held.outerjoin(blobs, blobs.c.sha256 == column).order_by(table.c.id)
        for key, which, name, found in journal.rows(connection, held):
            if found is None or key in wrong:
                yield f"the {what} {which} of {name} was changed or removed"


def _is_ahead(seen: Head | None, log: Log) -> bool:
    return seen is not None and seen[0] > log.entries


def _notice(connection: Connection, seen: Head | None, log: Log) -> str:
    """Say that a library is older than this user has seen it, unless an event explains that."""
    if seen is None or seen == log.head or journal.knows(connection, seen):
        return ""
    if not _is_ahead(seen, log):
        raise EnvStudioError(
            f"The event log was rewritten: its entry {seen[0]} is another than the one that was seen.",
            ADVICE,
            "If this is a copy that another user or machine has gone on with, any change made here is noted as such.",
            code="library-altered",
            remedy=Remedy(Act.CHOOSE_LIBRARY),
        )
    if log.last == journal.BACKUP:
        return f"The library is a backup of {log.last_at[:16].replace('T', ' ')} UTC; entry {seen[0]} was seen since."
    return f"The library is older than last seen: its log ends with entry {log.entries}; entry {seen[0]} was seen."
