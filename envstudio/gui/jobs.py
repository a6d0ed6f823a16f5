"""Background work: every thread of the window is started here.

A task runs on a lane, one worker thread each. The worker puts what its report says into the job's inbox and emits one
signal; a bound slot empties the inboxes at most twenty times a second, so that a chatty task cannot flood the window.
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from envstudio.errors import Cancelled, EnvStudioError
from envstudio.gui.garbage import GuiThreadGarbage
from envstudio.report import Event, Line, Progress, Report, Stage, StageFinished, StageStarted

BATCH_MILLISECONDS = 50
MAX_LINES = 20_000
MAX_FINISHED = 50
LANES = ("library", "lock", "build", "general", "watch")
QUIET_LANES = ("library", "watch")


class JobStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(QObject):
    """One piece of background work as the window sees it. Only the GUI thread changes it."""

    changed = Signal()
    lines_added = Signal(list)

    def __init__(self, number: int, title: str, lane: str, key: str | None, call: Callable[[Report], Any]) -> None:
        super().__init__()
        self.number = number
        self.title = title
        self.lane = lane
        self.key = key
        self.call = call
        self.on_done: Callable[[Any], None] | None = None
        self.on_failed: Callable[[BaseException], None] | None = None
        self.status = JobStatus.WAITING
        self.stages: list[Stage] = []
        self.stage = ""
        self.progress: Progress | None = None
        self.lines: deque[Line] = deque(maxlen=MAX_LINES)
        self.error: BaseException | None = None
        self.result: Any = None
        self.started = 0.0
        self.seconds = 0.0
        self.inbox: deque[Event] = deque()
        self.report = Report()

    @property
    def active(self) -> bool:
        """Tell whether the job waits or runs."""
        return self.status in (JobStatus.WAITING, JobStatus.RUNNING)

    @property
    def elapsed(self) -> float:
        """Return for how many seconds it has run."""
        return time.perf_counter() - self.started if self.status is JobStatus.RUNNING else self.seconds

    @property
    def percent(self) -> int | None:
        """Return how far it is from 0 to 100; None where nobody knows."""
        if self.progress is None or not self.progress.total:
            return None
        return min(100, self.progress.done * 100 // self.progress.total)

    def take_in(self) -> None:
        """Work off what the worker has said since last time."""
        lines: list[Line] = []
        seen = False
        while self.inbox:
            event = self.inbox.popleft()
            seen = True
            if isinstance(event, Line):
                lines.append(event)
            elif isinstance(event, Progress):
                self.progress = event
            elif isinstance(event, StageStarted):
                self.stage, self.progress = event.name, None
            elif isinstance(event, StageFinished):
                self.stages.append(event.stage)
                self.stage, self.progress = "", None
        if lines:
            self.lines.extend(lines)
            self.lines_added.emit(lines)
        if seen:
            self.changed.emit()


class JobRunner(QObject):
    """Runs tasks on their lanes and tells the window how they go."""

    job_added = Signal(object)
    job_changed = Signal(object)
    job_finished = Signal(object)
    job_failed = Signal(object)

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
        task: Callable[..., Any],
        *args: Any,
        lane: str = "general",
        key: str | None = None,
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[BaseException], None] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Queue `task(*args, report=…, **kwargs)`; an unfinished job with the same key is cancelled first.

        `on_done` is called with the result in the GUI thread, and only where the task ended without an error.
        `on_failed` is called with the error that a person is meant to read, in place of `job_failed`.
        """
        if lane not in LANES:
            raise ValueError(f"no lane {lane!r}")
        if key is not None:
            for other in self.active():
                if other.key == key:
                    self.cancel(other)

        def call(report: Report) -> Any:
            return task(*args, report=report, **kwargs)

        job = Job(next(self._numbers), title, lane, key, call)
        job.on_done, job.on_failed = on_done, on_failed
        job.report = Report(self._listener(job.number, job.inbox))
        self.jobs.append(job)
        self._by_number[job.number] = job
        self._forget_old()
        self.job_added.emit(job)
        self._queue(lane).put(job)
        return job

    def active(self) -> list[Job]:
        """Return the jobs that wait or run, oldest first."""
        return [job for job in self.jobs if job.active]

    def cancel(self, job: Job) -> None:
        """Ask a job to stop; one that has not begun is cancelled at once."""
        job.report.cancel()
        if job.status is JobStatus.WAITING:
            self._finish(job, JobStatus.CANCELLED)

    def shutdown(self, seconds: float = 10.0) -> bool:
        """Cancel everything and join the threads; tell whether all of them ended in time."""
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
            # What its worker said last is still in the event queue, and nobody will read it.
            self._finish(job, JobStatus.CANCELLED)
        if not left:
            self._garbage.stop()
        return not left

    # The worker's side: these run in a lane's thread and touch nothing but the inbox and the signals.

    def _listener(self, number: int, inbox: deque[Event]) -> Callable[[Event], None]:
        def listen(event: Event) -> None:
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
                result, error = None, raised
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
            if job is not None:
                job.take_in()
                self.job_changed.emit(job)

    @Slot(int, object, object)
    def _on_worker_ended(self, number: int, result: Any, error: BaseException | None) -> None:
        job = self._by_number.get(number)
        if job is None or not job.active:
            return
        job.take_in()
        job.seconds = time.perf_counter() - job.started
        job.result, job.error = result, error
        if isinstance(error, Cancelled) or (error is not None and job.report.cancelled):
            self._finish(job, JobStatus.CANCELLED)
        elif error is not None:
            self._finish(job, JobStatus.FAILED)
            if job.on_failed is not None and not is_bug(error):
                job.on_failed(error)
            else:
                self.job_failed.emit(job)
        else:
            self._finish(job, JobStatus.DONE)
            # A job that was replaced may end well all the same; its result is no longer wanted.
            if job.on_done is not None and not job.report.cancelled:
                job.on_done(result)

    def _finish(self, job: Job, status: JobStatus) -> None:
        job.status = status
        job.stage, job.progress = "", None
        job.changed.emit()
        self.job_changed.emit(job)
        self.job_finished.emit(job)

    def _forget_old(self) -> None:
        """Keep the last finished jobs only."""
        finished = [job for job in self.jobs if not job.active]
        for job in finished[:-MAX_FINISHED]:
            self.jobs.remove(job)
            self._by_number.pop(job.number, None)


def is_bug(error: BaseException) -> bool:
    """Tell an error of ours from one that a person is meant to read."""
    return not isinstance(error, EnvStudioError)


def traceback_text(error: BaseException) -> str:
    """Return the traceback of an error as Python prints it."""
    return "".join(traceback.format_exception(error))
