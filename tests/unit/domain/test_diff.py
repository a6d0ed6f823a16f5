"""A comparison names each difference once, and applying it carries one definition over into the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PARTS, conda_requirements, environments, pip_requirements, quick, with_part_of

from envstudio.domain.diff import (
    Kind,
    Section,
    apply,
    compare,
    summarize,
)
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Python, Variable
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.lock_diff import compare_locks, compare_platforms
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.domain.version import Level


@quick
@given(environments)
def test_nothing_differs_from_itself(environment: Environment) -> None:
    assert compare(environment, environment) == ()


@quick
@given(environments, environments)
def test_applying_a_comparison_gives_the_other_definition(old: Environment, new: Environment) -> None:
    made = apply(old, compare(old, new))
    assert definition_digest(made) == definition_digest(new)
    assert made.name == old.name
    assert made.description == new.description
    assert dict(made.tags) == dict(new.tags)


@pytest.mark.parametrize(("owner", "part"), PARTS)
def test_each_part_that_moves_the_digest_is_a_row(owner: str, part: str) -> None:
    moved = 0

    @settings(quick, max_examples=20)
    @given(environments, environments)
    def check(old: Environment, other: Environment) -> None:
        nonlocal moved
        new = with_part_of(old, owner, part, other)
        if definition_digest(new) != definition_digest(old):
            moved += 1
            assert [change for change in compare(old, new) if change.section is not Section.ABOUT]

    check()
    assert (moved > 0) == (part not in ("description", "tags"))


@pytest.mark.parametrize(
    ("part", "requirements"),
    [("conda", conda_requirements), ("pip", pip_requirements), ("pip_constraints", pip_requirements)],
)
def test_each_requirement_of_a_package_that_moves_the_digest_is_a_row(part: str, requirements: Any) -> None:
    moved = 0
    group = st.lists(requirements(st.just("numpy")), min_size=1, max_size=2).map(tuple)

    @settings(quick, max_examples=60)
    @given(group, group)
    def check(one: Any, other: Any) -> None:
        nonlocal moved
        old, new = (Environment("x", Python(**{part: items})) for items in (one, other))
        if definition_digest(new) != definition_digest(old):
            moved += 1
            assert compare(old, new)

    check()
    assert moved > 0


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), (1, 1.0), ([1], [True]), ({"a": 0}, {"a": False})])
def test_carried_values_that_python_calls_equal_differ(one: object, other: object) -> None:
    old, new = Environment("x", carried={"a": one}), Environment("x", carried={"a": other})
    assert definition_digest(old) != definition_digest(new)
    assert definition_digest(apply(old, compare(old, new))) == definition_digest(new)


def conda(*specs: str) -> Environment:
    return Environment("x", python=Python(conda=tuple(map(conda_requirement, specs))))


def pip(*lines: str) -> Environment:
    return Environment("x", python=Python(pip=tuple(map(pip_requirement, lines))))


def constraints(*lines: str) -> Environment:
    return Environment("x", python=Python(pip_constraints=tuple(map(pip_requirement, lines))))


@pytest.mark.parametrize(
    ("old", "new", "kind", "level"),
    [
        (conda("numpy=1.2.3"), conda("numpy=2.0.0"), Kind.CHANGED, Level.MAJOR),
        (conda("numpy>=1.2"), conda("numpy>=1.3"), Kind.CHANGED, Level.TIGHTENED),
        (pip("a==1.2.3"), pip("a==1.2.4"), Kind.CHANGED, Level.PATCH),
        (pip("a==1.2.3"), pip("a==1.2.2"), Kind.CHANGED, Level.DOWNGRADE),
        (pip("a"), pip("a[b]"), Kind.CHANGED, None),
        (pip("a[b]==1.2"), pip("a[b]==1.3"), Kind.CHANGED, Level.MINOR),
        (pip("a[b]==1.3"), pip("a==1.2"), Kind.CHANGED, Level.DOWNGRADE),
        (pip("a==1.2 ; python_version < '3.12'"), pip("a==2.0 ; python_version < '3.12'"), Kind.CHANGED, Level.MAJOR),
        (constraints("a==1.2"), constraints("a==1.1"), Kind.CHANGED, Level.DOWNGRADE),
        (constraints("a==1.2"), constraints("a==2"), Kind.CHANGED, Level.MAJOR),
        (Environment("x", Python(version="3.11")), Environment("x", Python(version="3.12")), Kind.CHANGED, Level.MINOR),
        (Environment("x", cuda="12.4"), Environment("x", cuda="12.1"), Kind.CHANGED, Level.DOWNGRADE),
        (pip("a"), pip(), Kind.REMOVED, None),
        (pip(), pip("a"), Kind.ADDED, None),
        (conda("numpy=1.2"), conda("conda-forge::numpy=1.2"), Kind.CHANGED, None),
    ],
)
def test_a_requirement_is_one_row(old: Environment, new: Environment, kind: Kind, level: Level | None) -> None:
    (change,) = compare(old, new)
    assert (change.kind, change.level) == (kind, level)


def test_a_carried_nothing_survives() -> None:
    environment = Environment("x", carried={"a": None, "tag b": {"c": 1}})
    assert apply(Environment("x"), compare(Environment("x"), environment)) == environment


def test_rows_come_by_section_and_count_up() -> None:
    old = replace(conda("a=1", "b=2"), variables=(Variable("V", "1"),))
    new = replace(conda("a=2", "c"), variables=(Variable("V", "2"),))
    changes = compare(old, new)
    assert [(change.section, change.name) for change in changes] == [
        (Section.CONDA, "a"),
        (Section.CONDA, "b"),
        (Section.CONDA, "c"),
        (Section.VARIABLES, "V"),
    ]
    summary = summarize(changes)
    assert (summary.added, summary.removed, summary.upgraded, summary.downgraded, summary.other) == (1, 1, 1, 0, 1)
    assert changes[0].to_json()["level"] == "major"


def lock_of(*packages: LockedPackage) -> Lock:
    return Lock("sha256:0", ("conda-forge",), (PlatformLock("linux-64", "3.11", packages),))


def package(name: str, version: str, build: str = "", sha256: str = "0" * 64) -> LockedPackage:
    return LockedPackage(name, version, "conda", f"https://conda.example/{name}.conda", sha256, build=build)


def test_locks_differ_by_package_and_level() -> None:
    old = lock_of(package("a", "1.0"), package("b", "1.0", "h1"), package("c", "1.0"), package("d", "1.0"))
    new = lock_of(package("a", "2.0"), package("b", "1.0", "h2"), package("c", "1.0"), package("e", "1.0"))
    rows = {row.name: (row.kind, row.level) for row in compare_locks(old, new)}
    assert rows == {
        "a": (Kind.CHANGED, Level.MAJOR),
        "b": (Kind.CHANGED, Level.BUILD),
        "d": (Kind.REMOVED, None),
        "e": (Kind.ADDED, None),
    }
    assert compare_locks(old, old) == ()


def test_a_platform_that_only_one_lock_covers_is_a_row() -> None:
    linux = PlatformLock("linux-64", "3.11", (package("a", "1.0"), package("b", "1.0")))
    mac = PlatformLock("osx-arm64", "3.11", (package("a", "1.0"),))
    one, both = Lock("sha256:0", (), (linux,)), Lock("sha256:0", (), (linux, mac))
    other = Lock("sha256:0", (), (mac,))
    assert compare_platforms(both, both) == ()
    (row,) = compare_platforms(one, both)
    assert (row.platform, row.kind, row.old, row.new) == ("osx-arm64", Kind.ADDED, None, "1 package")
    assert [(row.name, row.kind, row.old, row.new) for row in compare_platforms(one, other)] == [
        ("linux-64", Kind.REMOVED, "2 packages", None),
        ("osx-arm64", Kind.ADDED, None, "1 package"),
    ]


@pytest.mark.parametrize("to_pip", [True, False])
def test_a_move_between_conda_and_pip_is_one_row(to_pip: bool) -> None:
    old, new = conda("numpy=2020.08.02"), pip("numpy==1.3")
    if not to_pip:
        old, new = new, old
    (row,) = compare(old, new)
    texts = ("conda =2020.08.02", "pip ==1.3")
    assert (row.kind, row.name, row.old, row.new) == (Kind.CHANGED, "numpy", *(texts if to_pip else texts[::-1]))
    assert definition_digest(apply(old, (row,))) == definition_digest(new)
