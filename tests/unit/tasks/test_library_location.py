"""Backing a library up while it is written to, moving it, and opening another."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from envstudio import settings
from envstudio.domain.environment import Environment
from envstudio.errors import Cancelled, Conflict, EnvStudioError, InvalidInput, NotFound
from envstudio.library import Library
from envstudio.report import Event, Progress, Report, silent
from envstudio.settings import Settings
from envstudio.tasks.library_location import back_up_library, move_library, open_library


@pytest.fixture
def library(tmp_path: Path):
    with Library.open(tmp_path / "library.sqlite", who="ana") as opened:
        for number in range(30):
            opened.versions.register(Environment(f"env-{number}", description="x" * 2000))
        yield opened


def test_a_copy_is_whole_while_another_writes(library: Library, tmp_path: Path) -> None:
    recorder: list[Event] = []
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            library.versions.register(Environment(f"meanwhile-{number}"))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        target = back_up_library(library, tmp_path / "new folder" / "copy.sqlite", report=Report(recorder.append))
    finally:
        stop.set()
        writer.join()
    progress = [event for event in recorder if isinstance(event, Progress)]
    assert progress[-1].done == progress[-1].total
    with Library.open(target) as copy:
        assert copy.events.verify().entries >= 30
        assert len(copy.environments.list()) >= 30
    assert [path.name for path in target.parent.iterdir() if path.name.startswith("copy")][:1] == ["copy.sqlite"]
    assert not (target.parent / "copy.sqlite.part").exists()


def test_nothing_is_overwritten(library: Library, tmp_path: Path) -> None:
    target = tmp_path / "precious.sqlite"
    target.write_text("mine")
    with pytest.raises(Conflict, match="exists already"):
        back_up_library(library, target, report=silent())
    with pytest.raises(Conflict):
        move_library(library, Settings(), target, report=silent())
    assert target.read_text() == "mine"
    assert settings.load().library == ""


def test_cancelled_copy_leaves_nothing(library: Library, tmp_path: Path) -> None:
    report = Report()
    report.cancel()
    with pytest.raises(Cancelled):
        back_up_library(library, tmp_path / "copy.sqlite", report=report)
    assert sorted(path.name for path in tmp_path.glob("copy*")) == []


def test_a_place_that_cannot_be_written(library: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvStudioError, match="cannot be copied"):
        back_up_library(library, tmp_path / "file" / "copy.sqlite", report=silent())


def test_move_leaves_the_old_file(library: Library, tmp_path: Path) -> None:
    moved = move_library(library, Settings(author="ana"), tmp_path / "moved.sqlite", report=silent())
    with moved.library as there:
        assert there.location == str(tmp_path / "moved.sqlite")
        assert there.events.verify().notice == ""
        assert [event.what for event in there.events.list(limit=1)] == ["library.backup"]
    assert moved.settings.library == settings.load().library == str(tmp_path / "moved.sqlite")
    assert moved.left == library.location


def test_open_another(library: Library, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no library"):
        open_library(Settings(), str(tmp_path / "absent.sqlite"), report=silent())
    (tmp_path / "text.sqlite").write_text("this is no database at all")
    with pytest.raises(InvalidInput):
        open_library(Settings(), str(tmp_path / "text.sqlite"), report=silent())
    assert settings.load().library == ""
    opened = open_library(Settings(), str(tmp_path / "fresh.sqlite"), create=True, report=silent())
    with opened.library as fresh:
        assert fresh.environments.list() == ()
    assert settings.load().library == str(tmp_path / "fresh.sqlite")
