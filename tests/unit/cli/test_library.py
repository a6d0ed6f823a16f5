"""envstudio library: where it is, a backup, a move, another one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from command_line import Command


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the settings name the library, which no variable overrules."""
    monkeypatch.setenv("ENVSTUDIO_CONFIG", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("ENVSTUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("ENVSTUDIO_LIBRARY", raising=False)


def test_where_it_is(es: Command, churn: Path) -> None:
    document = es("--json", "library", "show").json
    assert Path(document["library"]).is_file()
    assert (document["workspaces"], document["environments"]) == (1, 1)
    assert es("library", "show").out.strip().endswith(": 1 environment in 1 workspace")


def test_a_backup_is_a_whole_library(es: Command, churn: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    assert es("library", "backup", target).status == 0
    assert [item["version"] for item in es("--json", "--library", target, "versions", "churn").json] == [2, 1]
    assert "exists" in es("library", "backup", target).must_fail().err


def test_a_moved_library_is_used_from_its_new_place(es: Command, churn: Path, tmp_path: Path) -> None:
    before = es("--json", "library", "show").json["library"]
    target = tmp_path / "elsewhere" / "library.sqlite"
    target.parent.mkdir()
    done = es("library", "move", target)
    assert done.out.strip() == f"The library is {target} from now on. {before} is left as it was."
    assert es("--json", "library", "show").json["library"] == str(target)
    assert es("edit", "churn", "--add", "scipy").status == 0
    with sqlite3.connect(before) as connection:
        assert connection.execute("select count(*) from versions").fetchone() == (2,)


def test_another_library(es: Command, churn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.sqlite"
    assert "There is no library at" in es("library", "open", other).must_fail().err
    assert es("library", "open", other, "--create").status == 0
    assert es("--json", "list").json == []
    monkeypatch.setenv("ENVSTUDIO_LIBRARY", str(tmp_path / "third.sqlite"))
    assert "once ENVSTUDIO_LIBRARY no longer names" in es("library", "open", other).out


def test_a_damaged_library_is_repaired(es: Command, churn: Path, tmp_path: Path) -> None:
    location = es("--json", "library", "show").json["library"]
    with sqlite3.connect(location) as connection:
        connection.execute("UPDATE versions SET created_at = 'never' WHERE number = 1")
    es("versions", "churn").must_fail("is damaged")
    es("log", "verify").must_fail("The library does not match its log: version 1 of churn is not as entry")
    target = tmp_path / "new.sqlite"
    done = es("library", "repair", target)
    assert done.status == 0
    assert "not whole: a version that entry" in done.out
    assert [item["version"] for item in es("--json", "--library", target, "versions", "churn").json] == [2]
    assert es("--library", target, "log", "verify").status == 0
    es("library", "repair", target).must_fail("exists already")


def test_the_doctor_and_log_verify_find_what_was_altered(es: Command, churn: Path) -> None:
    def log() -> dict[str, object]:
        return next(item for item in es("--json", "doctor", "--offline").json if item["name"] == "event log")

    assert log()["ok"]
    verified = es("--json", "log", "verify").json
    assert verified["notice"] == ""
    assert verified["rows"] >= 3
    with sqlite3.connect(es("--json", "library", "show").json["library"]) as connection:
        connection.execute("UPDATE versions SET message = 'other' WHERE number = 1")
    assert not log()["ok"]
    es("log", "verify").must_fail("The library does not match its log: version 1 of churn is not as entry")


def test_the_old_name_of_create_still_works(es: Command, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    assert es("library", "open", other, "--make").status == 0
    assert other.is_file()
    assert "--make" not in es("library", "open", "--help").out
