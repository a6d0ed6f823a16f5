"""What comes back after a restart: the tabs in their order and the one that was shown, and the room of each part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gui.waiting import come_to_rest, handle_events
from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio.gui.console.header import HEADER_HEIGHT
from envstudio.gui.frame.central_area import CONSOLE_HEIGHT
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.model.session import Session
from envstudio.gui.model.window_state import WindowState
from envstudio.library import Library

SIZE = QSize(780, 720)
"""What fits the screen that there is without one."""


@contextmanager
def restarted(window: MainWindow) -> Iterator[MainWindow]:
    """Show a second window as it would be after the first was closed."""
    window.flush()
    window.keeper.save()
    session = Session(window.session.library, window.session.settings)
    made = MainWindow(session)
    made.show()
    handle_events()
    try:
        yield made
    finally:
        made.close()
        made.deleteLater()
        session.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def titles(window: MainWindow) -> list[str]:
    return [window.tabs.tabText(index) for index in range(window.tabs.count())]


@pytest.mark.parametrize("shown", ["Settings", "ocr-gpu", "Installation"])
def test_tabs_of_tools_come_back_in_their_places(qtbot: QtBot, window: MainWindow, wait_jobs, shown: str) -> None:
    window.open_environment("churn-train")
    window.show_settings()
    window.open_environment("ocr-gpu")
    window.show_doctor()
    wait_jobs()
    window.tabs.setCurrentIndex(titles(window).index(shown))
    with restarted(window) as second:
        qtbot.waitUntil(lambda: titles(second) == ["churn-train", "Settings", "ocr-gpu", "Installation"])
        qtbot.waitUntil(lambda: second.tabs.tabText(second.tabs.currentIndex()) == shown)
        assert second.stack.currentWidget() is second.tabs
        come_to_rest(second.session.jobs)


def test_what_was_deleted_does_not_come_back(window: MainWindow, library: Library) -> None:
    for name in ("churn-train", "ocr-gpu", "curated/jupyter"):
        window.open_environment(name)
    window.open_environment("ocr-gpu")
    window.flush()
    window.keeper.save()
    library.environments.delete("ocr-gpu")
    session = Session(library, window.session.settings)
    second = MainWindow(session)
    try:
        assert [view.document.name for view in second.views()] == ["churn-train", "curated/jupyter"]
    finally:
        second.close()
        second.deleteLater()
        session.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("wanted", [200, 268])
def test_the_room_of_the_console_comes_back(qtbot: QtBot, window: MainWindow, wanted: int, folded: bool) -> None:
    window.resize(SIZE)
    window.fold_console(False)
    window.central_area.setSizes([SIZE.height() - wanted, wanted])
    handle_events()
    height = window.console.height()
    assert height != CONSOLE_HEIGHT
    if folded:
        window.fold_console(True)
    with restarted(window) as second:
        if folded:
            assert second.console.height() == HEADER_HEIGHT
            second.fold_console(False)
        qtbot.waitUntil(lambda: abs(second.console.height() - height) <= 2)


def test_the_room_of_the_browser_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(SIZE)
    window.upper.setSizes([220, 560])
    handle_events()
    width = window.browser.width()
    with restarted(window) as second:
        qtbot.waitUntil(lambda: abs(second.browser.width() - width) <= 2)


def test_the_room_of_the_timeline_comes_back(window: MainWindow, wait_jobs) -> None:
    page = window.open_environment("churn-train").show_history()
    wait_jobs()
    page.splitter.setSizes([250, 600])
    page.splitter.splitterMoved.emit(250, 1)
    width = page.timeline.width()
    assert WindowState().preference("timeline_width") == str(width)
    window.close_current()
    again = window.open_environment("ocr-gpu").show_history()
    wait_jobs()
    assert again.timeline.width() == width


def test_tabs_of_another_library_stay_there(window: MainWindow, tmp_path: Path) -> None:
    """It may have environments of the same names."""
    window.open_environment("churn-train")
    window.flush()
    window.keeper.save()
    with Library.open(tmp_path / "other.sqlite") as other:
        other.versions.register(window.session.library.find("churn-train").environment)
        session = Session(other, window.session.settings)
        second = MainWindow(session)
        try:
            assert second.views() == []
        finally:
            second.close()
            second.deleteLater()
            session.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
