"""One piece of background work as the window follows it: its stages, its lines, how far it is and how it ended."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

from envstudio.errors import EnvStudioError
from envstudio.report import Event, Line, Progress, Report, Stage, StageFinished, StageStarted

SLICE_SECONDS = 0.008
"""For how long one job's news are taken in at a time; the rest waits for the next turn, so that input does not."""
MAX_LINES = 50_000
WorkspaceRef = tuple[str, str]
"""A library's place and the name of a workspace in it: environments of two may have the same name."""


@dataclass(frozen=True, slots=True)
class JobKey:
    """What a job does, and to which environment; `target` distinguishes what may go on for one environment at once."""

    verb: str
    environment: str = ""
    target: str = ""


class JobStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Step:
    """A stage as the window follows it. `started` is a time of `time.perf_counter`; `stage` is there once it ended."""

    name: str
    started: float
    progress: Progress | None = None
    stage: Stage | None = None
    stopped: bool = False
    failed: bool = False

    @property
    def running(self) -> bool:
        """Return whether it goes on."""
        return self.stage is None and not self.stopped


class Job(QObject):
    """One piece of background work as the window sees it. Only the GUI thread changes it."""

    changed = Signal()
    lines_added = Signal(list)

    def __init__(
        self,
        number: int,
        title: str,
        lane: str,
        key: JobKey | None,
        workspace_ref: WorkspaceRef | None,
        call: Callable[[Report], Any],
    ) -> None:
        super().__init__()
        self.number = number
        self.title = title
        self.lane = lane
        self.key = key
        self.workspace_ref = workspace_ref
        self.about = ""
        """The digest of the definition that it works on, where another may replace it meanwhile."""
        self.call = call
        self.on_done: Callable[[Any], None] | None = None
        self.on_failed: Callable[[EnvStudioError], None] | None = None
        self.on_end: Callable[[], None] | None = None
        self.status = JobStatus.WAITING
        self.steps: list[Step] = []
        self.progress: Progress | None = None
        self.lines: deque[Line] = deque(maxlen=MAX_LINES)
        self.line_count = 0
        self.error: BaseException | None = None
        self.started = 0.0
        self.seconds = 0.0
        self.inbox: deque[Event] = deque()
        self.report = Report()

    @property
    def active(self) -> bool:
        """Return whether the job waits or runs."""
        return self.status in (JobStatus.WAITING, JobStatus.RUNNING)

    @property
    def elapsed(self) -> float:
        """Return for how many seconds it has run."""
        return time.perf_counter() - self.started if self.status is JobStatus.RUNNING else self.seconds

    @property
    def percent(self) -> int | None:
        """Return how far it is from 0 to 100; None if unknown."""
        if self.progress is None or not self.progress.total:
            return None
        return min(100, self.progress.done * 100 // self.progress.total)

    @property
    def stages(self) -> list[Stage]:
        """Return the stages that have ended."""
        return [step.stage for step in self.steps if step.stage is not None]

    @property
    def stage(self) -> str:
        """Return the stage that began last of those that run; empty if none does."""
        return next((step.name for step in reversed(self.steps) if step.running), "")

    @property
    def dropped(self) -> int:
        """Return how many of the first lines are no longer kept."""
        return self.line_count - len(self.lines)

    def take_in(self, seconds: float = SLICE_SECONDS) -> bool:
        """Handle what the worker has reported since, for that long at most; return whether something is left."""
        lines: list[Line] = []
        seen = False
        deadline = time.perf_counter() + seconds
        while self.inbox:
            event = self.inbox.popleft()
            seen = True
            if isinstance(event, Line):
                lines.append(event)
                if len(lines) % 256 == 0 and time.perf_counter() > deadline:
                    break
            elif isinstance(event, Progress):
                self._progressed(event)
            elif isinstance(event, StageStarted):
                self.steps.append(Step(event.name, time.perf_counter()))
                self.progress = None
            elif isinstance(event, StageFinished):
                self._ended(event.stage)
        if lines:
            self.line_count += len(lines)
            self.lines.extend(lines)
            self.lines_added.emit(lines)
        if seen:
            self.changed.emit()
        return bool(self.inbox)

    def _progressed(self, event: Progress) -> None:
        """Note how far it is; of stages that run at once, the one that began last is meant."""
        self.progress = event
        step = next((step for step in reversed(self.steps) if step.running), None)
        if step is not None:
            step.progress = event

    def _ended(self, stage: Stage) -> None:
        step = next((step for step in self.steps if step.running and step.name == stage.name), None)
        if step is None:
            step = Step(stage.name, time.perf_counter() - stage.seconds)
            self.steps.append(step)
        step.stage = stage
        self.progress = next((step.progress for step in reversed(self.steps) if step.running), None)

    def stop(self) -> None:
        """Note that what still runs will not end; if the job failed, it did so in the stage that began last."""
        unfinished = [step for step in self.steps if step.running]
        for step in unfinished:
            step.stopped = True
            step.failed = self.status is JobStatus.FAILED and step is unfinished[-1]
        self.progress = None
