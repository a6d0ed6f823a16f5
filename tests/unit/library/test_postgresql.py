"""A library on a PostgreSQL server: many writers lose nothing, and what keeps it from working is named."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alterations import ALTERATIONS
from command_line import at_once
from postgresql import USER, Server
from sample_libraries import fill, shown
from sqlalchemy import Engine, event

from envstudio.domain.environment import Environment
from envstudio.errors import EnvStudioError, InvalidInput, Unavailable
from envstudio.library import Library

SQL_OF_A_FILE = ("a definition", "a lock", "a build's log", "an environment", "a blob gone")


def messages(address: str) -> str:
    try:
        with Library.open(address, who="ana") as library:
            library.events.verify()
    except EnvStudioError as error:
        return f"{error.summary}\n{error.details}"
    return ""


def test_it_shows_what_a_file_shows(postgresql: Server, tmp_path: object) -> None:
    with Library.open(postgresql.database(), who="ana") as there, Library.open(f"{tmp_path}/l.sqlite") as here:
        fill(there)
        fill(here)
        assert shown(there) == shown(here)
        assert there.events.verify().entries == here.events.verify().entries
        assert "its-password" not in there.location


@pytest.mark.parametrize("what", sorted(set(ALTERATIONS) - set(SQL_OF_A_FILE)))
def test_what_was_altered_is_found(postgresql: Server, what: str) -> None:
    address = postgresql.library()
    with Library.open(address, who="ana") as library:
        fill(library)
    sql, words = ALTERATIONS[what]
    postgresql.run_sql(address.rpartition("/")[2], sql)
    assert words in messages(address)


def test_eight_writers_make_a_library_and_edit_it_at_once(postgresql: Server) -> None:
    address = postgresql.database()
    done = at_once(address, [["create", f"own-{number}"] for number in range(8)])
    assert [status for status, _ in done] == [0] * 8, done
    done = at_once(address, [["edit", "own-0", "--add", f"package-{number}"] for number in range(8)])
    assert [status for status, _ in done] == [0] * 8, done
    done = at_once(address, [["edit", f"own-{number}", "--add", "numpy"] for number in range(8)])
    assert [status for status, _ in done] == [0] * 8, done
    with Library.open(address) as library:
        newest = library.find("own-0")
        assert (newest.version, len(newest.environment.python.conda)) == (10, 9)
        assert library.events.verify().entries == 2 + 8 * 3


def test_verifying_sees_one_state_while_others_write(postgresql: Server) -> None:
    address = postgresql.library()
    with Library.open(address) as library:
        library.versions.register(Environment("shared"))
    words = [sys.executable, "-m", "envstudio", "--library", address]
    writers = [
        subprocess.Popen([*words, "edit", "shared", "--add", f"p{number}"], stdout=subprocess.DEVNULL)
        for number in range(6)
    ]
    looked = 0
    while any(process.poll() is None for process in writers):
        assert messages(address) == ""
        looked += 1
    assert [process.returncode for process in writers] == [0] * 6
    assert looked > 1


@pytest.mark.parametrize(
    ("user", "password", "database", "words"),
    [
        (USER, "wrong", "postgres", "rejected the credentials"),
        ("nobody-here", "x", "postgres", "rejected the credentials"),
        (USER, "its-password", "absent", "There is no database at"),
    ],
)
def test_what_keeps_one_out_is_named(postgresql: Server, user: str, password: str, database: str, words: str) -> None:
    with pytest.raises(Unavailable, match=words) as caught:
        Library.open(postgresql.address(database, user, password))
    assert password not in f"{caught.value.summary} {caught.value.details}" or password == "x"


def test_a_database_of_somebody_else_is_refused(postgresql: Server) -> None:
    address = postgresql.database()
    postgresql.run_sql(address.rpartition("/")[2], "CREATE TABLE songs (title TEXT)")
    with pytest.raises(InvalidInput, match="not an EnvStudio library"):
        Library.open(address)


def test_a_user_who_may_only_read(postgresql: Server) -> None:
    address = postgresql.library()
    database = address.rpartition("/")[2]
    with Library.open(address) as library:
        library.versions.register(Environment("churn"))
    postgresql.run_sql(database, f"CREATE USER reader_{database} PASSWORD 'x' IN ROLE pg_read_all_data")
    with Library.open(postgresql.address(database, f"reader_{database}", "x")) as library:
        assert library.find("churn").version == 1
        with pytest.raises(EnvStudioError, match="is not writable for this user; nothing was stored"):
            library.versions.register(Environment("mine"))


def test_a_connection_that_breaks_is_said_and_made_anew(postgresql: Server) -> None:
    address = postgresql.library()
    database = address.rpartition("/")[2]
    with Library.open(address) as library:
        library.versions.register(Environment("churn"))
        kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"

        killed = []

        def broken(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT") and not killed:
                killed.append(postgresql.run_sql("postgres", kill))

        event.listen(Engine, "before_cursor_execute", broken)
        try:
            with pytest.raises(Unavailable, match=r"The connection to the library .* broke"):
                library.versions.register(Environment("other"))
        finally:
            event.remove(Engine, "before_cursor_execute", broken)
        assert killed
        assert library.find("churn").version == 1
        postgresql.run_sql("postgres", kill)
        assert library.versions.register(Environment("other")).version == 1


def test_a_server_that_does_not_run(postgresql: Server) -> None:
    gone = Server(postgresql.folder, postgresql.programs, 1)
    with pytest.raises(Unavailable, match="does not answer"):
        Library.open(gone.address("postgres"))


def test_a_missing_driver_is_named() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from envstudio.library import Library\n"
        "try: Library.open('postgresql://server.example/library')\n"
        "except Exception as error: print(error, error.advice)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "There is no database driver for postgresql." in done.stdout
    assert "pip install 'envstudio[postgresql]'" in done.stdout
