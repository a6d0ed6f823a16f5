"""Real environment files with the solutions that were locked then: each solves on the records of those days."""

from __future__ import annotations

import json
import resource
import statistics
import time
from pathlib import Path

import pytest
from real_parts import ROOT

from envstudio.domain.environment import Environment, Python
from envstudio.domain.requirement import conda_requirement
from envstudio.domain.solve_options import SolveOptions
from envstudio.domain.virtual_packages import virtual_packages
from envstudio.lockers import conda
from envstudio.report import silent
from envstudio.settings import Settings

REPODATA = ROOT.parent / "shared" / "repodata"
MEMORY_LIMIT = 600


@pytest.mark.skipif(not REPODATA.is_dir(), reason="The records of real packages are not on this machine.")
def test_every_known_environment_solves(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(mirror_channels={"conda-forge": (REPODATA / "conda-forge").as_uri()})
    times = []
    files = sorted((REPODATA / "known-solutions").glob("*.json"))
    for path in files:
        times.append(_solve(path, settings))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with capsys.disabled():
        print(
            f"\nknown solutions: {len(times)} of {len(files)} solve, median {statistics.median(times):.2f} s, "
            f"slowest {max(times):.2f} s, peak memory {peak:.0f} MB"
        )
    assert len(times) == len(files) > 0


def _solve(path: Path, settings: Settings) -> float:
    facts = json.loads(path.read_text())
    specs = [text for text in facts["environment"]["dependencies"] if isinstance(text, str)]
    channels = tuple(facts["environment"]["channels"])
    environment = Environment(
        "known", Python(channels=channels, conda=tuple(map(conda_requirement, specs))), cuda="12.6"
    )
    started = time.perf_counter()
    found = conda.solve(
        environment, "linux-64", virtual_packages("linux-64", environment), settings, SolveOptions(), silent()
    )
    seconds = time.perf_counter() - started
    names = {package.name for package in found}
    assert {item.name for item in environment.python.conda} <= names, path.name
    return seconds
