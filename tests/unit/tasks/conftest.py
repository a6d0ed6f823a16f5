"""A library in a file with churn:1 and churn:2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.library import Library

CHURN = Environment(
    "churn",
    Python(
        channels=("conda-forge",),
        conda=(conda_requirement("python=3.12"), conda_requirement("numpy>=2")),
        pip=(pip_requirement("mlflow-skinny>=2.19"),),
    ),
    Image(base="debian:bookworm-slim"),
    variables=(Variable("TREES", "20"),),
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite", who="ana") as opened:
        opened.versions.register(CHURN, "First")
        opened.versions.register(CHURN.with_conda(conda_requirement("numpy>=2.1")).with_base("debian:13"), "Newer")
        yield opened
