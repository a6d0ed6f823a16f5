"""export: files are written whole or not at all, and losses are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.library import Library
from envstudio.report import silent
from envstudio.tasks.export import export, write, write_files


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_into_a_folder_that_is_made_and_to_a_file(library: Library, tmp_path: Path) -> None:
    churn = library.find("churn").environment
    done = export(churn, "conda", tmp_path / "a" / "b", report=silent())
    assert done.files == (tmp_path / "a" / "b" / "environment.yml",)
    assert {problem.where for problem in done.problems} == {"image.base"}
    one = export(churn, "conda", tmp_path / "mine.yaml", report=silent())
    assert one.files[0].read_bytes() == done.files[0].read_bytes()
    assert b"\r" not in one.files[0].read_bytes()
    export(churn, "conda", tmp_path / "mine.yaml", report=silent())
    assert names(tmp_path / "a") == ["environment.yml"]


def test_an_unknown_format(library: Library) -> None:
    with pytest.raises(InvalidInput, match="No format named 'nosuch'"):
        write(library.find("churn").environment, "nosuch")


def test_nothing_is_half_written(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "first").write_text("old", "utf-8")
    (tmp_path / "out" / "taken").mkdir()
    files = {tmp_path / "out" / "first": b"new", tmp_path / "out" / "taken": b"new"}
    with pytest.raises(EnvStudioError, match="taken cannot be written"):
        write_files(files)
    assert (tmp_path / "out" / "first").read_text("utf-8") == "old"
    assert names(tmp_path / "out") == ["first"]
    with pytest.raises(EnvStudioError, match="cannot be written"):
        write_files({tmp_path / "out" / "first" / "x": b"new"})


def test_no_other_file_is_touched(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    others = ("first.part", "taken.part")
    for name in others:
        (tmp_path / name).write_text("mine", "utf-8")
    write_files({tmp_path / "first": b"new"})
    with pytest.raises(EnvStudioError, match="taken cannot be written"):
        write_files({tmp_path / "taken": b"new"})
    assert [(tmp_path / name).read_text("utf-8") for name in others] == ["mine", "mine"]
    assert names(tmp_path) == ["first", *others]
