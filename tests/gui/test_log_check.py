"""A window says what was changed behind the program's back, without being asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

from gui.waiting import come_to_rest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio.gui.frame.log_check import MILLISECONDS
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import Job
from envstudio.gui.jobs.runner import QUIET_LANES
from envstudio.gui.pages.error_dialog import ErrorDialog
from envstudio.library import Library, heads

TITLE = "Check the event log"


def test_nothing_is_said_of_a_library_that_is_whole(window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    window.log_check.look()
    job = window.session.jobs.jobs[-1]
    wait_jobs()
    assert job.lane in QUIET_LANES
    assert not window.notice.isVisible()


def test_what_was_altered_is_said_and_explained(
    qtbot: QtBot, window: MainWindow, library: Library, wait_jobs: Callable[[], None]
) -> None:
    with closing(sqlite3.connect(library.location)) as file, file:
        file.execute("UPDATE versions SET created_by = 'eve' WHERE number = 2")
    window.log_check.start()
    qtbot.waitUntil(window.notice.isVisible, timeout=10_000)
    wait_jobs()
    assert "version 2 of churn-train is not as entry" in window.notice.label.text()
    (details,) = window.notice.buttons
    details.click()
    (dialog,) = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, ErrorDialog)]
    dialog.close()


def test_an_older_library_is_mentioned(window: MainWindow, library: Library, wait_jobs: Callable[[], None]) -> None:
    key = library.environments.identity("churn-train").partition("#")[0]
    heads.keep(key, (99, "0" * 64))
    window.log_check.look()
    wait_jobs()
    assert "older than last seen" in window.notice.label.text()


def test_another_library_is_checked_too(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    begun: list[Job] = []
    window.session.jobs.job_added.connect(lambda job: begun.append(job) if job.title == TITLE else None)
    window.log_check.look()
    window.session.switch_workspace("default")
    library.workspaces.create("team")
    window.session.switch_workspace("team")
    # That one does not begin is seen only once its time has passed.
    qtbot.wait(MILLISECONDS + 300)
    assert len(begun) == 1
    location = library.location.replace("library.sqlite", "other.sqlite")
    window.session.use_library(Library.open(location), window.session.settings)
    qtbot.waitUntil(lambda: len(begun) == 2, timeout=10_000)
    come_to_rest(window.session.jobs)
    window.session.library.close()
