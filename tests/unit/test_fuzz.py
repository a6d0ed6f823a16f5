"""A part of `make fuzz` with a fixed seed and the tests' own files: whatever is read, what comes out is our error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.clients import client_targets
from tests.fuzz.loop import run
from tests.fuzz.targets import targets

INPUTS = 250
"""For each target; all together take about half a minute."""


def test_mutated_files_and_answers_are_read_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    chosen = (*targets(tmp_path, corpus=False), *client_targets(tmp_path))
    found = run(chosen, seed=11, inputs=INPUTS)
    assert not found.failures, "\n".join(f"{item.target}: {item.traceback}" for item in found.failures.values())
    assert all(count.inputs == INPUTS for count in found.counts.values())
    assert sum(count.refused for count in found.counts.values()) > len(chosen)
