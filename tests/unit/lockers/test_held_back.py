"""What a lock has years behind its newest release, and versions that are not for its Python."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import LockedPackage
from envstudio.domain.plain_data import Table
from envstudio.domain.requirement import pip_requirement
from envstudio.lockers import held_back, requires_python
from envstudio.packages.simple_index import ProjectFile
from envstudio.report import Line, Report

FILES = {
    "app": (
        ProjectFile("1.0", ">=3.8", published="2020-01-01"),
        ProjectFile("2.0", ">=3.8", published="2024-06-01"),
        ProjectFile("3.0", ">=3.13", published="2025-06-01"),
        ProjectFile("4.0rc1", ">=3.8", published="2026-01-01"),
    ),
    "near": (ProjectFile("1.0", published="2024-01-01"), ProjectFile("1.1", published="2024-06-01")),
}


class Solver:
    """A solver that has a reason against everything but what is `solvable`."""

    def __init__(self, *solvable: str) -> None:
        self.asked: list[str] = []
        self._solvable = solvable

    def files_of(self, names: Sequence[str], report: Report) -> dict[str, Sequence[ProjectFile]]:
        return {name: FILES[name] for name in names}

    def reason_against(self, requirement: str, report: Report) -> str:
        self.asked.append(requirement)
        return "" if requirement in self._solvable else "Because other<1 is required."


def resolution(**versions: str) -> Table:
    packages = [{"name": name, "version": version, "wheels": [{}]} for name, version in versions.items()]
    return Table({"packages": packages}, "pylock.toml")


def found(solver: Solver, *requirements: str, kept: Sequence[LockedPackage] = (), **versions: str) -> list[str]:
    environment = Environment("a", Python(pip=tuple(map(pip_requirement, requirements))))
    return list(held_back.lines(solver, environment, resolution(**versions), "3.12.1", kept, Report()))


def test_a_package_that_another_requirement_holds_back_is_named_with_the_reason() -> None:
    assert found(Solver(), "app", "near", app="1.0", near="1.0") == [
        "app 1.0 is locked instead of 2.0: Because other<1 is required."
    ]


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("app", "2.0"),  # the newest that this Python can have
        ("app<2", "1.0"),  # the definition itself says so
        ("near", "1.0"),  # months behind, not years
    ],
)
def test_what_is_not_held_back(requirement: str, version: str) -> None:
    solver = Solver()
    name = requirement.partition("<")[0]
    assert found(solver, requirement, **{name: version}) == []
    assert solver.asked == []


def test_what_could_be_had_and_what_stays_from_before_are_no_news() -> None:
    assert found(Solver("app==2.0"), "app", app="1.0") == []
    kept = LockedPackage("app", "1.0", "pip", "https://files.example/app-1.0-py3-none-any.whl", "a" * 64)
    assert found(Solver(), "app", kept=(kept,), app="1.0") == []


def test_versions_for_other_pythons_are_excluded_all_at_once() -> None:
    files = {
        "up": (
            ProjectFile("1.0", ">=3.6"),
            ProjectFile("1.9", ">=3.8,<3.11"),
            ProjectFile("2.0", ">=3.8,<3.11"),
            ProjectFile("2.1", ">=3.8,<3.11"),
            ProjectFile("2.1", ">=3.8"),
        ),
        "silent": (),
    }
    events: list[object] = []
    report = Report(events.append)
    lines = requires_python.constraints({"up": "2.0", "silent": "1"}, files, "3.11.9", report)
    assert lines == ["up!=1.9", "up!=2.0"]
    assert [event.text for event in events if isinstance(event, Line)] == [
        "up 2.0 is not for Python 3.11.9: it requires >=3.8,<3.11"
    ]
    assert requires_python.constraints({"up": "2.1", "silent": "1"}, files, "3.11.9", report) == []
    assert requires_python.constraints({"up": "2.0", "silent": "1"}, files, "3.10.1", report) == []
