"""What a lock's file format is, and the environment that a lock alone makes: each package pinned as it was locked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Python
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.domain.problem import Problem
from envstudio.domain.requirement import CondaRequirement, conda_requirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.format import Source


@dataclass(frozen=True, slots=True)
class LockRead:
    """An environment with its lock, and what needs a look."""

    environment: Environment
    lock: Lock
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class LockFormat:
    """One file format of locks. `write` takes the platform, which formats of several platforms ignore.

    `managers` are those whose packages it can hold.

    `read` raises `InvalidInput` naming the reason where the text is no such file.
    """

    id: str
    title: str
    filenames: tuple[str, ...]
    matches: Callable[[Source], bool]
    read: Callable[[Source, str], LockRead] | None = None
    write: Callable[[Lock, str], str] | None = None
    managers: tuple[str, ...] = ("conda", "pip")

    def left_out(self, lock: Lock) -> tuple[str, ...]:
        """Name the packages of a lock that this format cannot hold."""
        found = (
            item.name for platform in lock.platforms for item in platform.packages if item.manager not in self.managers
        )
        return tuple(dict.fromkeys(found))


def pinned(name: str, channels: Iterable[str], platforms: tuple[PlatformLock, ...], *, python: str = "") -> LockRead:
    """Return the environment that asks for exactly what a lock holds, with the lock as its own."""
    packages = [item for platform in platforms for item in platform.packages]
    conda = dict.fromkeys(_spec(item) for item in packages if item.manager == "conda")
    pip = dict.fromkeys(pip_requirement(_requirement(item)) for item in packages if item.manager == "pip")
    stated = "" if any(item.name == "python" for item in conda) else python
    environment = Environment(
        name, Python(version=stated, channels=tuple(dict.fromkeys(channels)), conda=tuple(conda), pip=tuple(pip))
    )
    requested = tuple(
        replace(item, packages=tuple(replace(package, requested=True) for package in item.packages))
        for item in platforms
    )
    return LockRead(environment, Lock(definition_digest(environment), environment.python.channels, requested))


def _spec(item: LockedPackage) -> CondaRequirement:
    build = f"={item.build}" if item.build else ""
    return conda_requirement(f"{item.name}={item.version}{build}")


def _requirement(item: LockedPackage) -> str:
    """Return what asks for a package: its version, or its source where it comes from no index."""
    if item.url.startswith(("git+", "hg+")):
        return f"{item.name} @ {item.url}"
    return f"{item.name}=={item.version}"


def platform_lock(platform: str, packages: Iterable[LockedPackage]) -> PlatformLock:
    """Return the lock of a platform, with the Python that is among its packages."""
    found = list({(item.manager, item.name): item for item in packages}.values())
    python = next((item.version for item in found if item.manager == "conda" and item.name == "python"), "")
    return PlatformLock(platform, python, sorted_packages(found))


def package_of_url(url: str, sha256: str = "", md5: str = "") -> LockedPackage:
    """Return the conda package that an address names. Raises `InvalidInput`."""
    stem = _stem(url)
    parts = stem.rsplit("-", 2)
    if len(parts) != 3:
        raise InvalidInput(f"{url} is not the address of a conda package.", "It ends in NAME-VERSION-BUILD.conda.")
    return LockedPackage(parts[0], parts[1], "conda", url, sha256, md5, parts[2])


def build_of(url: str) -> str:
    """Return the build string in a conda package's address."""
    return _stem(url).rsplit("-", 2)[-1]


def _stem(url: str) -> str:
    name = url.split("#", 1)[0].rsplit("/", 1)[-1]
    return name.removesuffix(".conda").removesuffix(".tar.bz2")
