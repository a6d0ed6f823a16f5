"""How running work speaks: stages, progress and lines go out, and a request to stop comes in.

A task takes a `Report` and knows nothing about who listens. The command line prints it, the window's jobs turn it
into signals, and tests collect it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from envstudio.errors import Cancelled, redacted


@dataclass(frozen=True, slots=True)
class Stage:
    """One finished step of a job. `seconds` is wall-clock time."""

    name: str
    seconds: float
    cached: bool = False


@dataclass(frozen=True, slots=True)
class StageStarted:
    name: str


@dataclass(frozen=True, slots=True)
class StageFinished:
    stage: Stage


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the current stage is: `done` of `total` units; `total` 0 means unknown."""

    done: int
    total: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output. `stream` is "out", "err" or "command" (the exact command that was run)."""

    text: str
    stream: str = "out"


Event = StageStarted | StageFinished | Progress | Line


class Report:
    """The one channel between running work and its listener. Safe to use from several threads."""

    def __init__(self, listener: Callable[[Event], None] | None = None) -> None:
        self._listener = listener
        self._cancelled = threading.Event()
        self.stages: list[Stage] = []

    def emit(self, event: Event) -> None:
        """Hand one event to the listener."""
        if self._listener is not None:
            self._listener(event)

    @contextmanager
    def stage(self, name: str) -> Iterator[StageHandle]:
        """Announce a stage, time it, and record it when it ends without an error."""
        self.raise_if_cancelled()
        handle = StageHandle()
        self.emit(StageStarted(name))
        started = time.perf_counter()
        yield handle
        stage = Stage(name, round(time.perf_counter() - started, 3), handle.cached)
        self.stages.append(stage)
        self.emit(StageFinished(stage))

    def began(self, name: str) -> None:
        """Say that a stage began that others run and time, several at once perhaps."""
        self.emit(StageStarted(name))

    def ended(self, name: str, seconds: float, *, cached: bool = False) -> None:
        """Record such a stage."""
        stage = Stage(name, round(seconds, 3), cached)
        self.stages.append(stage)
        self.emit(StageFinished(stage))

    def progress(self, done: int, total: int, unit: str = "") -> None:
        """Say how far the current stage is; raises `Cancelled` if a stop was requested."""
        self.raise_if_cancelled()
        self.emit(Progress(done, total, unit))

    def line(self, text: str, stream: str = "out") -> None:
        """Say one line; credentials in addresses are redacted, for lines are commands and what programs print."""
        self.emit(Line(redacted(text), stream))

    def cancel(self) -> None:
        """Ask the work to stop at its next opportunity."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` if a stop was requested."""
        if self.cancelled:
            raise Cancelled


class Relay(Report):
    """Hands everything on to another report, and each line to a function too."""

    def __init__(self, report: Report, on_line: Callable[[Line], object]) -> None:
        super().__init__()
        self._report, self._on_line = report, on_line

    def emit(self, event: Event) -> None:
        """Hand one event on."""
        if isinstance(event, Line):
            self._on_line(event)
        self._report.emit(event)

    @property
    def cancelled(self) -> bool:
        return self._report.cancelled


class StageHandle:
    """Lets the code inside a stage say that its result came from a cache."""

    def __init__(self) -> None:
        self.cached = False


def silent() -> Report:
    """Return a report that no one listens to."""
    return Report()
