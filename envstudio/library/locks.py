"""Locks: kept by the digest of the definition that they were solved for."""

from __future__ import annotations

import json
from functools import lru_cache

from sqlalchemy import Connection, Row, insert, select

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.domain.lock import Lock, parse_lock
from envstudio.library.journal import insert_row
from envstudio.library.records import LockRecord, LockSummary
from envstudio.library.store import Store, now
from envstudio.library.tables import locked_packages, locks


class Locks:
    """The locks of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, name: str, lock: Lock) -> LibraryChange:
        """Keep a lock of an environment; an older one for the same definition stays behind it."""
        text = lock.to_json()
        with self._store.write() as connection:
            row = self._store.environment_row(connection, name)
            insert_row(
                connection,
                locks,
                environment_id=row.id,
                definition_digest=lock.definition_digest,
                lock_digest=lock.digest,
                blob=self._store.put_blob(connection, text.encode()),
                platforms=json.dumps(lock.platform_names),
                created_at=now(),
                created_by=self._store.who,
            )
            _index_packages(connection, lock)
            # Whoever saves it is about to show it, mostly in a thread that must not take long.
            _parsed(text)
            self._store.record(connection, "lock", name, {"definition": lock.definition_digest, "lock": lock.digest})
        return changed(Aspect.LOCKS | Aspect.ENVIRONMENTS, name)

    def find(self, name: str, definition_digest: str) -> LockRecord | None:
        """Return the newest lock of exactly that definition, else None."""
        return self._newest(name, definition_digest)

    def nearest(self, name: str, definition_digest: str) -> LockRecord | None:
        """Return the newest lock of that definition; if it has none, the newest of the environment, else None."""
        return self._newest(name, definition_digest, others=True)

    def newest(self, name: str) -> LockRecord | None:
        """Return the newest lock of the environment whatever its definition, else None."""
        return self._newest(name, None)

    def list(self, name: str, definition_digest: str) -> tuple[LockSummary, ...]:
        """Return the locks that a definition has had, newest first; one that was stored again counts as its newest."""
        with self._store.read() as connection:
            environment = self._store.environment_row(connection, name)
            query = select(locks).where(
                locks.c.environment_id == environment.id, locks.c.definition_digest == definition_digest
            )
            found: dict[str, LockSummary] = {}
            for row in connection.execute(query.order_by(locks.c.id.desc())):
                found.setdefault(
                    row.lock_digest,
                    LockSummary(
                        row.lock_digest,
                        row.definition_digest,
                        tuple(json.loads(row.platforms)),
                        row.created_at,
                        row.created_by,
                    ),
                )
        return tuple(found.values())

    def get(self, name: str, lock_digest: str) -> LockRecord | None:
        """Return a lock of an environment by its digest, else None."""
        with self._store.read() as connection:
            environment = self._store.environment_row(connection, name)
            query = select(locks).where(locks.c.environment_id == environment.id, locks.c.lock_digest == lock_digest)
            row = connection.execute(query.order_by(locks.c.id.desc()).limit(1)).first()
            if row is None:
                return None
            text = self._store.get_blob(connection, row.blob).decode()
            return LockRecord(_parsed(text), row.created_at, row.created_by)

    def platforms(self, name: str, definition_digest: str) -> tuple[str, ...]:
        """Return the platforms of the newest lock of a definition without reading the lock itself."""
        with self._store.read() as connection:
            row = self._row(connection, name, definition_digest)
            return tuple(json.loads(row.platforms)) if row is not None else ()

    def _newest(self, name: str, definition_digest: str | None, *, others: bool = False) -> LockRecord | None:
        with self._store.read() as connection:
            row = self._row(connection, name, definition_digest, others=others)
            if row is None:
                return None
            text = self._store.get_blob(connection, row.blob).decode()
            return LockRecord(_parsed(text), row.created_at, row.created_by)

    def _row(
        self, connection: Connection, name: str, definition_digest: str | None, *, others: bool = False
    ) -> Row[tuple[object, ...]] | None:
        """Return the newest row, of a definition if one is given; those of `others` stand behind them."""
        environment = self._store.environment_row(connection, name)
        query = select(locks).where(locks.c.environment_id == environment.id)
        if definition_digest is not None and others:
            query = query.order_by((locks.c.definition_digest == definition_digest).desc())
        elif definition_digest is not None:
            query = query.where(locks.c.definition_digest == definition_digest)
        return connection.execute(query.order_by(locks.c.id.desc()).limit(1)).first()


@lru_cache(maxsize=4)
def _parsed(text: str) -> Lock:
    """Read a lock once for all that ask within a moment: two are compared, package by package and image by image."""
    return parse_lock(text)


def _index_packages(connection: Connection, lock: Lock) -> None:
    """Note what a lock holds, once for each digest, so that searches find it."""
    digest = lock.digest
    known = select(locked_packages.c.name).where(locked_packages.c.lock_digest == digest).limit(1)
    pairs = {(package.name, package.version) for item in lock.platforms for package in item.packages}
    if pairs and connection.execute(known).first() is None:
        connection.execute(
            insert(locked_packages),
            [{"lock_digest": digest, "name": name, "version": version} for name, version in sorted(pairs)],
        )
