"""Which versions a constraint allows, as one range, and how two such ranges lie to each other.

Sources: PEP 440 for pip's operators, conda's match specifications for `=1.2`, `1.2.*` and `~=`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from envstudio.domain.version import Level, anchor, is_older, version_level

PART = re.compile(r"(===?|~=|!=|>=|<=|>|<|=|)\s*([0-9][^\s,|<>=!~]*)")
LAST_NUMBER = re.compile(r"(\d+)(?=\D*$)")


class Relation(StrEnum):
    """What one constraint allows, seen from another: as much, less, more, or what lies higher or lower."""

    SAME = "same"
    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Range:
    """Versions from `low` to `high`; empty for no bound. `excluded` are single versions or series that are left out."""

    low: str = ""
    high: str = ""
    low_included: bool = True
    high_included: bool = True
    excluded: frozenset[str] = frozenset()


def relation(old: str, new: str) -> Relation | None:
    """Return how what `new` allows lies to what `old` allowed; None if one of them is not a single range."""
    before, after = allowed(old), allowed(new)
    if before is None or after is None:
        return None
    low, high = _low(before, after), _high(before, after)
    if low == high == 0:
        return _of_excluded(before.excluded, after.excluded)
    if low >= 0 >= high:
        return Relation.TIGHTENED
    if low <= 0 <= high:
        return Relation.LOOSENED
    return Relation.UP if low > 0 else Relation.DOWN


def constraint_level(old: str, new: str) -> Level | None:
    """Return what became of what a constraint allows: less, more, or how far it moved up or down; else None.

    A conda build behind the version counts as one constraint more. Of what is not a single range, the exact version or
    lower bound is compared.
    """
    (before, old_build), (after, new_build) = _parts(old), _parts(new)
    found = relation(before, after)
    if found is Relation.SAME:
        return _build_level(old_build, new_build)
    if found is Relation.TIGHTENED:
        return Level.TIGHTENED
    if found is Relation.LOOSENED:
        return Level.LOOSENED
    if found is Relation.DOWN and anchor(before) and anchor(after):
        return Level.DOWNGRADE
    if anchor(before) and anchor(after):
        level = version_level(anchor(before), anchor(after))
        return level if found is not Relation.UP or level is not Level.DOWNGRADE else None
    return None


def _parts(constraint: str) -> tuple[str, str]:
    """Return the version part and the build of a conda constraint; of pip's, which may have spaces, all is version."""
    version, space, build = constraint.partition(" ")
    return (version, build) if space and build[:1] not in "<>=!~," and version[-1:] != "," else (constraint, "")


def _build_level(old: str, new: str) -> Level | None:
    if old == new:
        return None
    return Level.TIGHTENED if not old else Level.LOOSENED if not new else Level.BUILD


def allowed(constraint: str) -> Range | None:
    """Return what a constraint (">=1.2,<2") allows; None for alternatives, addresses, and what is not understood."""
    found = Range()
    for text in constraint.split(","):
        part = PART.fullmatch(text.strip())
        if part is None:
            if text.strip() in ("", "*"):
                continue
            return None
        narrowed = _narrowed(found, part[1], part[2])
        if narrowed is None:
            return None
        found = narrowed
    return found


def _narrowed(found: Range, operator: str, version: str) -> Range | None:
    """Return a range with one part more."""
    series = version.removesuffix(".*").removesuffix("*").rstrip(".")
    if operator == "!=":
        return replace(found, excluded=found.excluded | {version})
    if operator in ("===", "==", "=", ""):
        if operator == "=" or series != version:
            return _within(found, Range(series, _next(series), high_included=False))
        return _within(found, Range(series, series))
    if operator == "~=":
        upper = series.rpartition(".")[0]
        return _within(found, Range(series, _next(upper), high_included=False)) if upper else None
    if operator in (">", ">="):
        return _within(found, Range(low=series, low_included=operator == ">="))
    return _within(found, Range(high=series, high_included=operator == "<="))


def _within(one: Range, other: Range) -> Range:
    """Return what both ranges allow."""
    low = other if _low(one, other) > 0 else one
    high = other if _high(one, other) < 0 else one
    return Range(low.low, high.high, low.low_included, high.high_included, one.excluded | other.excluded)


def _low(old: Range, new: Range) -> int:
    """Return 1 if the new lower bound lies higher, -1 if it lies lower, 0 if it is the same."""
    if not old.low or not new.low:
        return bool(new.low) - bool(old.low)
    if is_older(old.low, new.low):
        return 1
    if is_older(new.low, old.low):
        return -1
    return old.low_included - new.low_included


def _high(old: Range, new: Range) -> int:
    """Return 1 if the new upper bound lies higher, -1 if it lies lower, 0 if it is the same."""
    if not old.high or not new.high:
        return bool(old.high) - bool(new.high)
    if is_older(old.high, new.high):
        return 1
    if is_older(new.high, old.high):
        return -1
    return new.high_included - old.high_included


def _of_excluded(old: frozenset[str], new: frozenset[str]) -> Relation | None:
    if old == new:
        return Relation.SAME
    if old < new:
        return Relation.TIGHTENED
    return Relation.LOOSENED if new < old else None


def _next(series: str) -> str:
    """Return the version at which a series ends: 1.3 for 1.2."""
    return LAST_NUMBER.sub(lambda found: str(int(found[1]) + 1), series, count=1)
