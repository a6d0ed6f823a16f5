"""Jobs: what they report, how they end, cancelling, replacing, and that nothing of them stays."""

from __future__ import annotations

import errno
import threading
import time
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio.errors import EnvStudioError, NotFound
from envstudio.gui.jobs.job import Job, JobKey, JobStatus
from envstudio.gui.jobs.runner import BATCH_MILLISECONDS, JobRunner
from envstudio.report import Report


@pytest.fixture
def runner(qapp: object):
    made = JobRunner()
    yield made
    assert made.shutdown()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane ")]


class Receiver(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.results: list[object] = []
        self.threads: list[object] = []

    @Slot(object)
    def take(self, result: object) -> None:
        self.results.append(result)
        self.threads.append(threading.current_thread())


def work(amount: int, *, report: Report) -> int:
    with report.stage("count") as stage:
        stage.cached = True
        for done in range(amount):
            report.progress(done, amount)
            report.line(f"line {done}")
    return amount


def wait_for_cancel(*, report: Report) -> None:
    report.line("begun")
    for _ in range(500):
        report.raise_if_cancelled()
        threading.Event().wait(0.01)
    raise AssertionError("nobody cancelled")


def fail(error: BaseException, *, report: Report) -> None:
    raise error


def ended(qtbot: QtBot, job: Job) -> None:
    qtbot.waitUntil(lambda: not job.active, timeout=5000)


def test_result_arrives_in_the_gui_thread(qtbot: QtBot, runner: JobRunner) -> None:
    receiver = Receiver()
    job = runner.run("Count", work, 5, on_done=receiver.take)
    assert job.status is JobStatus.WAITING
    ended(qtbot, job)
    assert job.status is JobStatus.DONE
    assert receiver.results == [5]
    assert receiver.threads == [threading.main_thread()]


def test_stages_lines_and_progress(qtbot: QtBot, runner: JobRunner) -> None:
    job = runner.run("Count", work, 7)
    batches: list[list[object]] = []
    job.lines_added.connect(batches.append)
    ended(qtbot, job)
    assert [line.text for line in job.lines] == [f"line {number}" for number in range(7)]
    assert [line for batch in batches for line in batch] == list(job.lines)
    assert [(stage.name, stage.cached) for stage in job.stages] == [("count", True)]
    assert job.progress is None
    assert job.seconds > 0


def test_a_flood_of_lines_comes_in_few_batches(qtbot: QtBot, runner: JobRunner) -> None:
    job = runner.run("Count", work, 20_000)
    batches: list[int] = []
    job.lines_added.connect(lambda lines: batches.append(len(lines)))
    ended(qtbot, job)
    assert sum(batches) == 20_000
    assert len(batches) <= job.seconds * 1000 / BATCH_MILLISECONDS + 3


def test_cancel_running(qtbot: QtBot, runner: JobRunner) -> None:
    receiver = Receiver()
    job = runner.run("Wait", wait_for_cancel, on_done=receiver.take)
    qtbot.waitUntil(lambda: bool(job.lines))
    runner.cancel(job)
    ended(qtbot, job)
    assert job.status is JobStatus.CANCELLED
    assert not receiver.results


def test_cancel_waiting(qtbot: QtBot, runner: JobRunner) -> None:
    first = runner.run("Wait", wait_for_cancel, lane="lock")
    second = runner.run("Count", work, 1, lane="lock")
    runner.cancel(second)
    assert second.status is JobStatus.CANCELLED
    runner.cancel(first)
    ended(qtbot, first)
    assert not second.lines


@pytest.mark.parametrize("error", [NotFound("No such thing.", "Look elsewhere."), ZeroDivisionError("a bug")])
def test_error(qtbot: QtBot, runner: JobRunner, error: BaseException) -> None:
    failed: list[Job] = []
    runner.job_failed.connect(failed.append)
    job = runner.run("Fail", fail, error)
    ended(qtbot, job)
    assert job.status is JobStatus.FAILED
    assert job.error is error
    assert failed == [job]


def test_a_full_disk_is_an_error_in_plain_words(qtbot: QtBot, runner: JobRunner) -> None:
    job = runner.run("Fail", fail, OSError(errno.ENOSPC, "No space left on device", "/data/x"))
    ended(qtbot, job)
    assert isinstance(job.error, EnvStudioError)
    assert job.error.summary == "/data/x cannot be used: the disk is full."


def test_same_key_replaces(qtbot: QtBot, runner: JobRunner) -> None:
    receiver = Receiver()
    first = runner.run("Wait", wait_for_cancel, key=JobKey("lock", "a"), on_done=receiver.take)
    qtbot.waitUntil(lambda: bool(first.lines))
    other = runner.run("Other", work, 1, key=JobKey("lock", "b"), lane="build")
    second = runner.run("Count", work, 2, key=JobKey("lock", "a"), on_done=receiver.take)
    ended(qtbot, second)
    ended(qtbot, other)
    assert first.status is JobStatus.CANCELLED
    assert other.status is JobStatus.DONE
    assert receiver.results == [2]


def test_lanes_run_beside_each_other(qtbot: QtBot, runner: JobRunner) -> None:
    blocked = runner.run("Wait", wait_for_cancel, lane="build")
    free = runner.run("Count", work, 1, lane="lock")
    ended(qtbot, free)
    assert blocked.active
    runner.cancel(blocked)
    ended(qtbot, blocked)


def test_shutdown_joins_threads(qtbot: QtBot, runner: JobRunner) -> None:
    job = runner.run("Wait", wait_for_cancel)
    qtbot.waitUntil(lambda: job.status is JobStatus.RUNNING)
    assert runner.shutdown()
    assert job.status is JobStatus.CANCELLED
    assert not runner.active()


def test_unknown_lane(runner: JobRunner) -> None:
    with pytest.raises(ValueError, match="no lane"):
        runner.run("Count", work, 1, lane="somewhere")


def test_a_result_for_a_widget_that_is_gone_is_dropped(qapp: QApplication, qtbot: QtBot, runner: JobRunner) -> None:
    class Wanting(QObject):
        messages = Signal()

        def take(self, _result: object) -> None:
            self.messages.emit()

    made = Wanting()
    job = runner.run("Look", lambda *, report: time.sleep(0.1), on_done=partial(made.take))
    made.deleteLater()
    qapp.sendPostedEvents(made, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: not job.active)
    assert job.status is JobStatus.DONE


def test_quiet_jobs_do_not_push_others_out(qtbot: QtBot, runner: JobRunner) -> None:
    build = runner.run("Build", lambda *, report: None, lane="build")
    for _ in range(120):
        runner.run("Look", lambda *, report: None, lane="library")
    qtbot.waitUntil(lambda: not runner.active())
    runner.run("Look", lambda *, report: None, lane="library")
    assert build in runner.jobs
    assert len(runner.jobs) < 10
    qtbot.waitUntil(lambda: not runner.active())


def test_the_same_key_in_another_workspace_goes_on(qtbot: QtBot, runner: JobRunner) -> None:
    receiver = Receiver()
    first = runner.run("Wait", wait_for_cancel, key=JobKey("build", "a"), workspace_ref=("library", "default"))
    second = runner.run(
        "Count",
        work,
        2,
        key=JobKey("build", "a"),
        workspace_ref=("library", "team"),
        lane="build",
        on_done=receiver.take,
    )
    ended(qtbot, second)
    assert first.status is JobStatus.RUNNING
    third = runner.run(
        "Count", work, 3, key=JobKey("build", "a"), workspace_ref=("library", "default"), on_done=receiver.take
    )
    ended(qtbot, third)
    assert first.status is JobStatus.CANCELLED
    assert receiver.results == [2, 3]


@pytest.mark.parametrize(("lane", "messages"), [("general", True), ("known", False)])
def test_a_failure_whose_page_is_gone_is_told_all_the_same(
    qapp: QApplication, qtbot: QtBot, runner: JobRunner, lane: str, messages: bool
) -> None:
    """But for what was only looked for to be shown there."""
    failed: list[Job] = []
    runner.job_failed.connect(failed.append)
    receiver = Receiver()
    job = runner.run("Push", fail, EnvStudioError("no room", ""), lane=lane, on_failed=receiver.take)
    receiver.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    ended(qtbot, job)
    assert failed == ([job] if messages else [])


class Following(QObject):
    """Notes in which order it is reported how a job went."""

    def __init__(self, raising: str = "") -> None:
        super().__init__()
        self._raising = raising
        self.messages: list[str] = []

    def done(self, _result: object) -> None:
        self._note("done")

    def failed(self, _error: EnvStudioError) -> None:
        self._note("failed")

    def end(self) -> None:
        self.messages.append("end")

    def _note(self, word: str) -> None:
        self.messages.append(word)
        if word == self._raising:
            raise ZeroDivisionError(f"a bug where it was {word}")


@pytest.mark.parametrize(
    ("error", "messages"),
    [(None, ["done", "end"]), (NotFound("No such thing.", ""), ["failed", "end"]), (ZeroDivisionError(), ["end"])],
    ids=["done", "failed", "bug"],
)
def test_its_end_is_told_last_however_it_went(
    qtbot: QtBot, runner: JobRunner, error: BaseException | None, messages: list[str]
) -> None:
    following = Following()
    task = partial(fail, error) if error else partial(work, 1)
    job = runner.run("Go", task, on_done=following.done, on_failed=following.failed, on_end=following.end)
    ended(qtbot, job)
    assert following.messages == messages


@pytest.mark.parametrize("word", ["done", "failed"])
def test_its_end_is_told_after_a_bug_in_what_it_called(qtbot: QtBot, runner: JobRunner, word: str) -> None:
    following = Following(raising=word)
    task = partial(fail, NotFound("No such thing.", "")) if word == "failed" else partial(work, 1)
    with qtbot.captureExceptions() as raised:
        job = runner.run("Go", task, on_done=following.done, on_failed=following.failed, on_end=following.end)
        ended(qtbot, job)
    assert following.messages == [word, "end"]
    assert [kind for kind, *_ in raised] == [ZeroDivisionError]


def test_its_end_is_told_after_a_cancel_before_it_began_and_while_it_runs(qtbot: QtBot, runner: JobRunner) -> None:
    running, waiting = Following(), Following()
    first = runner.run("Wait", wait_for_cancel, on_done=running.done, on_end=running.end)
    second = runner.run("Count", work, 1, on_done=waiting.done, on_end=waiting.end)
    qtbot.waitUntil(lambda: bool(first.lines))
    runner.cancel(second)
    assert waiting.messages == ["end"]
    runner.cancel(first)
    ended(qtbot, first)
    assert running.messages == ["end"]


def test_its_end_is_told_when_the_window_stops_it(qtbot: QtBot, runner: JobRunner) -> None:
    following = Following()
    job = runner.run("Wait", wait_for_cancel, on_end=following.end)
    qtbot.waitUntil(lambda: job.status is JobStatus.RUNNING)
    assert runner.shutdown()
    assert following.messages == ["end"]


def test_the_end_of_a_job_done_again_is_told_again(qtbot: QtBot, runner: JobRunner) -> None:
    following = Following()
    ended(qtbot, runner.again(runner.run("Count", work, 1, on_end=following.end)))
    assert following.messages == ["end", "end"]
