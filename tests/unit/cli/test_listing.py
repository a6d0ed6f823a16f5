"""What lists and versions say: searches of curated environments, words in any script, one and many, restoring."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Command

from envstudio.domain.environment import Environment
from envstudio.domain.image import BuiltImage
from envstudio.library import Library


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("pytorch", "curated/pytorch-cpu", "curated/minimal-python"),
        ("pkg:jupyterlab", "curated/jupyter", "curated/minimal-python"),
        ("pkg:jupyterlab>=99", None, "curated/jupyter"),
        ("tag:kind=notebook", "curated/jupyter", "curated/minimal-python"),
        ("label:prod", None, "curated/jupyter"),
    ],
)
def test_curated_environments_are_searched_too(es: Command, query: str, there: str | None, not_there: str) -> None:
    names = [item["name"] for item in es("--json", "list", "--curated", "--query", query).json]
    assert not_there not in names
    assert there is None or there in names


@pytest.mark.parametrize("word", ["übung", "ÜBUNG", "größe", "日本"])
def test_words_are_found_whatever_their_script_and_case(es: Command, churn: Path, word: str) -> None:
    es("describe", "churn", "Übung 日本")
    es("tag", "churn", "maß=GRÖSSE Größe")
    assert [item["name"] for item in es("--json", "list", "--query", word).json] == ["churn"]


def test_one_image_is_one(es: Command, tmp_path: Path) -> None:
    location = tmp_path / "library.sqlite"
    image = BuiltImage("churn:1", "sha256:1", "sha256:1", (), "direct", False, 1.0, (), 10, 1, 1)
    with Library.open(location) as library:
        library.versions.register(Environment("churn"), "one")
        library.images.add("churn", 1, image, definition=library.find("churn").digest, lock="")
    text = es("--library", location, "versions", "churn").out
    assert "1 image" in text
    assert "1 images" not in text


def test_restoring_what_the_newest_is_already_names_both(es: Command, churn: Path) -> None:
    assert es("restore", "churn:1").out.strip() == "churn:3 registered."
    assert es("restore", "churn:1").out.strip() == "churn:1 is the same as churn:3, the newest version."
    assert es("restore", "churn:3").out.strip() == "churn:3 is the newest version already."


def test_deleted_ones_are_listed_restored_and_removed_for_ever(es: Command, churn: Path) -> None:
    assert "Nothing was deleted." in es("list", "--deleted").err
    assert es("delete", "churn", "--yes").status == 0
    (found,) = es("--json", "list", "--deleted").json
    assert (found["name"], found["versions"], found["locks"], found["images"]) == ("churn", 2, 0, 0)
    assert "churn" in es("list", "--deleted").out
    assert es("delete", "--undo", "churn").status == 0
    es("delete", "--forever", "churn", "--yes").must_fail("No deleted environment is named 'churn'")
    assert es("delete", "churn", "--yes").status == 0
    assert es("delete", "--forever", "churn").status == 2  # it asks, and no one answers
    assert es("delete", "--forever", "churn", "--yes").out.strip() == "Removed churn for ever."
    assert es("--json", "list", "--deleted").json == []
    es("delete", "--undo", "churn").must_fail("No deleted environment is named 'churn'")
