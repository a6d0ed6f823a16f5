"""An import adds a version only to what came from the same file; another file of its name is another environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envstudio.formats import read_source
from envstudio.formats.source import text_source
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.import_files import Imported, import_path, import_sources
from envstudio.tasks.origin import origin_of, repository


def put(path: Path, python: str, name: str = "work") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"name: {name}\nchannels: [conda-forge]\ndependencies: [python={python}]\n")
    return path


def imported(library: Library, path: Path, name: str | None = None) -> tuple[str, int, bool]:
    done = import_path(library, path, name=name, report=Report()).registered
    return done.name, done.version, done.created


def test_the_same_file_adds_a_version_and_another_one_an_environment(library: Library, tmp_path: Path) -> None:
    one, other = put(tmp_path / "a" / "environment.yml", "3.11"), put(tmp_path / "b" / "environment.yml", "3.12")
    assert imported(library, one) == ("work", 1, True)
    assert imported(library, other) == ("work-2", 1, True)
    put(one, "3.13")
    put(other, "3.10")
    assert imported(library, one) == ("work", 2, True)
    assert imported(library, other) == ("work-2", 2, True)


def test_the_same_content_from_elsewhere_is_what_is_there(library: Library, tmp_path: Path) -> None:
    assert imported(library, put(tmp_path / "a" / "environment.yml", "3.11")) == ("work", 1, True)
    assert imported(library, put(tmp_path / "b" / "environment.yml", "3.11")) == ("work", 1, False)
    assert [item.name for item in library.environments.list() if item.name.startswith("work")] == ["work"]


def test_another_name_in_the_same_file_is_another_environment(library: Library, tmp_path: Path) -> None:
    path = put(tmp_path / "environment.yml", "3.11", "first")
    assert imported(library, path) == ("first", 1, True)
    put(path, "3.11", "second")
    assert imported(library, path) == ("second", 1, True)


def test_a_given_name_wins_and_is_remembered(library: Library, tmp_path: Path) -> None:
    path = put(tmp_path / "environment.yml", "3.11")
    assert imported(library, path, "churn-train")[0] == "churn-train"
    put(path, "3.10")
    name, version, created = imported(library, path)
    assert (name, created) == ("churn-train", True)
    assert version == library.find("churn-train").version


def test_what_was_renamed_or_deleted_since(library: Library, tmp_path: Path) -> None:
    path = put(tmp_path / "environment.yml", "3.11")
    imported(library, path)
    library.environments.rename("work", "renamed")
    put(path, "3.12")
    assert imported(library, path) == ("renamed", 2, True)
    library.environments.delete("renamed")
    put(path, "3.13")
    assert imported(library, path) == ("work", 1, True)


def test_a_taken_name_is_told(library: Library, tmp_path: Path) -> None:
    def second() -> Imported:
        return import_path(library, put(tmp_path / "b" / "environment.yml", "3.12"), report=Report())

    imported(library, put(tmp_path / "a" / "environment.yml", "3.11"))
    (told,) = [item for item in second().problems if item.code == "name-taken"]
    assert told.message == "work is the name of an environment from elsewhere, so this one becomes work-2."
    assert told.advice == "Name it work to make it a version there."
    assert "name-taken" not in [item.code for item in second().problems]


def test_text_has_no_origin(library: Library) -> None:
    text = "name: work\ndependencies: [python=3.11]\n"
    done = import_sources(library, [text_source("<stdin>", text)], format_id="conda", report=Report())
    assert (done[0].registered.name, library.versions.of_origin("")) == ("work", "")
    again = import_sources(
        library, [text_source("<stdin>", text.replace("3.11", "3.12"))], format_id="conda", report=Report()
    )
    assert again[0].registered.name == "work-2"


def test_checkouts_of_one_repository_are_one_place(library: Library, tmp_path: Path) -> None:
    for number, url in enumerate(("git@git.example:team/models.git", "https://ana:secret@git.example/team/models")):
        root = tmp_path / str(number)
        subprocess.run(["git", "init", "--quiet", root], check=True)
        subprocess.run(["git", "-C", root, "remote", "add", "origin", url], check=True)
        put(root / "train" / "environment.yml", f"3.1{number}")
    assert imported(library, tmp_path / "0" / "train") == ("work", 1, True)
    assert imported(library, tmp_path / "1" / "train") == ("work", 2, True)
    origin = origin_of(read_source(tmp_path / "1" / "train" / "environment.yml"), "work")
    assert origin == "git:git.example/team/models/train/environment.yml#work"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://git.example/a/b.git", "git.example/a/b"),
        ("https://user:token@Git.Example:8443/a/b", "git.example/a/b"),
        ("ssh://git@git.example:22/a/b.git", "git.example/a/b"),
        ("git@git.example:a/b.git", "git.example/a/b"),
        ("git.example:/a/b/", "git.example/a/b"),
        ("../other", ""),
        ("/srv/git/b.git", ""),
        ("file:///srv/git/b.git", ""),
        ("C:/repos/b", ""),
    ],
)
def test_spellings_of_a_repository(url: str, place: str) -> None:
    assert repository(url) == place
