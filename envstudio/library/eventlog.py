"""The event log: who did what and when, each entry chained by hash to all before it."""

from __future__ import annotations

import json

from sqlalchemy import or_, select

from envstudio.library import heads
from envstudio.library.records import Event
from envstudio.library.store import Store
from envstudio.library.tables import events
from envstudio.library.verification import Verified, verify


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

    def verify(self) -> Verified:
        """Check that the log is whole and that all that is stored is what it says. Raises `EnvStudioError`.

        What it ends with counts as seen from then on, unless it is older than what was seen before.
        """
        with self._store.read() as connection:
            library = self._store.library_id(connection)
        # Before the transaction, since others write on meanwhile.
        seen = heads.seen(library)
        with self._store.read() as connection:
            verified = verify(connection, seen)
        if not verified.notice:
            heads.keep(library, verified.head)
        return verified
