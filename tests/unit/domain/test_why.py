"""Why a package is in a lock."""

from __future__ import annotations

import pytest

from envstudio.domain.lock import LockedPackage, PlatformLock
from envstudio.domain.why import why
from envstudio.errors import NotFound


def package(name: str, *dependencies: str, requested: bool = False) -> LockedPackage:
    return LockedPackage(
        name, "1", "conda", f"https://c.example/{name}", "a" * 64, requested=requested, dependencies=dependencies
    )


LOCK = PlatformLock(
    "linux-64",
    "3.12",
    (
        package("app", "web >=1", "shared", requested=True),
        package("tool", "shared", requested=True),
        package("web", "http", "app"),
        package("http"),
        package("shared", "__glibc >=2.17"),
    ),
)


def test_chains_run_from_what_was_requested() -> None:
    found = why(LOCK, "http")
    assert found.chains == (("app", "web", "http"),)
    assert found.dependants == ("web",)
    assert found.leaves == ()


def test_what_only_one_package_needs_leaves_with_it() -> None:
    assert why(LOCK, "app").leaves == ("http", "web")
    assert why(LOCK, "web").leaves == ("http",)
    assert why(LOCK, "tool").leaves == ()
    assert set(why(LOCK, "shared").chains) == {("app", "shared"), ("tool", "shared")}


def test_a_package_that_is_not_there_names_its_like() -> None:
    with pytest.raises(NotFound) as caught:
        why(LOCK, "htp")
    assert "http" in caught.value.advice
