"""Background work: every thread of the window is started here.

A task runs on a lane, one worker thread each. The worker puts what its report says into the job's inbox and emits one
signal; a bound slot empties the inboxes at most twenty times a second, so that a chatty task cannot flood the window.
"""

from __future__ import annotations

import itertools
import math
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from envstudio.disk import explained
from envstudio.errors import Cancelled, EnvStudioError
from envstudio.gui.jobs.garbage import GuiThreadGarbage
from envstudio.gui.jobs.job import Job, JobKey, JobStatus, WorkspaceRef
from envstudio.report import Event, Report

T = TypeVar("T")

BATCH_MILLISECONDS = 50
SWITCH_SECONDS = 0.0001
"""For how long a worker keeps the interpreter while the window wants it, which it does after each call of Qt."""
MAX_WAITING = 5_000
"""How many events may wait to be taken in; a worker that says more waits for the window."""
MAX_KEPT_LINES = 200_000
"""How many lines of finished jobs are kept together; the oldest jobs lose theirs first."""
MAX_FINISHED = 50
LANES = ("library", "lock", "build", "run", "general", "watch", "known")
QUIET_LANES = ("library", "watch", "known")


class JobRunner(QObject):
    """Runs tasks on their lanes and tells the window how they go."""

    job_added = Signal(object)
    job_changed = Signal(object)
    job_finished = Signal(object)
    job_failed = Signal(object)
    job_forgotten = Signal(object)

    _begun = Signal(int)
    _spoken = Signal(int)
    _ended = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[Job] = []
        self._by_number: dict[int, Job] = {}
        self._numbers = itertools.count(1)
        self._queues: dict[str, queue.SimpleQueue[Job | None]] = {}
        self._threads: list[threading.Thread] = []
        self._speaking: set[int] = set()
        self._garbage = GuiThreadGarbage(self)
        self._timer = QTimer(self, interval=BATCH_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._begun.connect(self._on_worker_begun, Qt.ConnectionType.QueuedConnection)
        self._spoken.connect(self._on_worker_spoken, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._on_worker_ended, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        title: str,
        task: Callable[..., T],
        *args: Any,
        lane: str = "general",
        key: JobKey | None = None,
        workspace_ref: WorkspaceRef | None = None,
        on_done: Callable[[T], None] | None = None,
        on_failed: Callable[[EnvStudioError], None] | None = None,
        on_end: Callable[[], None] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Queue `task(*args, report=…, **kwargs)`; an unfinished job with the same key and place is cancelled first.

        `workspace_ref` is the workspace of what the key names, which goes on when the window shows another one.
        `on_done`
        is called with the result in the GUI thread, and only if the task ended without an error.
        `on_failed` is called with the error meant for the user, instead of `job_failed`.
        `on_end` is called last and always, also after a cancel, a bug in the task, or one in `on_done`: whatever says
        that something is under way is reset there. A job that was replaced may end while its successor goes on.
        """
        if lane not in LANES:
            raise ValueError(f"no lane {lane!r}")
        if key is not None:
            for other in self.active():
                if (other.key, other.workspace_ref) == (key, workspace_ref):
                    self.cancel(other)

        def call(report: Report) -> T:
            return task(*args, report=report, **kwargs)

        job = Job(next(self._numbers), title, lane, key, workspace_ref, call)
        job.on_done, job.on_failed, job.on_end = on_done, on_failed, on_end
        return self._queued(job)

    def again(self, job: Job) -> Job:
        """Queue the same work once more, as after something was allowed that it was refused for."""
        new = Job(next(self._numbers), job.title, job.lane, job.key, job.workspace_ref, job.call)
        new.on_done, new.on_failed, new.on_end = job.on_done, job.on_failed, job.on_end
        new.about = job.about
        return self._queued(new)

    def _queued(self, job: Job) -> Job:
        job.report = Report(self._listener(job))
        self.jobs.append(job)
        self._by_number[job.number] = job
        self._forget_old()
        self.job_added.emit(job)
        self._queue(job.lane).put(job)
        return job

    def active(self) -> list[Job]:
        """Return the jobs that wait or run, oldest first."""
        return [job for job in self.jobs if job.active]

    def cancel(self, job: Job) -> None:
        """Ask a job to stop; one that has not begun is cancelled at once."""
        job.report.cancel()
        if job.status is JobStatus.WAITING:
            self._finish(job, JobStatus.CANCELLED)
        elif job.active:
            self.job_changed.emit(job)

    def rename(self, workspace_ref: WorkspaceRef, old: str, new: str) -> None:
        """Let the keys of jobs follow an environment that is called otherwise now."""
        for job in self.jobs:
            if job.key is not None and job.key.environment == old and job.workspace_ref == workspace_ref:
                job.key = replace(job.key, environment=new)
                self.job_changed.emit(job)

    def shutdown(self, seconds: float = 10.0) -> bool:
        """Cancel everything and join the threads; return whether all of them ended in time."""
        for job in self.active():
            self.cancel(job)
        for lane in self._queues.values():
            lane.put(None)
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        left = [thread for thread in self._threads if thread.is_alive()]
        self._threads, self._queues = left, {}
        for job in self.active():
            # What its worker said last is still in the event queue, and no one will read it.
            self._finish(job, JobStatus.CANCELLED)
        if not left:
            self._garbage.stop()
        return not left

    # The worker's side: these run in a lane's thread and touch nothing but the inbox and the signals.

    def _listener(self, job: Job) -> Callable[[Event], None]:
        number, inbox = job.number, job.inbox

        def listen(event: Event) -> None:
            while len(inbox) >= MAX_WAITING:
                if job.report.cancelled:
                    return
                time.sleep(0.002)
            inbox.append(event)
            if number not in self._speaking:
                self._speaking.add(number)
                self._spoken.emit(number)

        return listen

    def _queue(self, lane: str) -> queue.SimpleQueue[Job | None]:
        if lane not in self._queues:
            waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
            self._queues[lane] = waiting
            thread = threading.Thread(target=self._work, args=(waiting,), name=f"lane {lane}", daemon=True)
            self._threads.append(thread)
            self._garbage.start()
            sys.setswitchinterval(SWITCH_SECONDS)
            thread.start()
        return self._queues[lane]

    def _work(self, waiting: queue.SimpleQueue[Job | None]) -> None:
        while (job := waiting.get()) is not None:
            if job.report.cancelled:
                continue
            self._begun.emit(job.number)
            try:
                result, error = job.call(job.report), None
            except BaseException as raised:  # noqa: BLE001  whatever a task raises has to reach the window
                result, error = None, explained(raised)
            self._ended.emit(job.number, result, error)

    # The window's side

    @Slot(int)
    def _on_worker_begun(self, number: int) -> None:
        job = self._by_number.get(number)
        if job is not None and job.status is JobStatus.WAITING:
            job.status = JobStatus.RUNNING
            job.started = time.perf_counter()
            job.changed.emit()
            self.job_changed.emit(job)

    @Slot(int)
    def _on_worker_spoken(self, number: int) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _on_timer_timeout(self) -> None:
        for number in list(self._speaking):
            self._speaking.discard(number)
            job = self._by_number.get(number)
            if job is None:
                continue
            if job.take_in():
                self._speaking.add(number)
                self._timer.start()
            self.job_changed.emit(job)

    @Slot(int, object, object)
    def _on_worker_ended(self, number: int, result: Any, error: BaseException | None) -> None:
        job = self._by_number.get(number)
        if job is None or not job.active:
            return
        job.take_in(math.inf)
        job.seconds = time.perf_counter() - job.started
        job.error = error
        if isinstance(error, Cancelled) or (error is not None and job.report.cancelled):
            self._finish(job, JobStatus.CANCELLED)
        elif error is not None:
            self._finish(job, JobStatus.FAILED, partial(self._tell_failure, job, error))
        else:
            self._finish(job, JobStatus.DONE, partial(self._hand_on, job, result))

    def _tell_failure(self, job: Job, error: BaseException) -> None:
        if job.on_failed is None or not isinstance(error, EnvStudioError):
            self.job_failed.emit(job)
        elif not _is_gone(job.on_failed):
            job.on_failed(error)
        elif job.lane not in QUIET_LANES:
            # The page that would have told it was closed meanwhile.
            self.job_failed.emit(job)

    def _hand_on(self, job: Job, result: Any) -> None:
        # A job that was replaced may end well all the same; its result is no longer wanted.
        if job.on_done is not None and not job.report.cancelled and not _is_gone(job.on_done):
            job.on_done(result)

    def _finish(self, job: Job, status: JobStatus, tell: Callable[[], None] | None = None) -> None:
        """Note how a job ended and `tell` it; that it ended is reported whatever that raises."""
        job.status = status
        job.stop()
        try:
            job.changed.emit()
            self.job_changed.emit(job)
            self.job_finished.emit(job)
            if tell is not None:
                tell()
        finally:
            if job.on_end is not None and not _is_gone(job.on_end):
                job.on_end()

    def _forget_old(self) -> None:
        """Keep the last finished jobs only."""
        finished = [job for job in self.jobs if not job.active]
        quiet = [job for job in finished if job.lane in QUIET_LANES and job.status is not JobStatus.FAILED]
        loud = [job for job in finished if job not in quiet]
        for job in (*quiet, *loud[:-MAX_FINISHED]):
            self.jobs.remove(job)
            self._by_number.pop(job.number, None)
            self.job_forgotten.emit(job)
        kept = 0
        for job in reversed(loud[-MAX_FINISHED:]):
            kept += len(job.lines)
            if kept > MAX_KEPT_LINES:
                job.lines.clear()


class _Aside(QObject):
    """Tells the GUI thread that a call is over."""

    ended = Signal()


def call_aside(call: Callable[[], T]) -> T:
    """Return what a call returns, made in a thread of its own while windows are painted; what it raises is raised here.

    Keys and clicks wait in Qt's queue meanwhile, in their order, and arrive afterwards.
    """
    outcome: list[T] = []
    raised: list[BaseException] = []
    aside, loop = _Aside(), QEventLoop()
    aside.ended.connect(loop.quit, Qt.ConnectionType.QueuedConnection)

    def work() -> None:
        try:
            outcome.append(call())
        except BaseException as error:  # noqa: BLE001  it is raised again where it was asked for
            raised.append(error)
        aside.ended.emit()

    thread = threading.Thread(target=work, name="aside", daemon=True)
    thread.start()
    loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    thread.join()
    if raised:
        raise raised[0]
    return outcome[0]


def _is_gone(call: Callable[..., None]) -> bool:
    """Return whether the widget that wanted a result was closed meanwhile."""
    while isinstance(call, partial):
        call = call.func
    owner = getattr(call, "__self__", None)
    return isinstance(owner, QObject) and not isValid(owner)


def is_bug(error: BaseException) -> bool:
    """Return whether an error is ours rather than one meant for the user."""
    return not isinstance(error, EnvStudioError)


def traceback_text(error: BaseException) -> str:
    """Return the traceback of an error as Python prints it."""
    return "".join(traceback.format_exception(error))
