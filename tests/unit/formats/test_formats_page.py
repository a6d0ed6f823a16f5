"""The page about file formats says what the tables of formats say, and names all that each cannot hold."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from envstudio.domain.environment import (
    Applies,
    BuildContext,
    Environment,
    Image,
    ManagedBy,
    PipOption,
    Python,
    Registry,
    Serving,
    Spark,
    Variable,
)
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.domain.solve import Solve
from envstudio.formats import FORMATS, Format
from envstudio.lock_formats import LOCK_FORMATS, LockFormat
from envstudio.tasks.help import topic_pages

PAGE = topic_pages()["formats"].text
CELLS = [row.split(" | ") for row in re.findall(r"^\| (`.+) \|$", PAGE, re.MULTILINE)]
ROWS = {cells[0].strip("`"): cells[1:] for cells in CELLS}
FULL = Environment(
    "full",
    Python(
        ManagedBy.USER,
        "/opt/python",
        "3.12",
        ("conda-forge",),
        (conda_requirement("numpy"),),
        (pip_requirement("six"),),
        (PipOption("--pre"),),
        (pip_requirement("idna<4"),),
        (("six", "https://index.example/simple"),),
    ),
    Image("base:1", "FROM x", BuildContext("."), "linux/arm64", Registry("registry.example")),
    (Variable("A", "1"),),
    Spark(),
    Serving(),
    "12.4",
    Solve(pins=("openssl<3.1",)),
    "Everything",
    (("team", "vision"),),
    {"other": {"key": 1}},
)
KEYS = {"cuda": "gpu", "carried": ""}
"""What problems call by another name than the page does."""


def section(format_id: str) -> str:
    return PAGE.partition(f"### {format_id}\n")[2].partition("\n## ")[0].partition("\n### ")[0]


def locked(platform: str) -> PlatformLock:
    """Return a lock of a conda package and a pip package, whose addresses name the platform."""
    conda = LockedPackage(
        "c", "1.0", "conda", f"https://conda.example/{platform}/c-1.0-0.conda", "a" * 64, "c" * 32, build="0"
    )
    wheel = f"https://files.example/{platform}/p-1.0-py3-none-any.whl"
    return PlatformLock(platform, "3.12", (conda, LockedPackage("p", "1.0", "pip", wheel, "b" * 64)))


LOCK = Lock("sha256:" + "0" * 64, ("conda-forge",), (locked("linux-64"), locked("osx-arm64")))


@pytest.mark.parametrize("item", [*FORMATS, *LOCK_FORMATS], ids=lambda item: item.id)
def test_every_format_has_its_row(item: Format | LockFormat) -> None:
    names = ", ".join(f"`{name}`" for name in item.filenames)
    assert ROWS[item.id][:4] == [item.title, *("yes" if way else "no" for way in (item.read, item.write)), names]


def test_no_row_is_about_another_format() -> None:
    assert list(ROWS) == [item.id for item in (*FORMATS, *LOCK_FORMATS)]


@pytest.mark.parametrize("item", [item for item in FORMATS if item.write], ids=lambda item: item.id)
def test_what_a_format_cannot_hold_is_named(item: Format) -> None:
    assert item.write is not None
    lost = {KEYS.get(problem.where, problem.where) for problem in item.write(FULL).problems}
    messages = section(item.id).partition("Cannot hold:")[2].partition(".\n")[0].partition(". ")[0]
    assert set(re.findall(r"`([^`]+)`", messages)) == lost - {""}
    assert ("carried over from other formats" in messages.replace("\n", " ")) is ("" in lost)


def test_conda_holds_the_values_of_variables_alone() -> None:
    conda = next(item for item in FORMATS if item.id == "conda")
    assert conda.write is not None
    variables = (Variable("S", secret="s"), Variable("B", "1", applies=(Applies.BUILD,)), Variable("A", "1"))
    problems = conda.write(replace(Environment("x"), variables=variables)).problems
    assert [problem.where for problem in problems] == ["variables.S", "variables.B"]
    assert "no secrets, and not when a variable applies" in section("conda").replace("\n", " ")


@pytest.mark.parametrize("item", LOCK_FORMATS, ids=lambda item: item.id)
def test_what_a_format_of_locks_holds(item: LockFormat) -> None:
    assert item.write is not None
    text = item.write(LOCK, "linux-64")
    written = item.write(LOCK, "osx-arm64")
    packages, platforms = ROWS[item.id][4:]
    assert packages == " and ".join(item.managers)
    # Requirements name no address, so a package is known by its hash there.
    held = {"conda": "a" * 64 in text or "c" * 32 in text, "pip": "b" * 64 in text}
    assert tuple(manager for manager, there in held.items() if there) == item.managers
    assert (item.left_out(LOCK) != ()) is (len(item.managers) == 1)
    assert ("osx-arm64" in text and "linux-64" in written) is (platforms == "several")
