"""Which versions of what is requested a lock holds, on which platforms, and from whom."""

from __future__ import annotations

from functools import cached_property, lru_cache

from packaging.utils import canonicalize_name

from envstudio.domain.lock import LockedPackage, PlatformLock
from envstudio.domain.requirement import PipRequirement
from envstudio.domain.version import release
from envstudio.errors import EnvStudioError
from envstudio.gui.editor.requirement_text import CONDA, Requirement, manager_of
from envstudio.library import LockRecord

Held = tuple[PlatformLock, LockedPackage]
NO_LOCK = "Not locked yet"
STALE = "From a lock of an earlier definition; lock again."
NOT_THERE_YET = "Not in the lock, which is of an earlier definition; lock again."
NOT_THERE = "Not in the lock: nothing of it is installed on {}."
BY_CONDA = "Provided by conda's {}; pip installs nothing."


class LockedVersions:
    """Empty if there is no lock; `is_stale` says that the lock is of an earlier definition."""

    def __init__(self, record: LockRecord | None, is_stale: bool) -> None:
        self.platforms = record.lock.platforms if record is not None else ()
        self.is_stale = is_stale and bool(self.platforms)
        self._held: dict[tuple[str, str], list[Held]] = {}
        for platform in self.platforms:
            for package in platform.packages:
                self._held.setdefault((package.manager, package.name), []).append((platform, package))

    @cached_property
    def _provided(self) -> dict[str, list[Held]]:
        """Conda's packages by the names that pip knows them by; what it has so is not listed among pip's."""
        found: dict[str, list[Held]] = {}
        for (manager, name), held in self._held.items():
            for one in held if manager == CONDA else ():
                purls = [purl.split("?", 1)[0].split("@", 1)[0] for purl in one[1].purls if "pkg:pypi/" in purl]
                for known in {canonicalize_name(text.rsplit("/", 1)[-1]) for text in purls or [name]}:
                    found.setdefault(known, []).append(one)
        return found

    def of(self, item: Requirement) -> list[Held]:
        """Return what is locked for a requirement, by platform."""
        held = self._held.get((manager_of(item), item.name), [])
        if not isinstance(item, PipRequirement) or not self._held:
            return held
        held = held or self._provided.get(item.name, [])
        if not item.marker:
            return held
        # Another of its name may be what was installed if the marker does not hold.
        return [one for one in held if _holds(item.marker, one[0].platform, one[0].python)]

    def package(self, item: Requirement) -> LockedPackage | None:
        """Return what is locked on the first platform that has it."""
        held = self.of(item)
        return held[0][1] if held else None

    def text(self, item: Requirement) -> str:
        """Return the version, or each of them where platforms differ; one that another manager provides says so."""
        held = self.of(item)
        versions = ", ".join(dict.fromkeys(package.version for _, package in held))
        return f"{versions} ({CONDA})" if held and held[0][1].manager != manager_of(item) else versions

    def bound(self, item: Requirement) -> str:
        """Return bounds for the release that is locked ("==2.19.*"); nothing if platforms have different ones."""
        releases = {release(package.version)[:2] for _, package in self.of(item)}
        numbers = releases.pop() if len(releases) == 1 else ()
        return f"=={'.'.join(map(str, numbers))}.*" if len(numbers) == 2 else ""

    def tip(self, item: Requirement) -> str:
        """Return what the version alone does not."""
        held = self.of(item)
        if not self.platforms:
            return NO_LOCK
        names = [platform.platform for platform in self.platforms]
        if not held:
            return NOT_THERE_YET if self.is_stale else NOT_THERE.format(", ".join(names))
        there = {platform.platform: package.version for platform, package in held}
        lines = [f"{name}: {there.get(name, 'not installed')}" for name in names]
        if held[0][1].manager != manager_of(item):
            lines.append(BY_CONDA.format(held[0][1].name))
        return "\n".join([*lines, STALE] if self.is_stale else lines)


@lru_cache(maxsize=4096)
def _holds(marker: str, platform: str, python: str) -> bool:
    """Return whether a marker holds on a platform; evaluated for each comparison that sorting a table takes."""
    if not python and "python" in marker:
        # Of a lock that was imported and names no Python nothing more is known.
        return True
    from packaging.markers import Marker, UndefinedEnvironmentName

    from envstudio.domain.wheel_tags import marker_environment

    try:
        return Marker(marker).evaluate({**marker_environment(platform, python), "extra": ""})
    except (EnvStudioError, KeyError, UndefinedEnvironmentName):
        # So with a platform that no lock of ours has.
        return True
