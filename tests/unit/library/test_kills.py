"""A few of the kills of `make kill`, a clock that goes backwards, and what comes of both."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from real_parts import ROOT

from envstudio.domain.environment import Environment, Variable
from envstudio.domain.reference import Reference
from envstudio.library import Library


@pytest.mark.skipif(sys.platform != "linux", reason="A process that has loaded as much forks safely on Linux only.")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_kills_lose_nothing(kills: int) -> None:
    # In a process of its own, as one with threads must not fork.
    command = [sys.executable, "-m", "tests.kills", "--count", str(kills), "--seed", "11"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing lost, every log verified" in done.stdout
    assert sum(int(line.split()[1]) for line in done.stdout.splitlines()[1:-1]) >= kills // 2


@pytest.fixture
def backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every look at the clock find it an hour earlier than the one before."""
    ticks, start = count(), datetime(2026, 6, 1, tzinfo=UTC)

    def now() -> datetime:
        return start - timedelta(hours=next(ticks))

    for module in ("journal", "store", "versions", "version_rows", "environments", "builds", "locks", "workspaces"):
        monkeypatch.setattr(f"envstudio.library.{module}.now", now)


def test_a_clock_that_goes_backwards(backwards: None, library: Library, churn: Environment) -> None:
    for number in range(4):
        library.versions.register(churn.with_variable(Variable("N", str(number))))
    mark = library.changes.mark()
    library.versions.save_draft(churn)
    mark, changes = library.changes.since(mark)
    assert changes
    library.versions.save_draft(churn.with_variable(Variable("M", "1")))
    assert library.changes.since(mark)[1]
    library.versions.label(Reference("churn", 2), "prod")
    assert [item.number for item in library.versions.list("churn")] == [4, 3, 2, 1]
    assert [event.id for event in library.events.list()] == sorted((e.id for e in library.events.list()), reverse=True)
    assert library.events.verify().notice == ""


def test_what_was_deleted_last_comes_back_whatever_the_clock_says(
    backwards: None, library: Library, churn: Environment
) -> None:
    for number in range(3):
        library.versions.register(churn.with_variable(Variable("N", str(number))))
        library.environments.delete("churn")
    library.environments.undelete("churn")
    assert library.find("churn").environment.variables[-1] == Variable("N", "2")
