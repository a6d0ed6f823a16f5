"""What tests do to the SQLite connections of a library that is open, such as leaving its file no room to grow."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.pool import Pool


@contextmanager
def on_each_connection(
    act: Callable[[sqlite3.Connection], object], undo: Callable[[sqlite3.Connection], object] = lambda _: None
) -> Iterator[None]:
    """Do something to every connection before it is used, and undo it when it goes back to its pool."""

    def taken(connection: sqlite3.Connection, *_: object) -> None:
        act(connection)

    def given_back(connection: sqlite3.Connection, *_: object) -> None:
        undo(connection)

    event.listen(Pool, "checkout", taken)
    event.listen(Pool, "checkin", given_back)
    try:
        yield
    finally:
        event.remove(Pool, "checkout", taken)
        event.remove(Pool, "checkin", given_back)


@contextmanager
def full_disk(location: str | Path) -> Iterator[None]:
    """Leave the file of a library no room to grow."""
    with closing(sqlite3.connect(location)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    with on_each_connection(
        lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}"),
        lambda connection: connection.execute("PRAGMA max_page_count = 1073741823"),
    ):
        yield
