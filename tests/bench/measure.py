"""How a benchmark measures: a thing and its reference in turns, and the medians of both."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from envstudio.engine import Engine, connect
from envstudio.errors import Unavailable


class Skipped(Exception):
    """A benchmark cannot be run on this machine, and why."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    value: float
    unit: str
    reference: str
    reference_value: float
    limit: float
    note: str = ""
    """What else was measured."""

    @property
    def ratio(self) -> float:
        return self.value / self.reference_value

    @property
    def too_slow(self) -> bool:
        return self.ratio > self.limit

    def to_json(self) -> dict[str, Any]:
        status = "above its limit" if self.too_slow else "ok"
        return {"status": status, **asdict(self), "ratio": round(self.ratio, 3)}


def some_engine() -> Engine:
    """Return a container engine. Raises `Skipped` if none answers."""
    try:
        return connect()
    except Unavailable as error:
        raise Skipped(error.summary) from error


def need_disk(folder: Path, gigabytes: int) -> None:
    """Raise `Skipped` if the disk of a folder has less than this free."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < gigabytes:
        raise Skipped(f"it needs {gigabytes} GB of disk, and {free:.1f} GB are free")


def limited(value: float, unit: str, limit: float, note: str = "") -> Row:
    """Return the line of a value that has a limit of its own instead of a reference."""
    return Row(round(value, 4), unit, "its limit", limit, 1.0, note)


def compared(
    thing: Callable[[], object],
    reference: Callable[[], object],
    *,
    named: str,
    limit: float,
    times: int = 7,
    clock: Callable[[Callable[[], object]], float] | None = None,
) -> Row:
    """Measure both in turns, so that a slow moment of the machine meets both, and return their medians in seconds."""
    measure = clock or seconds
    thing()
    reference()
    pairs = [(measure(thing), measure(reference)) for _ in range(times)]
    return Row(
        round(statistics.median(pair[0] for pair in pairs), 4),
        "s",
        named,
        round(statistics.median(pair[1] for pair in pairs), 4),
        limit,
    )


def seconds(action: Callable[[], object]) -> float:
    """Return the wall-clock time of a call."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def python(*words: str) -> Callable[[], object]:
    """Return a call that runs this Python as a new process and must succeed."""
    return program(sys.executable, *words)


def program(*command: str) -> Callable[[], object]:
    """Return a call that runs a command and must succeed."""

    def call() -> object:
        return subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    return call
