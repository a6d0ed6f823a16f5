"""How quickly the command line answers."""

from __future__ import annotations

from pathlib import Path

from envstudio.domain.environment import Environment, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.library import Library
from tests.bench.measure import Row, compared, python


def filled_library(location: Path, count: int) -> Path:
    """Make a library with that many environments and return its file."""
    with Library.open(location) as library:
        for number in range(count):
            pins = (pip_requirement(f"numpy=={number % 3}.{number}"), pip_requirement("pandas>=2"))
            library.versions.register(Environment(f"environment-{number:05}", Python(version="3.11", pip=pins)))
    return location


def list_startup(folder: Path) -> Row:
    """`envstudio list` with 1,000 environments, against importing SQLAlchemy."""
    location = filled_library(folder / "library.sqlite", 1000)
    return compared(
        python("-m", "envstudio", "--library", str(location), "list"),
        python("-c", "import sqlalchemy"),
        named='python -c "import sqlalchemy"',
        limit=2.5,
        times=9,
    )


BENCHMARKS = {"list-startup": list_startup}
