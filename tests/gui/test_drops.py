"""Files dropped on the browser and on the welcome page are imported; while they are above it, it says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from envstudio.gui.frame.main_window import MainWindow
from envstudio.library import Library

COPY, LEFT, PLAIN = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def enter(widget: QWidget, data: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(QPoint(20, 20), COPY, data, LEFT, PLAIN)
    QApplication.sendEvent(widget, event)
    return event


def drop(widget: QWidget, data: QMimeData) -> QDropEvent:
    event = QDropEvent(QPointF(20, 20), COPY, data, LEFT, PLAIN)
    QApplication.sendEvent(widget, event)
    return event


def hints(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.property("drop") and label.isVisible()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "environment.yml"
    path.write_text("name: fresh\nchannels: [conda-forge]\ndependencies: [python=3.12, pip]\n", "utf-8")
    return path


@pytest.mark.parametrize("part", ["browser", "welcome"])
def test_a_file_is_imported_where_it_is_dropped(
    window: MainWindow, library: Library, file: Path, wait_jobs: Callable[[], None], part: str
) -> None:
    widget: QWidget = getattr(window, part)
    data = files(file)
    assert hints(widget) == []
    assert enter(widget, data).isAccepted()
    assert hints(widget) == ["Drop to import"]
    assert drop(widget, data).isAccepted()
    assert hints(widget) == []
    wait_jobs()
    assert library.environments.exists("fresh")


def test_what_goes_on_is_not_imported(window: MainWindow, library: Library, file: Path) -> None:
    data = files(file)
    enter(window.browser, data)
    QApplication.sendEvent(window.browser, QDragLeaveEvent())
    assert hints(window.browser) == []
    assert not library.environments.exists("fresh")


def test_what_is_no_file_is_not_taken(window: MainWindow) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://files.example/environment.yml")])
    assert not enter(window.browser, data).isAccepted()
    assert hints(window.browser) == []


def test_the_page_of_packages_says_what_a_drop_does(window: MainWindow, file: Path) -> None:
    page = window.open_environment("churn-train").show_packages()
    data = files(file)
    assert enter(page, data).isAccepted()
    assert hints(page) == ["Drop to add the packages"]
    QApplication.sendEvent(page, QDragLeaveEvent())
    assert hints(page) == []
