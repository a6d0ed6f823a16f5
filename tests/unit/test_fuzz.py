"""A part of `make fuzz` with a fixed seed and the tests' own files: whatever is read, what comes out is our error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.clients import client_targets
from tests.fuzz.loop import run
from tests.fuzz.targets import targets

INPUTS = [50, pytest.param(250, marks=pytest.mark.slow)]
"""For each target; the many take about half a minute."""


@pytest.mark.parametrize("inputs", INPUTS)
def test_mutated_files_and_answers_are_read_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inputs: int
) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    chosen = (*targets(tmp_path, corpus=False), *client_targets(tmp_path))
    found = run(chosen, seed=11, inputs=inputs)
    assert not found.failures, "\n".join(f"{item.target}: {item.traceback}" for item in found.failures.values())
    assert all(count.inputs == inputs for count in found.counts.values())
    assert sum(count.refused for count in found.counts.values()) > len(chosen)
