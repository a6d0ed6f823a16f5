"""What build contexts held when versions were registered: a list of each one's files, and the files up to a limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from envstudio.domain.context_content import ContextContent, KeptContext
from envstudio.errors import InvalidInput
from envstudio.library.store import Store
from envstudio.library.tables import blobs

MOST_KEYS = 500
"""How many keys one query asks for; SQLite takes 999."""


class Contexts:
    """The contexts of the store. Lists and files are kept by their sha256, each once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, content: ContextContent, files: Mapping[str, bytes]) -> None:
        """Keep the list of a context, and the bytes of some or all of its files by their sha256."""
        with self._store.write() as connection:
            self._store.put_blob(connection, content.to_bytes())
            for data in files.values():
                self._store.put_blob(connection, data)

    def find(self, digest: str) -> KeptContext | None:
        """Return what is kept of a context; None if that is nothing."""
        with self._store.read() as connection:
            key = digest.removeprefix("sha256:")
            if connection.execute(select(blobs.c.sha256).where(blobs.c.sha256 == key)).first() is None:
                return None
            data = self._store.get_blob(connection, key)
        try:
            content = ContextContent.from_bytes(data)
        except InvalidInput:
            # The digest of a definition is what a file says; it can name anything that is stored.
            return None
        return KeptContext(content, self._read, not self.missing(content.hashes))

    def missing(self, keys: Iterable[str]) -> set[str]:
        """Return those of some sha256 under which no bytes are kept."""
        wanted = sorted(set(keys))
        known: set[str] = set()
        with self._store.read() as connection:
            for start in range(0, len(wanted), MOST_KEYS):
                some = wanted[start : start + MOST_KEYS]
                known |= set(connection.execute(select(blobs.c.sha256).where(blobs.c.sha256.in_(some))).scalars())
        return set(wanted) - known

    def _read(self, key: str) -> bytes:
        with self._store.read() as connection:
            return self._store.get_blob(connection, key)
