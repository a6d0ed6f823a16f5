"""A new version stays with its parent's packages, and moves only what must move or is asked to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from real_parts import Recorder
from served import served
from wheel_index import put

from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.lock import Locked, LockOptions, lock

PLATFORMS = ("linux-64", "osx-arm64")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # uv would take the pages of the index from its cache for ten minutes.
    monkeypatch.setenv("UV_NO_CACHE", "1")
    folder = tmp_path / "index"
    for name in ("a", "b", "c"):
        put(folder, name, "1.0")
    return folder


@pytest.fixture
def environment(index: Path) -> Iterator[Environment]:
    with served(index.parent) as address:
        options = (PipOption("--index-url", f"{address}/index"),)
        pip = (pip_requirement("a"), pip_requirement("b"))
        yield Environment("kept", Python(version="3.11", pip=pip, pip_options=options))


def versions(done: Locked) -> dict[str, str]:
    found = [{item.name: item.version for item in part.packages} for part in done.lock.platforms]
    assert done.lock.platform_names == PLATFORMS
    assert all(item == found[0] for item in found)
    return found[0]


def test_only_what_must_move_moves(library: Library, environment: Environment, index: Path, recorder: Recorder) -> None:
    def locked(**how: object) -> Locked:
        return lock(library, Settings(), "kept", options=LockOptions(**how), report=recorder)  # type: ignore[arg-type]

    library.versions.register(environment)
    assert versions(locked(platforms=PLATFORMS)) == {"a": "1.0", "b": "1.0"}
    for name in ("a", "b"):
        put(index, name, "2.0")
    library.versions.register(environment.with_pip(pip_requirement("c")))
    done = locked()
    assert versions(done) == {"a": "1.0", "b": "1.0", "c": "1.0"}
    assert {row.name for row in done.changes} == {"c"}
    assert versions(locked(refresh=True)) == {"a": "1.0", "b": "1.0", "c": "1.0"}
    assert versions(locked(upgrade_packages=("b",))) == {"a": "1.0", "b": "2.0", "c": "1.0"}
    library.versions.register(environment.with_pip(pip_requirement("a>=2")))
    assert versions(locked()) == {"a": "2.0", "b": "2.0"}
    put(index, "b", "3.0")
    assert versions(locked(upgrade=True)) == {"a": "2.0", "b": "3.0"}
