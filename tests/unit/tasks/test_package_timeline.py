"""The timeline of packages, read from a library; the rules of what moved are tested in the domain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import NotFound
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.package_timeline import read_timeline


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite", who="ana") as opened:
        yield opened


def register(library: Library, *specs: str) -> int:
    python = Python(channels=("conda-forge",), conda=tuple(map(conda_requirement, specs)))
    return library.versions.register(Environment("churn", python), " ".join(specs)).version


def lock(library: Library, version: int, **versions: dict[str, str]) -> None:
    """Lock a version: platform with underscores = {package: version}."""
    digest = library.find(f"churn:{version}").digest
    platforms = tuple(
        PlatformLock(
            platform.replace("_", "-"),
            "3.12",
            tuple(
                LockedPackage(name, text, "conda", f"https://conda.example/{name}-{text}.conda", "0" * 64)
                for name, text in packages.items()
            ),
        )
        for platform, packages in versions.items()
    )
    library.locks.save("churn", Lock(digest, ("conda-forge",), platforms))


def marks(library: Library, **kwargs: str) -> dict[str, list[str]]:
    found = read_timeline(library, "churn", report=Report(), **kwargs)
    return {row.name: [f"{cell.kind or ''} {cell.text}".strip() for cell in row.cells] for row in found.rows}


def test_what_comes_and_goes_between_two_locks_is_marked(library: Library) -> None:
    register(library, "numpy>=2", "joblib")
    register(library, "numpy>=2", "mlflow-skinny")
    lock(library, 1, linux_64={"numpy": "2.1.0", "joblib": "1.4.2"})
    lock(library, 2, linux_64={"numpy": "2.1.0", "mlflow-skinny": "2.18.0", "openssl": "3.4.0"})
    assert marks(library) == {
        "joblib": ["1.4.2", "removed"],
        "mlflow-skinny": ["", "added 2.18.0"],
        "numpy": ["2.1.0", "2.1.0"],
        "openssl": ["", "added 3.4.0"],
    }


def test_locks_of_other_platforms_are_not_compared_with_one_another(library: Library) -> None:
    register(library, "numpy>=2")
    register(library, "numpy>=2", "scipy")
    lock(library, 1, osx_arm64={"numpy": "2.0.0"}, linux_64={"numpy": "2.1.0"})
    lock(library, 2, linux_64={"numpy": "2.1.0", "scipy": "1.14.1"})
    found = read_timeline(library, "churn", report=Report())
    assert (found.platform, found.platforms) == ("linux-64", ("linux-64", "osx-arm64"))
    assert marks(library) == {"numpy": ["2.1.0", "2.1.0"], "scipy": ["", "added 1.14.1"]}
    assert marks(library, platform="osx-arm64") == {"numpy": ["2.0.0", ">=2"], "scipy": ["", "added (any)"]}


def test_a_platform_that_no_lock_covers(library: Library) -> None:
    register(library, "numpy>=2")
    with pytest.raises(NotFound, match="win-64") as error:
        read_timeline(library, "churn", platform="win-64", report=Report())
    assert "Lock a version" in error.value.advice
    lock(library, 1, linux_64={"numpy": "2.1.0"})
    with pytest.raises(NotFound) as error:
        read_timeline(library, "churn", platform="win-64", report=Report())
    assert "linux-64" in error.value.advice


def test_only_the_newest_versions_are_read(library: Library) -> None:
    for number in range(5):
        register(library, f"numpy>=2.{number}")
    found = read_timeline(library, "churn", newest=2, report=Report())
    assert [info.number for info in found.versions] == [4, 5]
