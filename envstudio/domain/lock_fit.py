"""Whether a lock is one of a definition: what the definition requests is in it, in versions that are allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.utils import canonicalize_name

from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.platforms import PLATFORMS
from envstudio.domain.requirement import PipKind, PipRequirement
from envstudio.domain.version_order import allows
from envstudio.domain.wheel_tags import marker_environment

DEFAULT_PYTHON = "3.12"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A requirement that a lock does not meet on a platform; `locked` is empty if it lacks the package."""

    platform: str
    requirement: str
    locked: str

    @property
    def text(self) -> str:
        """Return it as a sentence."""
        found = f"has {self.locked}" if self.locked else "has no such package"
        return f"{self.requirement} is requested, and the lock for {self.platform} {found}."


def misfits(environment: Environment, lock: Lock) -> tuple[Misfit, ...]:
    """Return where a lock does not fit a definition; nothing if it fits."""
    return tuple(item for platform in lock.platforms for item in _of_platform(environment, platform))


def _of_platform(environment: Environment, platform: PlatformLock) -> Iterator[Misfit]:
    conda = {item.name: item for item in platform.of("conda")}
    pip = {str(canonicalize_name(item.name)): item for item in platform.of("pip")}
    for item in environment.python.conda:
        if not item.name.startswith("__"):
            found = conda.get(item.name)
            if found is None or not allows(item, found.version):
                yield Misfit(platform.platform, item.text, _shown(found))
    of_conda = {str(canonicalize_name(name)): item for item in conda.values() for name in _pip_names(item)}
    by_any_name = {**of_conda, **pip}
    for requirement in environment.python.pip:
        if not _applies(requirement, platform):
            continue
        found = by_any_name.get(requirement.name)
        if found is None or (requirement.kind is PipKind.NAMED and not allows(requirement, found.version)):
            yield Misfit(platform.platform, requirement.text, _shown(found))


def _pip_names(package: LockedPackage) -> tuple[str, ...]:
    """Return what a conda package says that pip calls it, and its own name."""
    purls = (purl.split("?", 1)[0].split("@", 1)[0] for purl in package.purls)
    return (package.name, *(purl.rsplit("/", 1)[-1] for purl in purls if purl.startswith("pkg:pypi/")))


def _shown(found: LockedPackage | None) -> str:
    return f"{found.name} {found.version}" if found is not None else ""


def _applies(requirement: PipRequirement, platform: PlatformLock) -> bool:
    """Return whether a requirement's marker holds on a platform; one that cannot be evaluated there is passed over."""
    if not requirement.marker:
        return True
    if platform.platform not in PLATFORMS:
        return False
    values: Mapping[str, str] = marker_environment(platform.platform, platform.python or DEFAULT_PYTHON)
    try:
        return Marker(requirement.marker).evaluate(dict(values))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return False
