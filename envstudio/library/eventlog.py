"""The event log: who did what and when, each entry chained by hash to all before it."""

from __future__ import annotations

import json

from sqlalchemy import or_, select

from envstudio.errors import EnvStudioError
from envstudio.library.records import Event
from envstudio.library.store import GENESIS, Store, event_hash
from envstudio.library.tables import events


class EventLog:
    """The events of the whole library."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, name: str | None = None, limit: int | None = None) -> tuple[Event, ...]:
        """Return the workspace's events, newest first; with `name`, those of one environment."""
        query = select(events).where(events.c.workspace == self._store.workspace).order_by(events.c.id.desc())
        if name is not None:
            query = query.where(or_(events.c.target == name, events.c.target.startswith(f"{name}:", autoescape=True)))
        if limit is not None:
            query = query.limit(limit)
        with self._store.read() as connection:
            return tuple(
                Event(row.id, row.at, row.who, row.what, row.workspace, row.target, json.loads(row.detail))
                for row in connection.execute(query)
            )

    def verify(self) -> int:
        """Check the hash chain and return its length. Raises `EnvStudioError` naming the first bad entry."""
        previous, count = GENESIS, 0
        with self._store.read() as connection:
            for row in connection.execute(select(events).order_by(events.c.id)).mappings():
                count += 1
                whole = row["id"] == count and row["previous"] == previous
                if not whole or event_hash(dict(row)) != row["hash"]:
                    raise EnvStudioError(
                        f"The event log was altered at entry {row['id']}.",
                        "Compare with a backup; entries before it are as they were written.",
                    )
                previous = row["hash"]
        return count
