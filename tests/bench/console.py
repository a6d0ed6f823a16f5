"""A job that says a million lines: how long until the console has taken them in, and what an input waits meanwhile.

The lines go through the job's own report and signals into the console of the whole window, which shows and paints them.
`python -m tests.bench.console PLACE` is the process that is measured.
"""

from __future__ import annotations

import functools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.measure import Row, limited

LINES = 1_000_000
STALL_MILLISECONDS = 50
SECONDS = 30
MEMORY_MEGABYTES = 64
"""What the lines kept and those that wait may take: 60,000 in the view, 5,000 on their way, all of some 60 letters."""


@functools.cache
def _measured(folder: Path) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.bench.console", str(folder / "library.sqlite")]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
    return found


def console_stall(folder: Path) -> Row:
    """How long an input waits at most while a million lines come in."""
    found = _measured(folder.parent / "console")
    note = f"median {found['median'] * 1000:.1f} ms, p99 {found['p99'] * 1000:.1f} ms, {found['ticks']} ticks"
    return limited(found["worst"] * 1000, "ms", STALL_MILLISECONDS, note)


def console_time(folder: Path) -> Row:
    """How long a million lines take until the last one is in the console."""
    found = _measured(folder.parent / "console")
    return limited(found["seconds"], "s", SECONDS, f"{LINES / found['seconds']:,.0f} lines a second")


def console_memory(folder: Path) -> Row:
    """How much memory the process has more after a million lines."""
    found = _measured(folder.parent / "console")
    return limited(found["memory"] / 1e6, "MB", MEMORY_MEGABYTES, f"{found['kept']:,} lines are kept")


def talk(count: int, *, report: Any) -> None:
    """Say that many lines, some of them coloured."""
    for number in range(count):
        color = "\x1b[32m" if number % 10 == 0 else ""
        report.line(f"{color}#{number % 40} {number / 1000:.3f} Collecting package-{number:07} from the index\x1b[0m")


def measure(location: str) -> None:
    """Show the console, let a job talk, and look every 5 ms how late the window is."""
    from PySide6.QtCore import QTimer

    from tests.bench.window_child import TICK_MILLISECONDS, memory, program, settle, tell

    application = program(location)
    window, session = application.window, application.session
    window.fold_console(False)
    late: list[float] = []
    last = [0.0]

    def tick() -> None:
        now = time.perf_counter()
        late.append(max(0.0, now - last[0] - TICK_MILLISECONDS / 1000))
        last[0] = now

    warm = session.jobs.run("Warm up", talk, 2_000, lane="general")
    while warm.active:
        application.qt.processEvents()
    settle(0.5)
    before = memory()["private"]
    timer = QTimer()
    timer.setInterval(TICK_MILLISECONDS)
    timer.timeout.connect(tick)
    last[0] = begun = time.perf_counter()
    timer.start()
    job = session.jobs.run("Talk", talk, LINES, lane="build")
    while job.active:
        application.qt.processEvents()
        time.sleep(0.0005)
    seconds = time.perf_counter() - begun
    timer.stop()
    log = window.console.log
    if log.lines.end != LINES or not log.following:
        raise RuntimeError(f"the console has {log.lines.end} of {LINES} lines")
    settle(0.5)
    ordered = sorted(late)
    tell(
        seconds=seconds,
        median=statistics.median(ordered),
        p99=ordered[int(len(ordered) * 0.99)],
        worst=ordered[-1],
        ticks=len(ordered),
        memory=max(0, memory()["private"] - before),
        kept=len(log.lines),
    )


BENCHMARKS: dict[str, Callable[[Path], Row]] = {
    "console-stall": console_stall,
    "console-time": console_time,
    "console-memory": console_memory,
}

if __name__ == "__main__":
    measure(sys.argv[1])
