"""What a lock keeps when a platform is added, without a network: every solve here needs nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from envstudio import lockers
from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import pip_requirement
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.lock import LockOptions, lock, platforms_to_lock, preview


def test_an_added_platform_leaves_the_others_as_they_are(library: Library) -> None:
    environment = Environment("empty", Python(version="3.12"))
    library.versions.register(environment)
    digest = library.find("empty").digest
    kept = PlatformLock(
        "linux-64", "3.12", (LockedPackage("old", "1.0", "pip", "https://files.example/old.whl", "a" * 64),)
    )
    library.locks.save("empty", Lock(digest, (), (kept,)))
    found = lock(library, Settings(), "empty", options=LockOptions(platforms=("osx-arm64",)), report=silent()).lock
    assert found.platform_names == ("linux-64", "osx-arm64")
    assert found.platform("linux-64") == kept
    again = lock(library, Settings(), "empty", options=LockOptions(refresh=True), report=silent()).lock
    assert again.platform("linux-64").packages == ()


def test_what_would_change_is_told_of_the_lock_of_that_definition(library: Library) -> None:
    """A draft that was locked afterwards, and discarded perhaps, is another definition."""
    environment = Environment("empty", Python(version="3.12"))
    library.versions.register(environment)
    digest = library.find("empty").digest
    own = LockedPackage("old", "1.0", "pip", "https://files.example/old.whl", "a" * 64)
    library.locks.save("empty", Lock(digest, (), (PlatformLock("linux-64", "3.12", (own,)),)))
    other = LockedPackage("drafted", "2.0", "pip", "https://files.example/drafted.whl", "b" * 64)
    library.locks.save("empty", Lock("sha256:another", (), (PlatformLock("linux-64", "3.12", (other,)),)))
    again = LockOptions(refresh=True)
    for task in (preview, lock):
        changes = task(library, Settings(), "empty", options=again, report=silent()).changes
        assert [row.name for row in changes] == ["old"]


OLD = LockedPackage("old", "1.0", "pip", "https://files.example/old-1.0-py3-none-any.whl", "a" * 64)


def locked_first(library: Library) -> Environment:
    """Register and lock a version for two platforms."""
    environment = Environment("churn", Python(pip=(pip_requirement("old"),)), Image("python:3.12-slim"))
    library.versions.register(environment)
    parts = tuple(PlatformLock(name, "3.12", (OLD,)) for name in ("linux-64", "osx-arm64"))
    library.locks.save("churn", Lock(library.find("churn").digest, (), parts))
    return environment


@pytest.fixture
def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def solve(*_: object, **__: object) -> None:
        raise AssertionError("a solver was started")

    monkeypatch.setattr(lockers, "solve", solve)


@pytest.mark.usefixtures("no_solver")
def test_a_lock_carries_over_if_nothing_that_is_resolved_changed(library: Library) -> None:
    environment = locked_first(library)
    library.versions.register(environment.with_variable(Variable("A", "1")))
    library.versions.register(replace(environment, image=Image("python:3.12-slim-bookworm")))
    done = lock(library, Settings(platforms=("win-64",)), "churn", report=silent())
    assert (done.reused, done.changes) == (True, ())
    assert done.lock.platform_names == ("linux-64", "osx-arm64")
    assert done.lock.platform("osx-arm64").packages == (OLD,)
    found = library.locks.find("churn", library.find("churn").digest)
    assert found is not None
    assert found.lock == done.lock


def test_a_lock_that_is_carried_over_loads_no_solver(library: Library) -> None:
    library.versions.register(locked_first(library).with_variable(Variable("A", "1")))
    code = (
        "import sys; from envstudio.cli.main import run; run(['--library', sys.argv[1], 'lock', 'churn'], None);"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, library.location], capture_output=True, text=True, check=True)
    assert "already locked" in done.stdout
    loaded = set(done.stderr.split())
    assert not loaded & {"rattler", "envstudio.lockers", "envstudio.builders", "http.client", "filelock"}


@pytest.mark.usefixtures("no_solver")
def test_a_draft_inherits_the_lock_of_the_version_that_it_came_from(library: Library) -> None:
    environment = locked_first(library)
    library.versions.save_draft(environment.with_variable(Variable("A", "2")))
    assert lock(library, Settings(), "churn@draft", report=silent()).lock.platform("linux-64").packages == (OLD,)


@pytest.mark.usefixtures("no_solver")
@pytest.mark.parametrize(
    "changed",
    [
        lambda item: item.with_pip(pip_requirement("old>=1")),
        lambda item: replace(item, image=Image("python:3.13-slim")),
        lambda item: item.with_pip_index("old", "https://index.example/simple"),
        lambda item: replace(item, cuda="12.4"),
    ],
)
def test_what_decides_a_resolution_is_solved(library: Library, changed: Callable[[Environment], Environment]) -> None:
    library.versions.register(changed(locked_first(library)))
    with pytest.raises(AssertionError, match="a solver was started"):
        lock(library, Settings(), "churn", report=silent())


def locked_for(*platforms: str) -> Lock:
    return Lock("sha256:0", (), tuple(PlatformLock(name, "3.11", ()) for name in platforms))


@pytest.mark.parametrize(
    ("options", "own", "inherited", "expected"),
    [
        (LockOptions(), None, None, ("linux-aarch64",)),
        (LockOptions(), None, ("osx-arm64",), ("osx-arm64",)),
        (LockOptions(platforms=("win-64",)), None, ("osx-arm64",), ("win-64",)),
        (LockOptions(platforms=("win-64",)), ("osx-arm64",), None, ("osx-arm64", "win-64")),
        (LockOptions(also_for=("linux-64",)), None, ("osx-arm64",), ("linux-64", "osx-arm64")),
        (LockOptions(also_for=("linux-64",)), None, None, ("linux-64",)),
        (LockOptions(refresh=True), ("win-64",), ("osx-arm64",), ("win-64",)),
    ],
)
def test_platforms_are_those_named_else_the_parents_else_the_settings(
    options: LockOptions, own: tuple[str, ...] | None, inherited: tuple[str, ...] | None, expected: tuple[str, ...]
) -> None:
    found = platforms_to_lock(
        options,
        Settings(platforms=("linux-aarch64",)),
        own=locked_for(*own) if own else None,
        inherited=locked_for(*inherited) if inherited else None,
    )
    assert found == expected
