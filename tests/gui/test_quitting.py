"""Quitting while work goes on asks once what becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import Job, JobStatus
from envstudio.report import Report


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Yield what ends the work; it ends with the test in any case."""
    event = threading.Event()
    yield event
    event.set()


def begin(window: MainWindow, release: threading.Event, lane: str = "build") -> Job:
    def work(*, report: Report) -> None:
        while not release.wait(0.01):
            report.raise_if_cancelled()

    return window.session.jobs.run("Build churn-train:2", work, lane=lane)


def question(window: MainWindow) -> QMessageBox:
    (box,) = (item for item in window.findChildren(QMessageBox) if item.isVisible())
    return box


def press(box: QMessageBox, text: str) -> None:
    next(button for button in box.buttons() if button.text() == text).click()


def test_a_window_at_rest_closes_without_a_question(window: MainWindow, release: threading.Event) -> None:
    begin(window, release, "watch")
    assert window.close()


def test_staying_stops_nothing(window: MainWindow, release: threading.Event, wait_jobs: Callable[[], None]) -> None:
    job = begin(window, release)
    assert not window.close()
    box = question(window)
    assert box.text() == "Build churn-train:2 is still going on."
    assert not window.close()
    assert question(window) is box
    press(box, "Stay")
    assert window.isVisible()
    assert job.status in (JobStatus.WAITING, JobStatus.RUNNING)
    release.set()
    wait_jobs()
    assert job.status is JobStatus.DONE
    assert window.isVisible()


def test_it_waits_for_the_work_and_quits(qtbot: QtBot, window: MainWindow, release: threading.Event) -> None:
    job = begin(window, release)
    window.close()
    press(question(window), "Wait, then quit")
    assert window.isVisible()
    assert window.notice.label.text() == "EnvStudio quits as soon as the work has ended."
    release.set()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert job.status is JobStatus.DONE


def test_it_stops_the_work_and_quits(qtbot: QtBot, window: MainWindow, release: threading.Event) -> None:
    job = begin(window, release)
    window.close()
    press(question(window), "Stop it and quit")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not release.is_set()
    assert job.status is not JobStatus.DONE


def test_one_can_stay_after_all(window: MainWindow, release: threading.Event, wait_jobs: Callable[[], None]) -> None:
    begin(window, release)
    window.close()
    press(question(window), "Wait, then quit")
    window.notice.buttons[0].click()
    release.set()
    wait_jobs()
    assert window.isVisible()
