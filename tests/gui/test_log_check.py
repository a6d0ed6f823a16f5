"""A window says what was changed behind the program's back, without being asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio.gui.error_dialog import ErrorDialog
from envstudio.gui.jobs import QUIET_LANES
from envstudio.gui.main_window import MainWindow
from envstudio.library import Library, heads


def test_nothing_is_said_of_a_library_that_is_whole(window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    window.log_check.look()
    job = window.session.jobs.jobs[-1]
    wait_jobs()
    assert job.lane in QUIET_LANES
    assert not window.notice.isVisible()


def test_what_was_altered_is_said_and_explained(
    qtbot: QtBot, window: MainWindow, library: Library, wait_jobs: Callable[[], None]
) -> None:
    with closing(sqlite3.connect(library.place)) as file, file:
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
    with library._store.read() as connection:
        key = library._store.library_id(connection)
    heads.keep(key, (99, "0" * 64))
    window.log_check.look()
    wait_jobs()
    assert "older than last seen" in window.notice.label.text()


def test_another_library_is_checked_too(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    window.log_check.look()
    window.session.switch_workspace("default")
    library.workspaces.create("team")
    window.session.switch_workspace("team")
    assert not window.log_check._timer.isActive()
    place = library.place.replace("library.sqlite", "other.sqlite")
    window.session.use_library(Library.open(place), window.session.settings)
    assert window.log_check._timer.isActive()
    window.log_check._timer.stop()
    qtbot.waitUntil(lambda: not window.session.jobs.active(), timeout=10_000)
    window.session.library.close()
