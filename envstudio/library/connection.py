"""Opening a library: the engine, its pragmas, its migrations, and the database's errors in plain words.

All SQLite-only code of the library is in this file.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from envstudio.errors import Act, Conflict, EnvStudioError, InvalidInput, Remedy, Unavailable
from envstudio.library.location import REVISION

BUSY_SECONDS = 60
RETRY_SECONDS = 0.01
PRIMARY_CODE = 0xFF
"""The bits of SQLite's extended error codes that hold the error without its details."""
POSTGRESQL, POSTGRESQL_DRIVER = "postgresql", "postgresql+psycopg"
CONNECT_SECONDS = 10
WRITERS_LOCK = 0x656E7673
"""What writers to a PostgreSQL library wait for; any number, but the same for all."""

SQLITE_HEADER = b"SQLite format 3\0"
BACKUP_PAGES = 2000
WRITES = "envstudio_writes"
DURABLE, SOON = "durable", "soon"
SYNCHRONOUS = {DURABLE: "FULL", SOON: "NORMAL"}
"""What is registered is on the disk when it is said to be stored: the log is flushed at each commit. What is typed is
written often and may wait for the next flush; a power cut takes the drafts since, and damages nothing either way."""
CACHE = "cache_size=-512"
"""Kilobytes of pages that each connection holds; what it reads again is in the system's cache anyway."""


def library_url(location: str | Path) -> URL:
    """Return the database URL for a URL or a path of a SQLite file. Raises `InvalidInput`."""
    given = str(location)
    if "://" not in given:
        return URL.create("sqlite", database=str(Path(given).expanduser().absolute()))
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise InvalidInput(
            f"{given!r} is not a library's address.",
            "Give a path, or a URL like postgresql://host/name.",
            str(error),
        ) from error
    return url.set(drivername=POSTGRESQL_DRIVER) if url.drivername == POSTGRESQL else url


def open_engine(location: str | Path) -> Engine:
    """Connect to a library, making or migrating it where needed. Raises `EnvStudioError` in plain words."""
    url = library_url(location)
    path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if path is not None:
        _check_file(path)
    options: dict[str, Any] = {}
    if path is None:
        # A server may have been started anew since a connection was used last.
        options = {"pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECT_SECONDS}}
    else:
        address = _address(path)
        options["creator"] = lambda: sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        engine = create_engine(url, **options)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        name = url.get_backend_name()
        how = "Install it: pip install 'envstudio[postgresql]'" if name == POSTGRESQL else "Use a path of a file."
        raise InvalidInput(f"There is no database driver for {name}.", how, str(error)) from error
    if path is None:
        _prepare_server(engine)
    if path is not None:
        _prepare_sqlite(engine, writable=address == _uri(path))
    with explained(url):
        _migrate(engine, path)
    return engine


def _check_file(path: Path) -> None:
    """Refuse what is not a library before SQLite touches it."""
    try:
        if path.is_dir():
            raise InvalidInput(
                f"{path} is a folder, not a library.",
                "Name a file, such as library.sqlite in it.",
                code="not-a-library",
                subject=str(path),
            )
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            return
        with path.open("rb") as file:
            head = file.read(len(SQLITE_HEADER))
    except OSError as error:
        raise InvalidInput(
            f"The library {path} cannot be opened.", "Check the path and its permissions.", str(error)
        ) from error
    if head and head != SQLITE_HEADER:
        raise InvalidInput(
            f"{path} is not an EnvStudio library.",
            "Choose another file.",
            code="not-a-library",
            subject=str(path),
            remedy=Remedy(Act.CHOOSE_LIBRARY),
        )


def _uri(path: Path, options: str = "") -> str:
    """Return the address by which SQLite opens a file."""
    return f"{path.absolute().as_uri()}{options}"


def _address(path: Path) -> str:
    """Return the address of a library's file, which is read as it is on a disk that cannot be written.

    SQLite reads a file in WAL mode only if it can make two files beside it, or finds them. Otherwise the file has to
    be declared immutable, which must not hide changes that are still in the log beside it. Raises `EnvStudioError`.
    """
    log, index = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    if not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return _uri(path)
    if log.exists() and index.exists():
        return _uri(path) if os.access(path, os.W_OK) else _uri(path, "?mode=ro")
    if log.exists() and log.stat().st_size:
        raise EnvStudioError(
            f"The library {path} cannot be read where it is: its last changes are still in {log.name} beside it.",
            "Copy both files to a disk that can be written, and open the copy.",
            code="library-read-only",
            subject=str(path),
        )
    return _uri(path, "?mode=ro&immutable=1")


def _prepare_sqlite(engine: Engine, *, writable: bool) -> None:
    """Take transactions into our own hands: WAL, foreign keys, and BEGIN IMMEDIATE for whoever will write."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        if writable:
            _switch_to_wal(connection)
        for pragma in ("foreign_keys=ON", CACHE):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        if writes:
            connection.exec_driver_sql(f"PRAGMA synchronous={SYNCHRONOUS[writes]}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Have changes logged beside the file, as all later connections find it.

    SQLite waits for other connections in a statement that starts a transaction, but not in this one, which reads first
    and then writes: if several programs make a library at once, all but one are refused at once and try again here.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(RETRY_SECONDS)


def _prepare_server(engine: Engine) -> None:
    """Let writers wait for each other as they do for a file, and readers see one state throughout."""
    if engine.url.get_backend_name() != POSTGRESQL:
        raise InvalidInput(
            f"A library on {engine.url.get_backend_name()} is not supported.", "Use a path of a file, or PostgreSQL."
        )

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _migrate(engine: Engine, path: Path | None) -> None:
    """Bring the tables to this program's revision; refuse a newer library or a database that is something else."""
    current, others = _state(engine)
    if current == REVISION:
        return
    if current is None and others:
        raise InvalidInput(
            f"{engine.url.render_as_string()} is a database, but not an EnvStudio library.",
            "Choose another database or file.",
            code="not-a-library",
            remedy=Remedy(Act.CHOOSE_LIBRARY),
        )
    from envstudio.library import migrate

    if current is not None and not migrate.is_known(current):
        raise EnvStudioError(
            f"The library was written by a newer EnvStudio (revision {current}; this program knows {REVISION}).",
            "Update EnvStudio, or open another library.",
            code="newer-program",
        )
    if path is not None and not is_writable(engine.url):
        raise EnvStudioError(
            f"The library {path} was written by an older EnvStudio and has to be brought up to date, but is read-only.",
            "Copy it to a disk that can be written, and open the copy.",
            code="library-read-only",
            subject=str(path),
        )
    if path is not None and current is not None:
        _copy_before_migration(path, current)
    try:
        migrate.upgrade(engine.execution_options(**{WRITES: DURABLE}))
    except migrate.UnknownRevision as error:
        # No program of ours writes it.
        raise damaged(location_of(engine.url), str(error)) from error


def _state(engine: Engine) -> tuple[str | None, bool]:
    """Return the revision, if any, and whether there are tables of someone else's."""
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        if "alembic_version" in names and "workspaces" in names:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar(), False
        return None, bool(names - {"alembic_version"})


def _copy_before_migration(path: Path, revision: str) -> None:
    """Keep the file as it was, beside it."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    target = path.with_name(f"{path.name}.{revision}.{stamp}.backup")
    # Another program that starts at the same time makes the same copy, or has brought the library up to date meanwhile.
    with suppress(Conflict):
        copy_library(path, target, lambda done, total: None)
        if _revision_of(target) != revision:
            target.unlink(missing_ok=True)


def _revision_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as file:
        return str(file.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def check_back_up(engine: Engine, target: Path) -> None:
    """Raise `InvalidInput` for a library that cannot be copied, and `Conflict` for a file that exists."""
    if engine.url.get_backend_name() != "sqlite":
        raise InvalidInput(
            "This library is on a server, which is not copied from here.", "Use the server's own backup."
        )
    if target.exists():
        raise Conflict(
            f"{target} exists already; nothing was copied.",
            "Choose a name that is free.",
            code="file-exists",
            subject=str(target),
        )


def back_up(engine: Engine, target: Path, progress: Callable[[int, int], None]) -> None:
    """Copy a SQLite library into a new file, page by page, while others read and write it."""
    copy_library(Path(engine.url.database or ""), target, progress)


def copy_library(source: Path, target: Path, progress: Callable[[int, int], None]) -> None:
    """Copy a library's file, with what is still in the log beside it, into a new file.

    `progress` gets the pages done and in all. Raises `Conflict` if the target exists, and `EnvStudioError`.
    """
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        _copy_pages(source, part, progress)
        # A hard link never replaces a file that someone else made meanwhile, as renaming does on Unix.
        try:
            os.link(part, target)
        except FileExistsError as error:
            raise Conflict(
                f"{target} exists already; nothing was copied.",
                "Choose a name that is free.",
                code="file-exists",
                subject=str(target),
            ) from error
        except OSError:
            part.rename(target)
    except (OSError, sqlite3.Error) as error:
        if "malformed" in str(error):
            raise damaged(str(source), str(error)) from error
        why = ": the disk is full" if "full" in str(error) else ""
        raise EnvStudioError(
            f"The library cannot be copied to {target}{why}.", "Check the path and the free space.", str(error)
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _copy_pages(source: Path, target: Path, progress: Callable[[int, int], None]) -> None:
    reading, writing = sqlite3.connect(source, timeout=BUSY_SECONDS), sqlite3.connect(target)
    try:
        reading.backup(writing, pages=BACKUP_PAGES, progress=lambda _, left, total: progress(total - left, total))
        found = writing.execute("PRAGMA integrity_check").fetchone()
        if found != ("ok",):
            raise sqlite3.DatabaseError(f"the copy is damaged: {found}")
    finally:
        writing.close()
        reading.close()


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn the database's errors into ones that tell the user what to do."""
    is_file, location = url.get_backend_name() == "sqlite", location_of(url)
    try:
        yield
    except OperationalError as error:
        raise _operational(location, str(error.orig), is_file=is_file) from error
    except UnicodeDecodeError as error:
        # SQLite names what it cannot read in the bytes that it found.
        raise damaged(location, str(error)) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        reason = str(error.orig if isinstance(error, DatabaseError) else error)
        if "not a database" in reason:
            raise InvalidInput(
                f"{location} is not an EnvStudio library, or it is damaged.",
                "Open another file, or restore a copy.",
                reason,
                code="not-a-library",
                subject=location,
                remedy=Remedy(Act.CHOOSE_LIBRARY),
            ) from error
        if isinstance(error, sqlite3.DatabaseError) or "malformed" in reason:
            raise damaged(location, reason) from error
        if "permission denied" in reason or "read-only transaction" in reason:
            raise EnvStudioError(
                f"The library {location} is not writable for this user; nothing was stored.",
                "Ask the server's administrator for write access.",
                reason,
                code="library-read-only",
                subject=location,
            ) from error
        raise


def damaged(location: str, reason: str) -> EnvStudioError:
    """Return the error for a library whose file was changed by something else than a program of ours."""
    return EnvStudioError(
        f"The library {location} is damaged.",
        "Open a backup, or recover what is whole into a new file.",
        reason,
        code="library-damaged",
        subject=location,
        remedy=Remedy(Act.REPAIR_LIBRARY),
    )


def _operational(location: str, reason: str, *, is_file: bool) -> EnvStudioError:
    """Name what keeps the database from working."""
    for part, found in (FILE_REASONS if is_file else SERVER_REASONS).items():
        if part in reason:
            summary = found.summary.format(location=location)
            return found.kind(summary, found.advice, reason, code=found.code, subject=location)
    if is_file:
        return damaged(location, reason)
    return Unavailable(
        f"The library {location} does not answer.",
        "Check its address and that it runs.",
        reason,
        code="library-unreachable",
        subject=location,
    )


@dataclass(frozen=True, slots=True)
class _Reason:
    """What a database's error means."""

    kind: type[EnvStudioError]
    code: str
    summary: str
    advice: str


_READ_ONLY = _Reason(
    EnvStudioError,
    "library-read-only",
    "The library {location} is read-only; nothing was stored.",
    "Allow writing to it, or open another.",
)
_IN_USE = _Reason(
    EnvStudioError,
    "library-in-use",
    "The library {location} is in use by another program.",
    "Try again when it has finished.",
)
FILE_REASONS = {
    "full": _Reason(
        EnvStudioError,
        "disk-full",
        "The library {location} cannot be written: the disk is full; nothing was stored.",
        "Free some space there, and try again.",
    ),
    "readonly": _READ_ONLY,
    "attempt to write": _READ_ONLY,
    "locked": _IN_USE,
    "unable to open": _Reason(
        EnvStudioError,
        "file-unreadable",
        "The library {location} cannot be opened.",
        "Check the path and its permissions.",
    ),
    "disk I/O": _Reason(
        EnvStudioError,
        "io-error",
        "The library {location} could not be read or written.",
        "Check the disk and its free space.",
    ),
}
_LOGIN = _Reason(
    Unavailable,
    "unauthorized",
    "The server rejected the credentials for {location}.",
    "Check the user and the password in the address.",
)
_BROKEN = _Reason(
    Unavailable,
    "library-unreachable",
    "The connection to the library {location} broke; what was being stored may be missing.",
    "Try again, and look whether it is there.",
)
SERVER_REASONS = {
    "authentication failed": _LOGIN,
    "no password supplied": _LOGIN,
    "no pg_hba.conf entry": _LOGIN,
    'role "': _LOGIN,
    "does not exist": _Reason(
        Unavailable,
        "library-unreachable",
        "There is no database at {location}.",
        "Create it on the server (createdb NAME), or check the name.",
    ),
    "lock timeout": _IN_USE,
    "No space left": _Reason(
        EnvStudioError,
        "disk-full",
        "The server's disk is full; nothing was stored in {location}.",
        "Free some space on the server, and try again.",
    ),
    "server closed the connection": _BROKEN,
    "terminating connection": _BROKEN,
    "connection is lost": _BROKEN,
    "consuming input failed": _BROKEN,
}
"""What a database says, and what that means; `explained` fills in the place."""


def location_of(url: URL) -> str:
    """Return the file or, for a server, the address without password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername=url.get_backend_name()).render_as_string()


def is_writable(url: URL) -> bool:
    """Return whether a library's file may be written; a server decides for itself."""
    if url.get_backend_name() != "sqlite":
        return True
    path = Path(url.database or "")
    return os.access(path if path.exists() else path.parent, os.W_OK)
