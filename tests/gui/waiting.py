"""Waiting for a window to come to rest, instead of for some time."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QAbstractEventDispatcher, QCoreApplication, QEventLoop
from PySide6.QtTest import QTest

from envstudio.gui.jobs.runner import JobRunner

SECONDS = 60


def handle_events() -> None:
    """Handle all that waits in the event loop, layouts and paints among it, until nothing does."""
    dispatcher = QAbstractEventDispatcher.instance()
    deadline = time.monotonic() + SECONDS
    QCoreApplication.sendPostedEvents()
    while dispatcher.processEvents(QEventLoop.ProcessEventsFlag.AllEvents):
        if time.monotonic() > deadline:
            pytest.fail("The event loop never comes to rest.")


def come_to_rest(jobs: JobRunner) -> None:
    """Wait until no job waits or runs, and all that follows from their ends is handled."""
    deadline = time.monotonic() + SECONDS
    handle_events()
    while jobs.active():
        if time.monotonic() > deadline:
            pytest.fail(f"{', '.join(job.title for job in jobs.active())} did not end.")
        QTest.qWait(5)
        handle_events()
