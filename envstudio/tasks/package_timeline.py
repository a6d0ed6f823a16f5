"""package_timeline: when each package of an environment moved, and who moved it."""

from __future__ import annotations

from envstudio.domain.lock import Lock
from envstudio.domain.package_timeline import PackageTimeline, held_packages, package_rows
from envstudio.domain.reference import Reference
from envstudio.errors import NotFound
from envstudio.library import Library
from envstudio.report import Report

MAX_VERSIONS = 30


def read_timeline(
    library: Library, name: str, *, platform: str = "", newest: int = MAX_VERSIONS, report: Report
) -> PackageTimeline:
    """Read the newest versions of an environment with their locks.

    Without a platform it is the first of the newest lock. Raises `NotFound` for one that no lock covers.
    """
    versions = tuple(reversed(library.versions.list(name)[:newest]))
    definitions, locks = [], []
    for info in versions:
        report.raise_if_cancelled()
        definitions.append(library.find(Reference(name, info.number)).environment)
        record = library.locks.find(name, info.digest) if info.locked else None
        locks.append(record.lock if record is not None else None)
    platforms = _platforms(locks)
    if platform and platform not in platforms:
        covered = f"They cover {', '.join(platforms)}." if platforms else "Lock a version first."
        raise NotFound(f"No lock of these versions of {name} has packages for {platform}.", covered)
    platform = platform or next(iter(platforms), "")
    held = [held_packages(*pair, platform) for pair in zip(definitions, locks, strict=True)]
    return PackageTimeline(versions, package_rows(held), platform, platforms)


def _platforms(locks: list[Lock | None]) -> tuple[str, ...]:
    """Return the platforms of all locks, those of the newest first."""
    return tuple(dict.fromkeys(name for lock in reversed(locks) if lock is not None for name in lock.platform_names))
