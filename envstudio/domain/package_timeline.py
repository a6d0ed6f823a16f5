"""When each package moved: rows are packages, columns versions, cells what was resolved, or else wanted.

What a version without a lock resolves to is unknown; there the wanted texts are compared, and a package that only the
locks around it name has neither come nor gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envstudio.domain.allowed import constraint_level
from envstudio.domain.diff import Kind, requirement_text
from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock
from envstudio.domain.version import Level, VersionInfo, version_level

PackageKey = tuple[str, str]
"""Manager and name."""


@dataclass(frozen=True, slots=True)
class HeldPackages:
    """What one version requests, and the versions that its lock resolved; None if it has no lock."""

    wanted: Mapping[PackageKey, str]
    resolved: Mapping[PackageKey, str] | None = None

    @property
    def keys(self) -> set[PackageKey]:
        return {*self.wanted, *(self.resolved or ())}


@dataclass(frozen=True, slots=True)
class Cell:
    """One package in one version. `kind` is None if it did not move; `old` is what it moved from."""

    text: str = ""
    resolved: bool = False
    kind: Kind | None = None
    level: Level | None = None
    old: str = ""


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One package. `requested` says whether any of the versions requests it."""

    manager: str
    name: str
    requested: bool
    cells: tuple[Cell, ...]

    @property
    def moves(self) -> bool:
        return any(cell.kind for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PackageTimeline:
    """`versions` are oldest first, as the cells of each row are; `platforms` are those that their locks cover."""

    versions: tuple[VersionInfo, ...] = ()
    rows: tuple[PackageRow, ...] = ()
    platform: str = ""
    platforms: tuple[str, ...] = ()

    def to_json(self, rows: Sequence[PackageRow]) -> dict[str, Any]:
        """Return the timeline with these of its rows as the document that `--json` prints."""
        return {
            "platform": self.platform,
            "versions": [
                {
                    "version": info.number,
                    "created_at": info.created_at,
                    "created_by": info.created_by,
                    "message": info.message,
                }
                for info in self.versions
            ],
            "packages": [
                {
                    "manager": row.manager,
                    "name": row.name,
                    "requested": row.requested,
                    "cells": [
                        _cell_json(info, cell)
                        for info, cell in zip(self.versions, row.cells, strict=True)
                        if _told(cell)
                    ],
                }
                for row in rows
            ],
        }


def _told(cell: Cell) -> bool:
    return bool(cell.text or cell.kind)


def _cell_json(info: VersionInfo, cell: Cell) -> dict[str, Any]:
    kind, level = cell.kind and str(cell.kind), cell.level and str(cell.level)
    return {
        "version": info.number,
        "text": cell.text or None,
        "resolved": cell.resolved,
        "kind": kind,
        "level": level,
        "old": cell.old or None,
    }


def held_packages(environment: Environment, lock: Lock | None, platform: str) -> HeldPackages:
    """Return what a definition requests, and what its lock resolved for a platform if it covers that."""
    grouped: dict[PackageKey, list[str]] = {}
    for item in environment.python.conda:
        grouped.setdefault(("conda", item.name), []).append(requirement_text(item))
    for requirement in environment.python.pip:
        grouped.setdefault(("pip", requirement.name), []).append(requirement_text(requirement))
    wanted = {key: " and ".join(texts) for key, texts in grouped.items()}
    if lock is None or platform not in lock.platform_names:
        return HeldPackages(wanted)
    packages = lock.platform(platform).packages
    return HeldPackages(wanted, {(package.manager, package.name): package.version for package in packages})


def package_rows(versions: Sequence[HeldPackages]) -> tuple[PackageRow, ...]:
    """Return the packages of versions, oldest first: those that any of them requests, and then the dependencies."""
    keys = sorted({key for held in versions for key in held.keys})
    rows = [
        PackageRow(*key, any(key in held.wanted for held in versions), tuple(_cells(key, versions))) for key in keys
    ]
    return tuple(sorted(rows, key=lambda row: not row.requested))


def _cells(key: PackageKey, versions: Sequence[HeldPackages]) -> Iterator[Cell]:
    for position, held in enumerate(versions):
        text = (held.resolved or {}).get(key)
        shown, resolved = (held.wanted.get(key, ""), False) if text is None else (text, True)
        yield Cell(shown, resolved, *(_move(key, versions[: position + 1]) if position else ()))


def _move(key: PackageKey, versions: Sequence[HeldPackages]) -> tuple[Kind | None, Level | None, str]:
    """Return how a package moved in the last of these versions."""
    old, new = versions[-2], versions[-1]
    known = _last_known(key, versions)
    if new.resolved is not None and known is not None and (key in known or key in new.resolved):
        return _between(known.get(key), new.resolved.get(key), version_level)
    was, now = old.wanted.get(key), new.wanted.get(key)
    if (was is None and key in (old.resolved or ())) or (now is None and key in (new.resolved or ())):
        # It was there as a dependency already, or it stays as one.
        return None, None, ""
    return _between(was, now, constraint_level)


def _last_known(key: PackageKey, versions: Sequence[HeldPackages]) -> Mapping[PackageKey, str] | None:
    """Return what the last lock before the newest version resolved, if no one has requested anything else since."""
    new = versions[-1]
    for position, held in enumerate(reversed(versions[:-1])):
        if held.resolved is not None and (position == 0 or held.wanted.get(key) == new.wanted.get(key)):
            return held.resolved
        if held.wanted.get(key) != new.wanted.get(key):
            return None
    return None


def _between(
    was: str | None, now: str | None, level: Callable[[str, str], Level | None]
) -> tuple[Kind | None, Level | None, str]:
    if was == now:
        return None, None, ""
    if was is None:
        return Kind.ADDED, None, ""
    if now is None:
        return Kind.REMOVED, None, was
    return Kind.CHANGED, level(was, now), was
