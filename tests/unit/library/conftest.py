"""A library in a file and one on a PostgreSQL server, and an environment to put into it.

A test that requests the `library`, and neither for the `location` of its file nor for `sqlite` alone, is run on both.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql import Server, running

from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.library import Library


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "library.sqlite"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with running() as server:
        yield server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    of_file = "location" in inspect.signature(metafunc.function).parameters
    if "library" in metafunc.fixturenames and not of_file and not metafunc.definition.get_closest_marker("sqlite"):
        metafunc.parametrize("library", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def library(request: pytest.FixtureRequest) -> Iterator[Library]:
    on_server = getattr(request, "param", "sqlite") == "postgresql"
    where = request.getfixturevalue("postgresql").library() if on_server else request.getfixturevalue("location")
    with Library.open(where, who="ana") as opened:
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
