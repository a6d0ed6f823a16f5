"""How much time locking adds to its solvers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import rattler

from envstudio.domain.environment import Environment, Python
from envstudio.domain.platforms import PLATFORMS
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.library import Library
from envstudio.lockers import conda
from envstudio.lockers.pypi_names import pypi_names
from envstudio.lockers.requires_python import is_version
from envstudio.packages.uv import uv_program
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.lock import LockOptions, lock
from tests.bench.measure import Row, compared, program, python

CONDA = ("python=3.12", "pip", "numpy", "scipy", "pandas", "scikit-learn", "joblib", "xarray", "dask-core", "pyyaml")
PIP = (
    "mlflow-skinny>=2.19", "httpx", "rich", "typer", "fastapi", "uvicorn", "pydantic>=2", "sqlalchemy>=2", "alembic",
    "click", "tqdm", "requests", "boto3", "orjson", "tenacity", "structlog", "python-dotenv", "jinja2", "networkx",
    "tabulate", "loguru", "cloudpickle", "fsspec", "attrs", "cachetools", "psutil", "regex", "lightgbm", "optuna",
    "polars",
)  # fmt: skip
AGAIN = LockOptions(platforms=("linux-64",), refresh=True)
CHANNEL = Path(__file__).resolve().parents[3] / "shared" / "repodata" / "conda-forge"
"""Records of real packages; if they are absent, only pip's part is measured."""


def _environment() -> Environment:
    conda = CONDA if CHANNEL.is_dir() else ()
    return Environment(
        "bench",
        Python(
            version="" if conda else "3.12",
            channels=("conda-forge",) if conda else (),
            conda=tuple(map(conda_requirement, conda)),
            pip=tuple(map(pip_requirement, PIP)),
        ),
    )


def lock_warm(folder: Path) -> Row:
    """Locking 10 conda and 30 pip requirements with warm caches, against the bare solvers on the same input."""
    settings = Settings(mirror_channels={"conda-forge": CHANNEL.as_uri()})
    environment = _environment()
    with Library.open(folder / "library.sqlite") as library:
        library.versions.register(environment)
        first = lock(library, settings, "bench", options=AGAIN, report=silent()).lock.platforms[0]
        pins = [f"{name}=={item.version}" for item in first.of("conda") for name in pypi_names(item)]
        pins = [pin for pin in pins if is_version(pin.partition("==")[2])]
        (folder / "requirements.in").write_text("\n".join(PIP) + "\n")
        (folder / "constraints.in").write_text("\n".join(pins) + "\n")
        bare = program(*_bare_uv(folder, first.python))
        gateway = conda.gateway()

        def solvers() -> None:
            if environment.python.conda:
                asyncio.run(_bare_rattler(gateway, first.virtual_packages))
            # uv prefers the versions of an output that is there, which spares it work; a lock starts without one.
            (folder / "pylock.toml").unlink(missing_ok=True)
            bare()

        row = compared(
            lambda: lock(library, settings, "bench", options=AGAIN, report=silent()),
            solvers,
            named="rattler.solve + uv pip compile" if environment.python.conda else "uv pip compile",
            limit=1.25,
        )
        note = "" if environment.python.conda else "pip's part alone: there are no records of real conda packages"
        return replace(row, note=note)


async def _bare_rattler(gateway: rattler.Gateway, virtual: Sequence[str]) -> None:
    await rattler.solve(
        [CHANNEL.as_uri()],
        list(CONDA),
        gateway=gateway,
        platforms=["linux-64", "noarch"],
        virtual_packages=[conda.virtual_package(text) for text in virtual],
    )


def _bare_uv(folder: Path, python: str) -> list[str]:
    command = [uv_program(), "pip", "compile", str(folder / "requirements.in"), "--quiet", "--no-config"]
    command += ["--constraints", str(folder / "constraints.in"), "--python", sys.executable, "--python-version", python]
    command += ["--python-platform", PLATFORMS["linux-64"].uv, "--format", "pylock.toml"]
    return [*command, "--output-file", str(folder / "pylock.toml")]


def lock_unchanged(folder: Path) -> Row:
    """The command `lock` on a version with a valid lock, against the command `show` of the same version."""
    location = folder / "library.sqlite"
    with Library.open(location) as library:
        pip_only = Python(version="3.12", pip=(pip_requirement("rich"),))
        library.versions.register(Environment("bench", pip_only))
        lock(library, Settings(), "bench", options=LockOptions(platforms=("linux-64",)), report=silent())
    words = ("-m", "envstudio", "--quiet", "--library", str(location))
    return compared(
        python(*words, "lock", "bench"), python(*words, "show", "bench"), named="envstudio show", limit=1.2, times=9
    )


BENCHMARKS = {"lock-warm": lock_warm, "lock-unchanged": lock_unchanged}
