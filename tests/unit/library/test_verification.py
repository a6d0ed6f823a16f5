"""Whatever is changed behind the program's back is found, and what a user may do with copies is not an alarm."""

from __future__ import annotations

import ast
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alterations import ALTERATIONS
from real_parts import ROOT
from sample_libraries import FOLDER, fill, shown

from envstudio import paths
from envstudio.domain.environment import Environment
from envstudio.domain.reference import Reference
from envstudio.errors import EnvStudioError
from envstudio.library import Library
from envstudio.library.journal import LOGGED
from envstudio.library.location import REVISION


@pytest.fixture
def filled(location: Path) -> Path:
    """Return the file of a library that holds one of everything, and is whole."""
    with Library.open(location, who="ana") as library:
        fill(library)
        assert library.events.verify().notice == ""
    return location


def run_sql(location: Path, sql: str) -> None:
    with closing(sqlite3.connect(location)) as file, file:
        file.execute(sql)


def logged(location: Path) -> str:
    """Return what verifying a library says is wrong; empty if all is well."""
    try:
        with Library.open(location, who="ana") as library:
            library.events.verify()
    except EnvStudioError as error:
        return f"{error.summary}\n{error.details}"
    return ""


@pytest.mark.parametrize("what", ALTERATIONS)
def test_what_was_altered_is_found_and_named(filled: Path, what: str) -> None:
    sql, words = ALTERATIONS[what]
    run_sql(filled, sql)
    assert words in logged(filled)


def test_all_that_is_wrong_is_listed(filled: Path) -> None:
    run_sql(filled, "UPDATE runs SET exit_code = 1")
    run_sql(filled, "UPDATE labels SET version = 1")
    found = logged(filled)
    assert "and 2 more" in found
    assert {"run 1 of churn", "label next of churn", "label prod of churn"} <= {
        line.partition(" is ")[0] for line in found.splitlines()[1:]
    }


@pytest.mark.parametrize("what", ["a definition", "a lock"])
def test_an_altered_text_is_not_read(filled: Path, what: str) -> None:
    run_sql(filled, ALTERATIONS[what][0])
    with Library.open(filled) as library:
        read = library.locks.newest if what == "a lock" else library.find
        with pytest.raises(EnvStudioError, match="not what was stored"):
            read("churn")


def backed_up(location: Path, target: Path) -> None:
    with Library.open(location, who="ana") as library:
        library.back_up(target)


def copied(location: Path, target: Path) -> None:
    with closing(sqlite3.connect(location)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(location, target)


@pytest.mark.parametrize(("way", "known"), [(backed_up, True), (copied, False)])
def test_an_older_copy_is_no_alarm(
    filled: Path, tmp_path: Path, way: Callable[[Path, Path], None], known: bool
) -> None:
    copy = tmp_path / "copy.sqlite"
    way(filled, copy)
    with Library.open(copy, who="ana") as library:
        assert library.events.verify().notice == ""
    with Library.open(filled, who="ana") as library:
        library.versions.register(Environment("newer"))
    with Library.open(copy, who="ana") as library:
        notice = library.events.verify().notice
        assert ("is a backup of 20" if known else "is older than last seen") in notice
        library.versions.register(Environment("other"))
        # Whoever goes on with it leaves a trace, and the copy is then what was seen last.
        assert [event.what for event in library.events.list(limit=2)] == ["register", "library.restore"]
        assert library.events.verify().notice == ""
        library.versions.register(Environment("another"))
        assert [event.what for event in library.events.list(limit=2)] == ["register", "register"]


def test_a_log_that_was_written_anew_is_found(filled: Path, tmp_path: Path) -> None:
    """Whoever can change the file can make a chain of his own; the user's data folder knows the one that was seen."""
    forged = tmp_path / "forged.sqlite"
    copied(filled, forged)
    with Library.open(filled, who="ana") as library:
        library.versions.label(Reference("churn", 1), "prod")
    seen, kept = paths.data_dir() / "heads", tmp_path / "kept"
    shutil.move(seen, kept)
    with Library.open(forged, who="ana") as library:
        library.versions.label(Reference("churn", 2), "prod")
    shutil.rmtree(seen)
    shutil.move(kept, seen)
    assert "was rewritten" in logged(forged)


def test_a_user_who_never_saw_a_library_is_told_nothing(filled: Path) -> None:
    shutil.rmtree(paths.data_dir() / "heads")
    assert logged(filled) == ""


def test_a_data_folder_that_cannot_be_written_is_no_reason_to_fail(
    location: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ENVSTUDIO_DATA", str(tmp_path / "file" / "data"))
    with Library.open(location, who="ana") as library:
        library.versions.register(Environment("churn"))
        assert library.events.verify().notice == ""


@pytest.mark.parametrize("place_of_old", sorted(FOLDER.glob("*.sqlite")), ids=lambda path: path.stem)
def test_a_library_of_each_schema_is_migrated_and_shows_the_same(place_of_old: Path, location: Path) -> None:
    shutil.copyfile(place_of_old, location)
    with Library.open(location, who="ana") as library:
        assert json.loads(json.dumps(shown(library))) == json.loads(place_of_old.with_suffix(".json").read_text())
        verified = library.events.verify()
        assert verified.notice == ""
        assert verified.rows >= 20
        library.versions.label(Reference("churn", 1), "prod")
        assert library.events.verify().entries == verified.entries + 1
    run_sql(location, "UPDATE runs SET exit_code = 1")
    assert "run 1 of churn is not as entry" in logged(location)


def test_there_is_a_library_of_this_schema() -> None:
    assert (FOLDER / f"{REVISION}.sqlite").exists(), "Run: python tests/sample_libraries.py"


def test_rows_change_in_the_journal_alone() -> None:
    """A statement elsewhere would change what no event reports."""
    logged = {table.name for table in LOGGED}
    found = []
    for path in sorted((ROOT / "envstudio" / "library").glob("*.py")):
        if path.name == "journal.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                names = {item.id for item in ast.walk(node.args[0]) if isinstance(item, ast.Name)}
                if node.func.id in ("insert", "update", "delete") and names & logged:
                    found.append(f"{path.name}:{node.lineno}")
    assert found == []


def test_a_change_without_an_event_is_a_bug_and_is_not_stored(location: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from envstudio.library.store import Store

    with Library.open(location) as library:
        library.versions.register(Environment("churn"))
        monkeypatch.setattr(Store, "record", lambda *_: None)
        with pytest.raises(RuntimeError, match="without an event"):
            library.versions.register(Environment("other"))
        assert not library.environments.exists("other")


def test_a_deleted_workspace_leaves_nothing_that_no_entry_tells_of(filled: Path) -> None:
    with Library.open(filled, who="ana") as library:
        library.workspaces.delete("squad")
        library.events.verify()
    assert logged(filled) == ""
