"""What cannot be opened is refused in plain words, and nothing is lost."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from real_parts import ROOT
from sqlite_connections import full_disk, on_each_connection

from envstudio.domain.environment import Environment
from envstudio.errors import EnvStudioError, InvalidInput, NotFound
from envstudio.library import Library, migrate, tables
from envstudio.library.connection import open_engine
from envstudio.library.location import REVISION


def test_the_migrations_make_the_tables(location: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    assert migrate.head() == REVISION
    engine = open_engine(location)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    assert not [item for item in differences if "alembic_version" not in str(item)]


@pytest.mark.parametrize("content", [b"not a database at all", b"PK\x03\x04 a zip", b"SQLite format 3\0 but damaged"])
def test_a_file_that_is_no_library_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="not an EnvStudio library"):
        Library.open(path)
    assert path.read_bytes() == content


def test_another_program_s_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(InvalidInput, match="not an EnvStudio library"):
        Library.open(path)


def test_a_newer_library_is_refused(location: Path) -> None:
    Library.open(location).close()
    with sqlite3.connect(location) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(EnvStudioError, match=r"newer EnvStudio \(revision 9999"):
        Library.open(location)


def test_a_folder_and_a_bad_address_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is a folder"):
        Library.open(tmp_path)
    with pytest.raises(EnvStudioError):
        Library.open("nosuchdatabase://host/name")
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="cannot be opened"):
        Library.open(tmp_path / "file" / "library.sqlite")


def test_an_unknown_workspace_is_refused(location: Path) -> None:
    with pytest.raises(NotFound, match="No workspace"):
        Library.open(location, workspace="nowhere")


@pytest.mark.sqlite
def test_a_read_only_library_is_read_and_says_so_when_written(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    with on_each_connection(lambda connection: connection.execute("PRAGMA query_only = ON")):
        with pytest.raises(EnvStudioError, match="read-only"):
            library.versions.save_draft(churn)
        assert library.find("churn").environment == churn


@pytest.mark.sqlite
def test_a_full_disk_is_said_and_nothing_is_stored(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    big = Environment("big", description="x" * 1_000_000)
    with full_disk(library.location), pytest.raises(EnvStudioError, match="disk is full"):
        library.versions.register(big)
    assert not library.environments.exists("big")
    assert library.events.verify().entries == 3


def test_an_altered_log_is_found(library: Library, churn: Environment, location: Path) -> None:
    library.versions.register(churn)
    library.environments.rename("churn", "x")
    with sqlite3.connect(location) as connection:
        connection.execute("UPDATE events SET who = 'mallory' WHERE id = 1")
    with pytest.raises(EnvStudioError, match="altered at entry 1"):
        library.events.verify()


def test_a_locked_library_is_said(library: Library, churn: Environment, location: Path) -> None:
    library.versions.register(churn)
    with sqlite3.connect(location, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        impatient = on_each_connection(lambda connection: connection.execute("PRAGMA busy_timeout = 50"))
        with impatient, pytest.raises(EnvStudioError, match="in use"):
            library.versions.save_draft(churn)


def test_a_new_library_waits_for_another_program_that_makes_it(location: Path) -> None:
    made = threading.Event()

    def make_slowly() -> None:
        with contextlib.closing(sqlite3.connect(location, isolation_level=None)) as other:
            # A transaction of the kind that SQLite refuses at once to a connection that switches to WAL.
            other.execute("BEGIN IMMEDIATE")
            made.set()
            time.sleep(0.5)
            other.execute("COMMIT")

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(make_slowly)
        assert made.wait(10)
        with Library.open(location) as library:
            assert [item.name for item in library.workspaces.list()] == ["default"]
        other.result()


def test_programs_that_update_a_library_at_once_all_open_it(location: Path) -> None:
    shutil.copyfile(ROOT / "tests" / "data" / "libraries" / "0001.sqlite", location)
    program = "import sys; from envstudio.library import Library; Library.open(sys.argv[1]).close()"
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(location)], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    messages = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, messages
    copies = list(location.parent.glob("*.backup"))
    assert copies
    assert not list(location.parent.glob("*.part"))
    for copy in copies:
        with contextlib.closing(sqlite3.connect(copy)) as file:
            assert file.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
