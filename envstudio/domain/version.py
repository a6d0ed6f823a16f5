"""How far two versions are apart: major, minor, patch, build or downgrade; and one registered version's facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from packaging.version import InvalidVersion, Version

NUMBERS = re.compile(r"\d+")
ANCHOR = re.compile(r"(===|==|~=|>=|=|>)?\s*v?(\d+[A-Za-z0-9.!_+-]*)(\.\*)?")


class Level(StrEnum):
    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    BUILD = "build"
    DOWNGRADE = "downgrade"
    TIGHTENED = "tightened"
    LOOSENED = "loosened"


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A registered version as lists show it. Times are UTC."""

    number: int
    digest: str
    message: str
    created_at: datetime
    created_by: str
    labels: tuple[str, ...] = ()
    archived: bool = False
    locked: bool = False
    images: int = 0


def release(text: str) -> tuple[int, ...]:
    """Return the numbers of a version's release part; any other text gives the numbers that it holds."""
    try:
        return Version(text).release
    except InvalidVersion:
        return tuple(int(number) for number in NUMBERS.findall(text.split("+", 1)[0])[:6])


def version_level(old: str, new: str) -> Level | None:
    """Return how far `new` is from `old`; None if they are the same version, however each is written.

    Versions that differ after a plus sign only, such as 2.5.0+cpu and 2.5.0+cu124, are builds of the same one.
    """
    if old == new:
        return None
    public_old, public_new = old.partition("+")[0], new.partition("+")[0]
    if is_older(public_new, public_old):
        return Level.DOWNGRADE
    if not is_older(public_old, public_new):
        return Level.BUILD if "+" in old + new else None
    before, after = _padded(release(old)), _padded(release(new))
    for level, was, now in zip((Level.MAJOR, Level.MINOR, Level.PATCH), before, after, strict=False):
        if was != now:
            return level
    return Level.PATCH


def is_older(a: str, b: str) -> bool:
    """Return whether version `a` sorts before `b`: by PEP 440 if both obey it, else as conda sorts them."""
    try:
        return Version(a) < Version(b)
    except InvalidVersion:
        return _is_older_for_conda(a, b)


def _is_older_for_conda(a: str, b: str) -> bool:
    """Compare as conda does, for which 1.1.1n is older than 1.1.1w; by their numbers if it cannot read one."""
    from rattler import Version as CondaVersion
    from rattler.exceptions import InvalidVersionError

    try:
        return bool(CondaVersion(a) < CondaVersion(b))
    except InvalidVersionError:
        return release(a) < release(b)


def anchor(constraint: str) -> str:
    """Return the version that a constraint stands on: its exact version, else its lower bound, else nothing."""
    for part in re.split(r"[,|]", constraint.split(" ", 1)[0] if "://" not in constraint else ""):
        found = ANCHOR.fullmatch(part.strip())
        if found:
            return found.group(2).removesuffix(".*").rstrip(".*")
    return ""


def _padded(numbers: tuple[int, ...]) -> tuple[int, int, int]:
    padded = (*numbers, 0, 0, 0)
    return padded[0], padded[1], padded[2]
