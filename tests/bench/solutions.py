"""Solving real environments: how long each takes, and how much memory the process that solves them all needs."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.measure import Row, Skipped, limited

REPODATA = Path(__file__).resolve().parents[3] / "shared" / "repodata"
MEMORY_LIMIT_MB = 600


def known_solutions(_folder: Path) -> Row:
    """Solve every environment of the known solutions in a process of its own, and return its peak memory."""
    if not REPODATA.is_dir():
        raise Skipped("the records of real packages are not on this machine")
    command = [sys.executable, "-m", "tests.bench.solutions"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    facts = json.loads(done.stdout)
    times = sorted(facts["seconds"])
    note = (
        f"{len(times)} solve; median {statistics.median(times):.2f} s, 90 % below {times[int(len(times) * 0.9)]:.2f} s"
    )
    return limited(facts["megabytes"], "MB", MEMORY_LIMIT_MB, f"{note}, slowest {times[-1]:.2f} s")


def main() -> None:
    """Solve them all and print the seconds of each and the peak memory."""
    from envstudio.domain.environment import Environment, Python
    from envstudio.domain.requirement import conda_requirement
    from envstudio.domain.solve_options import SolveOptions
    from envstudio.domain.virtual_packages import virtual_packages
    from envstudio.lockers import conda
    from envstudio.report import silent
    from envstudio.settings import Settings

    settings = Settings(mirror_channels={"conda-forge": (REPODATA / "conda-forge").as_uri()})
    seconds = []
    for path in sorted((REPODATA / "known-solutions").glob("*.json")):
        facts = json.loads(path.read_text("utf-8"))["environment"]
        specs = [conda_requirement(text) for text in facts["dependencies"] if isinstance(text, str)]
        environment = Environment("known", Python(channels=tuple(facts["channels"]), conda=tuple(specs)), cuda="12.6")
        started = time.perf_counter()
        conda.solve(
            environment, "linux-64", virtual_packages("linux-64", environment), settings, SolveOptions(), silent()
        )
        seconds.append(time.perf_counter() - started)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = kilobytes / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(json.dumps({"seconds": seconds, "megabytes": round(megabytes, 1)}))


BENCHMARKS = {"known-solutions": known_solutions}

if __name__ == "__main__":
    main()
