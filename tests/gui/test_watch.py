"""A watch goes on after whatever its question or its answer raises, and does not repeat an error every second."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Slot
from pytestqt.qtbot import QtBot

from envstudio.errors import NotFound
from envstudio.gui.jobs.watch import MILLISECONDS, Watch
from envstudio.gui.model.session import Session
from envstudio.report import Report


class Counting(Watch):
    """Asks for the number of its looks; the first answer, or the first look at it, can raise."""

    def __init__(self, session: Session, *, requests: BaseException | None = None, seen: bool = False) -> None:
        super().__init__(session.jobs, session)
        self._error, self._raises = requests, seen
        self.looks = 0
        self.found: list[int] = []

    @Slot()
    def look(self) -> None:
        self._ask("Count", self._count, then=self._on_counted)

    def _count(self, *, report: Report) -> int:
        self.looks += 1
        if self._error is not None and self.looks == 1:
            raise self._error
        return self.looks

    def _on_counted(self, number: int) -> None:
        if self._raises and number == 1:
            raise ZeroDivisionError("a bug where it is shown")
        self.found.append(number)


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), NotFound("No such thing.", "")], ids=["bug", "expected"])
def test_a_watch_goes_on_after_a_question_that_failed(
    session: Session, qtbot: QtBot, wait_jobs: Callable[[], None], error: BaseException
) -> None:
    watch = Counting(session, requests=error)
    watch.look()
    wait_jobs()
    assert watch.found == []
    watch.look()
    wait_jobs()
    assert watch.found == [2]


def test_an_error_of_ours_is_not_told_every_second(
    session: Session, qtbot: QtBot, wait_jobs: Callable[[], None]
) -> None:
    watch = Counting(session, requests=ZeroDivisionError("a bug"))
    watch.start()
    qtbot.wait(MILLISECONDS + 500)
    assert watch.looks == 1
    watch.look()
    wait_jobs()
    qtbot.waitUntil(lambda: watch.looks == 3, timeout=2 * MILLISECONDS)
    watch.stop()


def test_a_watch_goes_on_after_an_answer_that_failed(
    session: Session, qtbot: QtBot, wait_jobs: Callable[[], None]
) -> None:
    watch = Counting(session, seen=True)
    with qtbot.captureExceptions() as raised:
        watch.look()
        wait_jobs()
    assert [kind for kind, *_ in raised] == [ZeroDivisionError]
    watch.look()
    wait_jobs()
    assert watch.found == [2]


def test_a_watch_goes_on_after_a_question_that_was_cancelled(
    session: Session, qtbot: QtBot, wait_jobs: Callable[[], None]
) -> None:
    watch = Counting(session)
    watch.look()
    for job in session.jobs.active():
        session.jobs.cancel(job)
    watch.look()
    wait_jobs()
    assert len(watch.found) == 1
