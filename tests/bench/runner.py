"""Runs benchmarks in groups: a row that fails or is skipped says so, and the others are measured all the same."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.bench.measure import Row, Skipped

GROUP_SECONDS = 20 * 60
"""How long the rows of one group may take together; what is not measured by then has failed."""

Groups = Mapping[str, Mapping[str, Callable[[Path], Row]]]


@dataclass(frozen=True)
class Unmeasured:
    """What stands in the table for a row without a value: "failed" or "skipped", and why."""

    status: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"status": self.status, "reason": self.reason}


class OutOfTimeError(BaseException):
    """The time of a group is over; no handler of a benchmark takes it for an error of its own."""


def names(groups: Groups) -> list[str]:
    """List what can be requested by itself: groups, and their rows."""
    return [*groups, *(name for rows in groups.values() for name in rows)]


def run(groups: Groups, only: str, target: Path, *, group_seconds: float = GROUP_SECONDS) -> int:
    """Measure all groups, or one group or row; return 1 if a row failed or is above its limit.

    `target` is written after each row, so that it holds all that was measured even if the run is ended.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    found = _known(target) if only else {}
    _write(target, found)
    bad = False
    with _own_folder() as folder:
        for group, rows in groups.items():
            deadline = time.monotonic() + group_seconds
            for name, benchmark in rows.items():
                if only not in ("", group, name):
                    continue
                row = _measured(benchmark, folder / name, deadline)
                print(_line(name, row), flush=True)
                found[name] = row.to_json()
                _write(target, found)
                bad |= row.too_slow if isinstance(row, Row) else row.status == "failed"
    return 1 if bad else 0


def _measured(benchmark: Callable[[Path], Row], work: Path, deadline: float) -> Row | Unmeasured:
    """Run one benchmark in a folder of its own, which is gone afterwards."""
    try:
        with _ending_at(deadline):
            work.mkdir()
            return benchmark(work)
    except Skipped as reason:
        return Unmeasured("skipped", str(reason))
    except OutOfTimeError:
        return Unmeasured("failed", "the time of its group is over")
    except Exception as error:  # noqa: BLE001 - whatever it is, the other rows are measured
        traceback.print_exc()
        return Unmeasured("failed", _reason(error))
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def _ending_at(deadline: float) -> Iterator[None]:
    """Raise `OutOfTimeError` in what runs here once a moment of the monotonic clock has come."""

    def end(*_: object) -> None:
        raise OutOfTimeError

    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise OutOfTimeError
    handler, timer = signal.signal(signal.SIGALRM, end), signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


@contextlib.contextmanager
def _own_folder() -> Iterator[Path]:
    """Yield a folder that is gone in the end, with settings and data of this run alone in it."""
    with tempfile.TemporaryDirectory(prefix="envstudio-bench-", ignore_cleanup_errors=True) as folder:
        own = {f"ENVSTUDIO_{name}": str(Path(folder) / name.lower()) for name in ("CONFIG", "DATA")}
        with patch.dict(os.environ, own):
            yield Path(folder)


def _known(target: Path) -> dict[str, Any]:
    """Return what an earlier run measured."""
    try:
        found = json.loads(target.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(target: Path, found: dict[str, Any]) -> None:
    target.write_text(json.dumps(found, indent=2) + "\n")


def _reason(error: Exception) -> str:
    """Return an error as one text, with the end of what a child said."""
    messages = error.stderr if isinstance(error, subprocess.CalledProcessError) and error.stderr else b""
    text = messages.decode(errors="replace") if isinstance(messages, bytes) else messages
    return "; ".join(part for part in (f"{type(error).__name__}: {error}", *text.splitlines()[-1:]) if part)


def _line(name: str, row: Row | Unmeasured) -> str:
    if isinstance(row, Unmeasured):
        return f"{name:18} {row.status.upper()}: {row.reason.partition(chr(10))[0]}"
    verdict = "ABOVE ITS LIMIT" if row.too_slow else "ok"
    measured = f"{row.value:9.3f} {row.unit} / {row.reference_value:.3f} {row.unit} ({row.reference})"
    return f"{name:18} {measured} = {row.ratio:.2f}, limit {row.limit:.2f}  {verdict}  {row.note}".rstrip()
