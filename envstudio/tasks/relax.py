"""relax: the smallest changes of requirements with which a definition that has no solution has one, tried for real."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from envstudio import lockers
from envstudio.consents import NONE
from envstudio.domain.environment import Environment
from envstudio.domain.requirement import CondaRequirement, PipRequirement, conda_requirement, pep508, pip_requirement
from envstudio.domain.solve_options import SolveOptions
from envstudio.errors import EnvStudioError
from envstudio.report import Report
from envstudio.settings import Settings

SECONDS = 10.0
MAX_PROPOSALS = 3
DEFAULTS = SolveOptions()


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Requirements as they are and as they would be, and the definition with them changed."""

    changes: tuple[tuple[str, str], ...]
    environment: Environment

    def __str__(self) -> str:
        return " and ".join(f"{old} → {new}" for old, new in self.changes)


Requirement = CondaRequirement | PipRequirement


def relax(
    environment: Environment,
    settings: Settings,
    *,
    platform: str,
    options: SolveOptions = DEFAULTS,
    seconds: float = SECONDS,
    report: Report,
) -> tuple[Relaxation, ...]:
    """Return up to three relaxations that solve, those of one requirement first; none if the time is up.

    They solve under the same pins, day and connection that the lock was requested by `options`.
    Bounds are only ever dropped, never invented: first the upper ones of a requirement, then all of them.
    """
    deadline = time.monotonic() + seconds
    # A definition that is only tried must not run code of packages.
    options = replace(options, consent=NONE)
    found: list[Relaxation] = []
    for changes in _candidates(environment):
        report.raise_if_cancelled()
        if time.monotonic() > deadline or len(found) == MAX_PROPOSALS:
            break
        if found and len(changes) > len(found[0].changes):
            break
        changed = _changed(environment, changes)
        # Out of time ends the attempt as a cancel does; a real cancel is raised at the next turn.
        with contextlib.suppress(EnvStudioError):
            lockers.solve(
                changed, platforms=[platform], settings=settings, options=options, report=_Within(report, deadline)
            )
            found.append(Relaxation(tuple((old.text, new.text) for old, new in changes), changed))
    report.raise_if_cancelled()
    return tuple(found)


class _Within(Report):
    """A report that stops the work when the time is up, as if it were cancelled."""

    def __init__(self, outer: Report, deadline: float) -> None:
        super().__init__()
        self._outer, self._deadline = outer, deadline

    @property
    def cancelled(self) -> bool:
        return self._outer.cancelled or time.monotonic() > self._deadline


def _candidates(environment: Environment) -> Iterator[tuple[tuple[Requirement, Requirement], ...]]:
    """Yield changes to try: every single one, then every pair."""
    items: list[Requirement] = [*environment.python.conda, *environment.python.pip]
    looser = [(item, relaxed) for item in items for relaxed in _looser(item)]
    yield from ((change,) for change in looser)
    for first, second in combinations(looser, 2):
        if first[0] is not second[0]:
            yield first, second


def _looser(item: Requirement) -> Iterator[Requirement]:
    """Yield a requirement without its upper bounds, and without any."""
    if isinstance(item, CondaRequirement):
        parts = [part.strip() for part in item.version.split(",") if part.strip()]
        lower = [part for part in parts if part.startswith((">", "!="))]
        prefix = f"{item.channel}::" if item.channel else ""
        if lower and len(lower) < len(parts):
            yield conda_requirement(f"{prefix}{item.name} {','.join(lower)}")
        if item.constraint:
            yield conda_requirement(f"{prefix}{item.name}")
        return
    parsed = pep508(item.text)
    if parsed is None or parsed.url or not parsed.specifier:
        return
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    marker = f" ; {parsed.marker}" if parsed.marker else ""
    bounds = [str(part) for part in parsed.specifier]
    above = [text for text in bounds if text.startswith((">", "!="))]
    if above and len(above) < len(bounds):
        yield pip_requirement(f"{parsed.name}{extras}{','.join(above)}{marker}")
    yield pip_requirement(f"{parsed.name}{extras}{marker}")


def _changed(environment: Environment, changes: tuple[tuple[Requirement, Requirement], ...]) -> Environment:
    """Return the definition with requirements exchanged if they stand."""
    conda, pip = list(environment.python.conda), list(environment.python.pip)
    for old, new in changes:
        if isinstance(old, CondaRequirement) and isinstance(new, CondaRequirement):
            conda[conda.index(old)] = new
        elif isinstance(old, PipRequirement) and isinstance(new, PipRequirement):
            pip[pip.index(old)] = new
    return replace(environment, python=replace(environment.python, conda=tuple(conda), pip=tuple(pip)))
