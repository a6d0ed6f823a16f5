"""What other programs do to the library is seen within two seconds, and closing does not wait for the disk."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from gui.waiting import come_to_rest, handle_events
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from envstudio.domain.change import Aspect
from envstudio.domain.reference import Reference
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.history.history_page import HistoryPage
from envstudio.library import Library

SECONDS = 2.0


@pytest.fixture
def watched(window: MainWindow, wait_jobs) -> Iterator[MainWindow]:
    window.library_watch.start()
    wait_jobs()
    yield window
    window.library_watch.stop()


def command_line(library: Library, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "envstudio", "--library", library.location, *words], check=True, timeout=60)


def test_versions_of_the_command_line_are_noticed(watched: MainWindow, library: Library, qtbot: QtBot) -> None:
    view = watched.open_environment("churn-train")
    page = view.show_page("History")
    assert isinstance(page, HistoryPage)
    command_line(library, "edit", "churn-train", "--add", "scipy>=1.13", "--message", "from the shell")
    started = time.monotonic()
    qtbot.waitUntil(lambda: page.timeline_model.row_of(3) == 0, timeout=int(SECONDS * 1000))
    assert time.monotonic() - started < SECONDS
    assert "scipy" in [item.name for item in view.document.environment.python.conda]
    qtbot.waitUntil(lambda: watched.browser.model.find("churn-train").latest == 3)  # type: ignore[union-attr]


def test_a_colleague_renames_archives_and_drafts(watched: MainWindow, library: Library, qtbot: QtBot) -> None:
    view = watched.open_environment("churn-train")
    with Library.open(library.location, who="bo") as other:
        other.environments.rename("churn-train", "churn")
        other.environments.archive("ocr-gpu")
        other.versions.label(Reference("churn", 1), "prod")
    qtbot.waitUntil(lambda: view.document.name == "churn", timeout=int(SECONDS * 1000))
    qtbot.waitUntil(lambda: watched.browser.model.find("ocr-gpu").archived)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: watched.browser.model.find("churn-train") is None)
    with Library.open(library.location, who="bo") as other:
        draft = other.versions.draft("churn")
        other.versions.save_draft(draft.environment.with_conda(conda_requirement("scipy")), base_version=2)
    qtbot.waitUntil(lambda: len(view.document.environment.python.conda) == 5, timeout=int(SECONDS * 1000))
    assert view.document.undo_stack.undoText() == "Edited elsewhere"


def test_edits_of_ones_own_are_not_overwritten(watched: MainWindow, library: Library, qtbot: QtBot) -> None:
    view = watched.open_environment("churn-train")
    come_to_rest(watched.session.jobs)
    mine = view.document.environment.with_conda(conda_requirement("polars"))
    with Library.open(library.location, who="bo") as other:
        other.versions.register(other.find("churn-train:1").environment, "back to the first")
    view.document.edit("Add polars", mine)
    with qtbot.waitSignal(watched.session.library_changed):
        # It is asked on the lane on which drafts are written, and so is answered before this one is.
        watched.library_watch.look()
    assert view.document.unsaved
    assert view.document.environment == mine


def test_only_what_changed_is_named(library: Library) -> None:
    mark = library.changes.mark()
    assert library.changes.since(mark)[1] == ()
    library.versions.label(Reference("ocr-gpu"), "prod")
    mark, changes = library.changes.since(mark)
    assert [(change.aspects, change.environments) for change in changes] == [(Aspect.LABELS, frozenset({"ocr-gpu"}))]
    library.workspaces.create("other")
    elsewhere = library.in_workspace("other")
    elsewhere.versions.register(library.find("ocr-gpu").environment)
    mark, changes = library.changes.since(mark)
    assert [change.aspects for change in changes] == [Aspect.WORKSPACES]


def test_closing_does_not_wait_for_a_busy_library(window: MainWindow, library: Library, qtbot: QtBot) -> None:
    view = window.open_environment("churn-train")
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement("polars")))
    with closing(sqlite3.connect(library.location, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.perf_counter()
        window.close()
        # The lock is held for as long as this goes on; a busy machine alone takes some hundredths.
        assert time.perf_counter() - started < 1
        assert window.isHidden()
        handle_events()
        assert not library.versions.draft("churn-train").changed
        other.execute("ROLLBACK")
        qtbot.waitUntil(lambda: library.versions.draft("churn-train").changed, timeout=5000)


BUILDING = """
import sys
from envstudio.library import Library
with Library.open(sys.argv[1]) as library:
    number = library.builds.start("churn-train", 2, "direct")
    print("started", flush=True)
    if sys.stdin.readline() == "end\\n":
        library.builds.finish(number, "churn-train", "failed", seconds=1, builder="direct", error="no space")
"""


@pytest.mark.parametrize(("how", "status"), [("end", "failed"), ("kill", "interrupted")])
def test_a_build_of_another_program_is_seen_while_it_runs(
    watched: MainWindow, library: Library, qtbot: QtBot, how: str, status: str
) -> None:
    from envstudio.gui.images.images_page import ImagesPage

    page = watched.open_environment("churn-train").show_page("Images")
    assert isinstance(page, ImagesPage)
    watched.fold_console(False)
    watched.console.lists.tabs.setCurrentIndex(1)

    def messages() -> str:
        return str(watched.browser.model.index_of("churn-train").data(Qt.ItemDataRole.AccessibleTextRole))

    words = [sys.executable, "-c", BUILDING, library.location]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "started\n"
        qtbot.waitUntil(lambda: "building" in messages(), timeout=int(SECONDS * 1000))
        qtbot.waitUntil(lambda: [record.status for record in page.builds.rows] == ["running"])  # type: ignore[union-attr]
        watched.console.lists.builds.setCurrentIndex(watched.console.lists.builds_model.index(0))
        qtbot.waitUntil(lambda: "running" in watched.console.state.text())
        if how == "kill":
            other.kill()
            other.wait()
        else:
            other.stdin.write("end\n")
            other.stdin.flush()
        qtbot.waitUntil(lambda: "building" not in messages(), timeout=int(SECONDS * 1000) + 2000)
    qtbot.waitUntil(lambda: [record.status for record in page.builds.rows] == [status])  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: status in watched.console.state.text())
    assert "building" not in messages()
