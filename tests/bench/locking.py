"""How much time locking adds to its solvers."""

from __future__ import annotations

import sys
from pathlib import Path

from envstudio.domain.environment import Environment, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.library import Library
from envstudio.lockers.platforms import PLATFORMS
from envstudio.packages.uv import uv_program
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.lock import LockOptions, lock
from tests.bench.measure import Row, compared, program, python

REQUIREMENTS = ("scikit-learn>=1.5", "pandas>=2.2", "mlflow-skinny>=2.19", "matplotlib>=3.9", "httpx", "rich", "typer")
PYTHON = "3.11"
AGAIN = LockOptions(platforms=("linux-64",), again=True)


def _environment() -> Environment:
    return Environment("bench", Python(version=PYTHON, pip=tuple(map(pip_requirement, REQUIREMENTS))))


def lock_pip(folder: Path) -> Row:
    """Locking pip requirements with warm caches, against bare `uv pip compile` on the same input."""
    requirements = folder / "requirements.in"
    requirements.write_text("\n".join(REQUIREMENTS) + "\n")
    command = [uv_program(), "pip", "compile", str(requirements), "--quiet", "--no-config", "--python", sys.executable]
    command += ["--python-version", PYTHON, "--python-platform", PLATFORMS["linux-64"].uv]
    command += ["--format", "pylock.toml", "--output-file", str(folder / "pylock.toml")]
    with Library.open(folder / "library.sqlite") as library:
        library.versions.register(_environment())
        return compared(
            lambda: lock(library, Settings(), "bench", options=AGAIN, report=silent()),
            program(*command),
            named="uv pip compile",
            limit=1.25,
        )


def lock_unchanged(folder: Path) -> Row:
    """The command `lock` on a version with a valid lock, against the command `show` of the same version."""
    place = folder / "library.sqlite"
    with Library.open(place) as library:
        library.versions.register(_environment())
        lock(library, Settings(), "bench", platforms=["linux-64"], report=silent())
    words = ("-m", "envstudio", "--quiet", "--library", str(place))
    return compared(
        python(*words, "lock", "bench"), python(*words, "show", "bench"), named="envstudio show", limit=1.2, times=9
    )


BENCHMARKS = {"lock-pip": lock_pip, "lock-unchanged": lock_unchanged}
