"""The section solve: what it takes, and the moment that it means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Image
from envstudio.domain.solve import IndexStrategy, Solve, cutoff
from envstudio.domain.virtual_packages import base_glibc, virtual_packages
from envstudio.errors import InvalidInput

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:30:00Z", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-31T12:30:00+02:00", datetime(2026, 1, 31, 10, 30, tzinfo=UTC)),
        ("7 days", NOW - timedelta(days=7)),
        ("1 week", NOW - timedelta(weeks=1)),
        ("P7D", NOW - timedelta(days=7)),
        ("P1W2DT3H", NOW - timedelta(days=9, hours=3)),
    ],
)
def test_a_cutoff(text: str, moment: datetime) -> None:
    assert cutoff(text, NOW) == moment


@pytest.mark.parametrize("text", ["yesterday", "P", "7", "days", "P1Y", "2026-13-01", "-7 days"])
def test_what_is_no_cutoff(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a date, a time or an age"):
        Solve(exclude_newer=text)


@pytest.mark.parametrize(
    "parts",
    [
        {"pins": ("openssl <=> 3",)},
        {"overrides": ("a b",)},
        {"excludes": ("a b",)},
        {"virtual_packages": (("amiga", (("__glibc", "2.36"),)),)},
        {"virtual_packages": (("linux-64", (("glibc", "2.36"),)),)},
        {"virtual_packages": (("linux-64", (("__glibc", "new"),)),)},
    ],
)
def test_what_is_refused(parts: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Solve(**parts)  # type: ignore[arg-type]


def test_an_empty_section_leaves_the_digest() -> None:
    assert definition_digest(Environment("a", solve=Solve())) == definition_digest(Environment("a"))
    changed = {
        definition_digest(Environment("a", solve=solve))
        for solve in (Solve(pins=("a",)), Solve(index_strategy=IndexStrategy.FIRST), Solve(exclude_newer="7 days"))
    }
    assert len(changed | {definition_digest(Environment("a"))}) == 4


def test_virtual_packages_are_stated_and_taken_away() -> None:
    solve = Solve().with_virtual("linux-64", "__glibc", "2.36").with_virtual("linux-64", "__cuda", "12.4")
    assert solve.virtual("linux-64") == {"__cuda": "12.4", "__glibc": "2.36"}
    assert solve.with_virtual("linux-64", "__glibc", "").virtual("linux-64") == {"__cuda": "12.4"}
    assert solve.with_virtual("linux-64", "__glibc", "").with_virtual("linux-64", "__cuda", "") == Solve()


@pytest.mark.parametrize(
    ("image", "glibc"),
    [
        ("python:3.11-slim-bookworm", "2.36"),
        ("registry.example/team/python:3.12-trixie", "2.41"),
        ("debian:12.5", "2.36"),
        ("ubuntu:22.04", "2.35"),
        ("nvidia/cuda:12.4.1-runtime-ubuntu22.04", "2.35"),
        ("mmdebstrap:bookworm?include=python3", "2.36"),
        ("python:3.12-slim", ""),
        ("alpine:3.20", ""),
        ("", ""),
    ],
)
def test_the_glibc_of_a_base(image: str, glibc: str) -> None:
    assert base_glibc(image) == glibc


def test_the_base_counts_and_what_is_stated_comes_before_it() -> None:
    image = Image(base="python:3.11-slim-trixie")
    assert "__glibc=2.41" in virtual_packages("linux-64", Environment("a", image=image))
    stated = Solve().with_virtual("linux-64", "__glibc", "2.31").with_virtual("osx-arm64", "__osx", "14.0")
    environment = Environment("a", image=image, cuda="12.4", solve=stated)
    assert {"__glibc=2.31", "__cuda=12.4"} <= set(virtual_packages("linux-64", environment))
    assert "__osx=14.0" in virtual_packages("osx-arm64", environment)
    assert "__glibc=2.28" in virtual_packages("linux-64", Environment("a"))
