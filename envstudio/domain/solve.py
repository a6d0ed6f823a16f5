"""How a definition is resolved, beyond what it requests: its section `solve`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from packaging.utils import canonicalize_name

from envstudio.domain.platforms import PLATFORMS
from envstudio.domain.requirement import match_spec, pip_requirement
from envstudio.errors import InvalidInput

AGE = re.compile(r"(\d{1,5})\s*(hour|day|week)s?", re.IGNORECASE)
ISO_AGE = re.compile(r"P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?)?", re.IGNORECASE)
ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
VIRTUAL = re.compile(r"__[a-z0-9_]+")
VIRTUAL_VERSION = re.compile(r"[0-9][0-9A-Za-z._]*(?:=[0-9A-Za-z._]+)?")


class IndexStrategy(StrEnum):
    """From which of several package indexes a package comes: all together, as pip does, or the first that has it."""

    BEST = "best"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Solve:
    """How the packages of a definition are resolved. The default of each part is to leave it to the solvers.

    `exclude_newer` is a date, a time or an age (see `cutoff`). `pins` are match specs that hold for a package wherever
    it comes from, without requesting it. `overrides` are pip requirements that replace every other requirement of their
    packages, `excludes` names of pip packages that are left out whoever requires them. `virtual_packages` state, for
    each platform, what the machine has: ("linux-64", (("__glibc", "2.36"),)). Raises `InvalidInput` for what is none.
    """

    exclude_newer: str = ""
    pins: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    index_strategy: IndexStrategy | None = None
    virtual_packages: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    def __post_init__(self) -> None:
        if self.exclude_newer:
            cutoff(self.exclude_newer, ANY_MOMENT)
        for text in self.pins:
            match_spec(text)
        for text in self.overrides:
            pip_requirement(text)
        for name in self.excludes:
            if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", name):
                raise InvalidInput(f"{name!r} is not the name of a package.", "Write a name such as numpy.")
        for platform, packages in self.virtual_packages:
            _check_virtual(platform, packages)

    def virtual(self, platform: str) -> dict[str, str]:
        """Return the virtual packages that are stated for a platform, by name."""
        return dict(dict(self.virtual_packages).get(platform, ()))

    def canonical(self) -> dict[str, Any]:
        """Return it as plain data in which equal meaning is equal form; empty parts are left out by the digest."""
        return {
            "exclude_newer": self.exclude_newer,
            "pins": sorted(self.pins),
            "overrides": sorted(pip_requirement(text).canonical for text in self.overrides),
            "excludes": sorted(canonicalize_name(name) for name in self.excludes),
            "index_strategy": str(self.index_strategy or ""),
            "virtual_packages": {platform: dict(packages) for platform, packages in self.virtual_packages},
        }

    def with_virtual(self, platform: str, name: str, version: str) -> Solve:
        """Return it with one virtual package of a platform stated; an empty version takes it away."""
        stated = {**self.virtual(platform), name: version}
        stated = {key: value for key, value in stated.items() if value}
        every = {**{key: dict(items) for key, items in self.virtual_packages}, platform: stated}
        packages = tuple((key, tuple(sorted(items.items()))) for key, items in sorted(every.items()) if items)
        return replace(self, virtual_packages=packages)


def cutoff(text: str, now: datetime) -> datetime:
    """Return the moment that a date, a time or an age means; what was published after it is not considered.

    A date ("2026-01-31") means its beginning, and without a zone it is UTC, for conda and pip alike. An age ("7 days",
    "P7D", "PT12H") is counted back from `now`. Raises `InvalidInput` naming the forms. Source: ISO 8601.
    """
    if age := _age(text):
        return now - age
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is not a date, a time or an age.",
            "Write it as 2026-01-31, 2026-01-31T12:00:00Z, '7 days' or P7D.",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _age(text: str) -> timedelta | None:
    if found := AGE.fullmatch(text.strip()):
        return timedelta(**{f"{found[2].lower()}s": int(found[1])})
    found = ISO_AGE.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    weeks, days, hours = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours)


def _check_virtual(platform: str, packages: tuple[tuple[str, str], ...]) -> None:
    if platform not in PLATFORMS:
        raise InvalidInput(f"No platform named {platform!r}.", f"Choose among {', '.join(PLATFORMS)}.")
    for name, version in packages:
        if not VIRTUAL.fullmatch(name):
            raise InvalidInput(f"{name!r} is not a virtual package.", "Write one such as __glibc, __cuda or __osx.")
        if not VIRTUAL_VERSION.fullmatch(version):
            raise InvalidInput(f"{version!r} is not a version of {name}.", "Write one such as 2.36.")
