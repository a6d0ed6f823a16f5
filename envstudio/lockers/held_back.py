"""Packages that a lock has years behind their newest release, because another requirement does not allow that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from packaging.version import InvalidVersion, Version

from envstudio.domain.environment import Environment
from envstudio.domain.lock import LockedPackage
from envstudio.domain.plain_data import Table
from envstudio.domain.requirement import PipKind, pep508
from envstudio.lockers.requires_python import chosen_versions
from envstudio.packages.simple_index import ProjectFile, versions
from envstudio.report import Report

DAYS = 365
MOST = 3
"""How many packages are explained; each takes one more run of the solver."""
LONGEST = 400


class Resolution(Protocol):
    """What is asked of the solver."""

    def files_of(self, names: Sequence[str], report: Report) -> Mapping[str, Sequence[ProjectFile]]:
        """Return the files that the indexes have of some projects."""

    def reason_against(self, requirement: str, report: Report) -> str:
        """Return why a requirement has no solution beside the others; empty if it has one."""


def lines(
    resolution: Resolution,
    environment: Environment,
    document: Table,
    python: str,
    kept: Sequence[LockedPackage],
    report: Report,
) -> Iterator[str]:
    """Yield a sentence for each requested package that is held back by a year or more, with the solver's reason.

    What stays as it was locked before (`kept`) is not held back. Raises `Cancelled`.
    """
    chosen = chosen_versions(document)
    stay = {(item.name, item.version) for item in kept}
    wanted = [
        item
        for item in environment.python.pip
        if item.kind is PipKind.NAMED and item.name in chosen and (item.name, chosen[item.name]) not in stay
    ]
    files = resolution.files_of(tuple(dict.fromkeys(item.name for item in wanted)), report)
    told = 0
    for item in wanted:
        newest = newest_allowed(item.line, files[item.name], python)
        if told == MOST or not newest or days_between(files[item.name], chosen[item.name], newest) < DAYS:
            continue
        if reason := resolution.reason_against(f"{item.name}=={newest}", report):
            told += 1
            shown = reason if len(reason) <= LONGEST else f"{reason[:LONGEST]}…"
            yield f"{item.name} {chosen[item.name]} is locked instead of {newest}: {shown}"


def newest_allowed(line: str, files: Sequence[ProjectFile], python: str) -> str:
    """Return the newest final version for a Python that a requirement itself allows; empty if there is none."""
    parsed = pep508(line)
    if parsed is None:
        return ""
    return next((text for text in versions(files, python) if parsed.specifier.contains(text, prereleases=False)), "")


def days_between(files: Sequence[ProjectFile], old: str, new: str) -> int:
    """Return how many days after one version another was published; 0 if that is unknown."""
    first, second = _published(files, old), _published(files, new)
    return (second - first).days if first and second else 0


def _published(files: Sequence[ProjectFile], version: str) -> date | None:
    wanted = Version(version)
    for item in files:
        try:
            if item.published and Version(item.version) == wanted:
                return date.fromisoformat(item.published)
        except (InvalidVersion, ValueError):
            continue
    return None
