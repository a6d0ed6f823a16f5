"""A library in a file, and an environment to put into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.library import Library


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "library.sqlite"


@pytest.fixture
def library(place: Path) -> Iterator[Library]:
    with Library.open(place, who="ana") as opened:
        yield opened


@pytest.fixture
def churn() -> Environment:
    return Environment(
        "churn",
        Python(
            channels=("conda-forge",),
            conda=(conda_requirement("python=3.12"), conda_requirement("numpy>=2")),
            pip=(pip_requirement("mlflow-skinny>=2.19"),),
        ),
        Image(base="debian:bookworm-slim"),
        variables=(Variable("TREES", "20"),),
    )
