"""When a package moved, in each order of versions with a lock and without."""

from __future__ import annotations

import pytest

from envstudio.domain.diff import Kind
from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.package_timeline import HeldPackages, PackageRow, held_packages, package_rows
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.domain.version import Level

KEY = ("conda", "numpy")


def unlocked(wanted: str | None) -> HeldPackages:
    return HeldPackages({KEY: wanted} if wanted else {})


def locked(wanted: str | None, resolved: str | None) -> HeldPackages:
    return HeldPackages({KEY: wanted} if wanted else {}, {KEY: resolved} if resolved else {})


def moves(*versions: HeldPackages) -> list[tuple[str, str, str]]:
    """Return the text of each cell, the kind or level of its move, and what it moved from."""
    # Another package gives a row if this one has none.
    row = next((row for row in package_rows(versions) if row.name == "numpy"), None)
    assert isinstance(row, PackageRow)
    assert row.moves == any(cell.kind for cell in row.cells)
    return [(cell.text, str(cell.level or cell.kind or ""), cell.old) for cell in row.cells]


@pytest.mark.parametrize(
    ("versions", "last"),
    [
        # Both locked: what the locks say counts, not what was requested.
        ((locked(">=1", "1.26.4"), locked(">=1", "1.26.4")), ("1.26.4", "", "")),
        ((locked(">=1", "1.26.4"), locked(">=1.2", "1.26.4")), ("1.26.4", "", "")),
        ((locked(">=1", "1.26.4"), locked(">=1", "2.1.0")), ("2.1.0", "major", "1.26.4")),
        ((locked(">=1", "2.1.0"), locked(">=1", "2.0.9")), ("2.0.9", "downgrade", "2.1.0")),
        ((locked(None, None), locked(">=1", "2.1.0")), ("2.1.0", "added", "")),
        ((locked(None, None), locked(None, "2.1.0")), ("2.1.0", "added", "")),
        ((locked(">=1", "2.1.0"), locked(None, None)), ("", "removed", "2.1.0")),
        ((locked(None, "2.1.0"), locked(None, None)), ("", "removed", "2.1.0")),
        ((locked(None, "2.1.0"), locked(">=1", "2.1.0")), ("2.1.0", "", "")),
        ((locked(">=1", "2.1.0"), locked(None, "2.1.0")), ("2.1.0", "", "")),
        # Requested, yet on this platform neither lock has it.
        ((locked(None, None), locked(">=1 ; win", None)), (">=1 ; win", "added", "")),
        ((locked(">=1 ; win", None), locked(None, None)), ("", "removed", ">=1 ; win")),
        # Neither locked.
        ((unlocked("1.5.*"), unlocked("1.5.*")), ("1.5.*", "", "")),
        ((unlocked("1.5.*"), unlocked("1.6.*")), ("1.6.*", "minor", "1.5.*")),
        ((unlocked(">=1.14"), unlocked(">=1.13")), (">=1.13", "loosened", ">=1.14")),
        ((unlocked(">=1"), unlocked("<3")), ("<3", "changed", ">=1")),
        ((unlocked(None), unlocked(">=1")), (">=1", "added", "")),
        ((unlocked(">=1"), unlocked(None)), ("", "removed", ">=1")),
        # Only the newer one locked.
        ((unlocked("1.5.*"), locked("1.5.*", "1.5.2")), ("1.5.2", "", "")),
        ((unlocked("1.5.*"), locked("1.6.*", "1.6.0")), ("1.6.0", "minor", "1.5.*")),
        ((unlocked(None), locked(">=1", "2.1.0")), ("2.1.0", "added", "")),
        ((unlocked(None), locked(None, "2.1.0")), ("2.1.0", "", "")),
        ((unlocked(">=1"), locked(None, "2.1.0")), ("2.1.0", "", "")),
        ((unlocked(">=1"), locked(None, None)), ("", "removed", ">=1")),
        # Only the older one locked.
        ((locked("1.5.*", "1.5.2"), unlocked("1.5.*")), ("1.5.*", "", "")),
        ((locked("1.5.*", "1.5.2"), unlocked("1.6.*")), ("1.6.*", "minor", "1.5.*")),
        ((locked(None, None), unlocked(">=1")), (">=1", "added", "")),
        ((locked(None, "2.1.0"), unlocked(">=1")), (">=1", "", "")),
        ((locked(">=1", "2.1.0"), unlocked(None)), ("", "removed", ">=1")),
        ((locked(None, "2.1.0"), unlocked(None)), ("", "", "")),
        # A version without a lock between two with one: the move shows where a lock shows it again.
        ((locked(">=1", "1.26.4"), unlocked(">=1"), locked(">=1", "2.1.0")), ("2.1.0", "major", "1.26.4")),
        ((locked(">=1", "2.1.0"), unlocked(">=1"), locked(">=1", "2.1.0")), ("2.1.0", "", "")),
        ((locked(None, None), unlocked(None), locked(None, "2.1.0")), ("2.1.0", "added", "")),
        ((locked(None, "2.1.0"), unlocked(None), locked(None, None)), ("", "removed", "2.1.0")),
        # Who requested another one moved it; who locked that later did not.
        ((locked("1.*", "1.26.4"), unlocked("2.*"), locked("2.*", "2.1.0")), ("2.1.0", "", "")),
        ((locked("1.*", "1.26.4"), unlocked("1.*"), locked("2.*", "2.1.0")), ("2.1.0", "major", "1.*")),
    ],
)
def test_the_last_version_moves_a_package(versions: tuple[HeldPackages, ...], last: tuple[str, str, str]) -> None:
    assert moves(*versions)[-1] == last


def test_the_first_version_moves_nothing() -> None:
    assert moves(locked(">=1", "2.1.0")) == [("2.1.0", "", "")]


def test_rows_are_those_asked_for_and_then_the_dependencies() -> None:
    held = [
        HeldPackages({("pip", "shap"): "(any)"}, {("pip", "shap"): "0.46.0", ("conda", "openssl"): "3.3.2"}),
        HeldPackages({("conda", "zlib"): "(any)"}),
    ]
    rows = package_rows(held)
    assert [(row.manager, row.name, row.requested) for row in rows] == [
        ("conda", "zlib", True),
        ("pip", "shap", True),
        ("conda", "openssl", False),
    ]
    assert rows[0].cells[1].kind is Kind.ADDED
    assert rows[1].cells[1].kind is Kind.REMOVED


def test_what_a_version_holds() -> None:
    python = Python(
        conda=(conda_requirement("numpy>=2"), conda_requirement("conda-forge::pip")),
        pip=tuple(map(pip_requirement, ("tomli>=1; python_version<'3.11'", "tomli>=2; python_version>='3.11'"))),
    )
    package = LockedPackage("numpy", "2.1.0", "conda", "https://conda.example/numpy.conda", "0" * 64)
    lock = Lock("sha256:0", (), (PlatformLock("linux-64", "3.12", (package,)),))
    held = held_packages(Environment("churn", python), lock, "linux-64")
    assert held.wanted["conda", "numpy"] == ">=2"
    assert held.wanted["conda", "pip"] == "(any) from conda-forge"
    assert held.wanted["pip", "tomli"].count(" and ") == 1
    assert held.resolved == {("conda", "numpy"): "2.1.0"}
    assert held_packages(Environment("churn", python), lock, "osx-arm64").resolved is None
    assert held_packages(Environment("churn", python), None, "").resolved is None


def test_the_level_of_a_wanted_text() -> None:
    rows = package_rows([unlocked("1.5.*"), unlocked("2.*")])
    assert rows[0].cells[1].level is Level.MAJOR
