"""A lock survives its JSON, and says what it covers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import quick, texts, tuples_of

from envstudio.domain.hashes import MD5, SHA256
from envstudio.domain.lock import PLAIN, Lock, LockedPackage, PlatformLock, parse_lock, sorted_packages
from envstudio.errors import EnvStudioError, InvalidInput, NotFound

names = texts.filter(PLAIN.fullmatch)
packages = st.builds(
    LockedPackage,
    name=names.filter(bool),
    version=names,
    manager=st.sampled_from(["conda", "pip"]),
    url=texts,
    sha256=st.just("") | st.from_regex(SHA256, fullmatch=True),
    md5=st.just("") | st.from_regex(MD5, fullmatch=True),
    build=names,
    size=st.integers(0, 10**12),
    license=texts,
    requested=st.booleans(),
    dependencies=tuples_of(texts),
    purls=tuples_of(texts),
)
platform_locks = st.builds(PlatformLock, texts, texts, tuples_of(packages), tuples_of(texts))
locks = st.builds(Lock, texts, tuples_of(texts), tuples_of(platform_locks), tuples_of(texts))


@quick
@given(locks)
def test_a_lock_survives_its_json(lock: Lock) -> None:
    again = parse_lock(lock.to_json())
    assert again == lock
    assert again.digest == lock.digest


@pytest.mark.parametrize("digest", ["0", "g" * 64, "A" * 64, "../" * 21 + "a"])
def test_what_is_no_hash_is_refused(digest: str) -> None:
    with pytest.raises(InvalidInput, match="has an invalid hash"):
        LockedPackage("numpy", "1", "conda", "https://conda.example/c/linux-64/numpy-1-0.conda", digest)


@pytest.mark.parametrize(
    ("name", "version", "build"), [("../numpy", "1", ""), ("numpy", "..", ""), ("numpy", "1", "a/b"), ("", "1", "")]
)
def test_what_could_lead_out_of_a_folder_is_refused(name: str, version: str, build: str) -> None:
    with pytest.raises(InvalidInput, match="is not the name, version and build of a package"):
        LockedPackage(name, version, "conda", "https://conda.example/c/linux-64/numpy-1-0.conda", "0" * 64, "", build)


def package(name: str, manager: str = "conda") -> LockedPackage:
    return LockedPackage(name, "1", manager, f"https://conda.example/{name}-1.conda?x#y", "0" * 64)


def test_a_lock_tells_what_it_covers() -> None:
    lock = Lock("sha256:0", (), (PlatformLock("linux-64", "3.11", (package("a"), package("b", "pip"))),))
    assert lock.counts() == {"linux-64": {"conda": 1, "pip": 1}}
    assert lock.platform("linux-64").find("a") == (package("a"),)
    assert package("a").file_name == "a-1.conda"
    with pytest.raises(NotFound, match="osx-64"):
        lock.platform("osx-64")


def test_packages_are_sorted_by_manager_and_name() -> None:
    items = [package("b", "pip"), package("b"), package("a", "pip"), package("a")]
    assert [(item.manager, item.name) for item in sorted_packages(items)] == [
        ("conda", "a"),
        ("conda", "b"),
        ("pip", "a"),
        ("pip", "b"),
    ]


def test_a_newer_lock_is_refused() -> None:
    with pytest.raises(EnvStudioError, match="newer"):
        parse_lock('{"schema": 99}')
