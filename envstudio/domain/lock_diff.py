"""The difference of two locks as rows: packages for each platform that both cover, and platforms of only one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from envstudio.domain.amounts import amount_text
from envstudio.domain.diff import Kind, row_json
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.version import Level, version_level

PLATFORM = "platform"
"""What stands instead of the manager if a row is about a platform as a whole."""


@dataclass(frozen=True, slots=True)
class ResolvedChange:
    """One package that differs between two locks of a platform."""

    platform: str
    manager: str
    kind: Kind
    name: str
    old: str | None
    new: str | None
    level: Level | None = None
    requested: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the row as the document that `--json` prints."""
        return {"platform": self.platform, "manager": self.manager, **row_json(self)}


def compare_locks(old: Lock, new: Lock) -> tuple[ResolvedChange, ...]:
    """Return the packages by which `new` differs from `old`, for each platform that both have."""
    rows: list[ResolvedChange] = []
    for after in new.platforms:
        if after.platform in old.platform_names:
            rows += _compare_packages(old.platform(after.platform), after)
    return tuple(rows)


def compare_platforms(old: Lock, new: Lock) -> tuple[ResolvedChange, ...]:
    """Return a row for each platform that only one of two locks covers, with how many packages it has there."""
    before, after = ({item.platform: item for item in lock.platforms} for lock in (old, new))
    return tuple(
        ResolvedChange(
            platform,
            PLATFORM,
            Kind.ADDED if platform in after else Kind.REMOVED,
            platform,
            _size(before.get(platform)),
            _size(after.get(platform)),
        )
        for platform in sorted(before.keys() ^ after.keys())
    )


def _size(platform: PlatformLock | None) -> str | None:
    return None if platform is None else amount_text(len(platform.packages), "package")


def _compare_packages(old: PlatformLock, new: PlatformLock) -> list[ResolvedChange]:
    before = {(item.manager, item.name): item for item in old.packages}
    after = {(item.manager, item.name): item for item in new.packages}
    return [
        _resolved_change(new.platform, key, before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if _identity(before.get(key)) != _identity(after.get(key))
    ]


def _identity(package: LockedPackage | None) -> tuple[str, str, str] | None:
    return None if package is None else (package.version, package.build, package.sha256 or package.url)


def _resolved_change(
    platform: str, key: tuple[str, str], old: LockedPackage | None, new: LockedPackage | None
) -> ResolvedChange:
    manager, name = key
    requested = any(package is not None and package.requested for package in (old, new))
    was = None if old is None else old.version
    now = None if new is None else new.version
    if old is None or new is None:
        kind = Kind.ADDED if old is None else Kind.REMOVED
        return ResolvedChange(platform, manager, kind, name, was, now, None, requested)
    if old.version != new.version:
        level = version_level(old.version, new.version)
        return ResolvedChange(platform, manager, Kind.CHANGED, name, was, now, level, requested)
    was, now = f"{old.version} {old.build}".rstrip(), f"{new.version} {new.build}".rstrip()
    return ResolvedChange(platform, manager, Kind.CHANGED, name, was, now, Level.BUILD, requested)
