"""What a lock's file format is, and the environment that a lock alone makes: each package pinned as it was locked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Python
from envstudio.domain.hashes import is_md5, is_sha256
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.domain.platforms import PLATFORMS
from envstudio.domain.problem import Problem
from envstudio.domain.requirement import CondaRequirement, PipRequirement, conda_requirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import reading
from envstudio.formats.format import Source

Item = TypeVar("Item")
WRITE_AGAIN = "Write the lock again with the tool that it is from."
PLATFORM = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)?")
NAME = re.compile(r"[A-Za-z0-9_.-]+")
CONDA_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://.*/[^/]+/[^/]+")
"""Of a file in a folder named after its platform, in a channel."""

UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")


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

    `read` raises `InvalidInput` naming the reason if the text is no such file, and keeps the boundary's limits.
    `write` raises `InvalidInput` for a lock that the format cannot hold.
    """

    id: str
    title: str
    filenames: tuple[str, ...]
    matches: Callable[[Source], bool]
    read: Callable[[Source, str], LockRead] | None = None
    write: Callable[[Lock, str], str] | None = None
    managers: tuple[str, ...] = ("conda", "pip")

    def __post_init__(self) -> None:
        if self.read is not None:
            object.__setattr__(self, "read", reading(self.read))

    def left_out(self, lock: Lock) -> tuple[str, ...]:
        """Name the packages of a lock that this format cannot hold."""
        found = (
            item.name for platform in lock.platforms for item in platform.packages if item.manager not in self.managers
        )
        return tuple(dict.fromkeys(found))


def pinned(name: str, channels: Iterable[str], platforms: tuple[PlatformLock, ...], *, python: str = "") -> LockRead:
    """Return the environment that requests exactly what a lock holds, with the lock as its own.

    Raises `InvalidInput` for a package that is none.
    """
    packages = [item for platform in platforms for item in platform.packages]
    for item in packages:
        _check(item)
    for platform in platforms:
        if not PLATFORM.fullmatch(platform.platform):
            raise InvalidInput(f"{platform.platform!r} is not the name of a platform.", WRITE_AGAIN)
    if len(platforms) > 1:
        conda, pip = _for_all(platforms)
    else:
        conda = [_spec(item) for item in packages if item.manager == "conda"]
        pip = [pip_requirement(_requirement(item)) for item in packages if item.manager == "pip"]
    stated = "" if any(item.name == "python" for item in conda) else python
    environment = Environment(
        name,
        Python(version=stated, channels=tuple(dict.fromkeys(channels)), conda=_each_once(conda), pip=_each_once(pip)),
    )
    names = {("conda", item.name) for item in conda} | {("pip", item.name) for item in pip}
    requested = tuple(replace(item, packages=tuple(_marked(item.packages, names))) for item in platforms)
    return LockRead(environment, Lock(definition_digest(environment), environment.python.channels, requested))


def _marked(packages: Iterable[LockedPackage], names: Collection[tuple[str, str]]) -> Iterator[LockedPackage]:
    for package in packages:
        name = package.name.lower() if package.manager == "conda" else str(canonicalize_name(package.name))
        yield replace(package, requested=(package.manager, name) in names)


def _each_once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))


def _for_all(platforms: tuple[PlatformLock, ...]) -> tuple[list[CondaRequirement], list[PipRequirement]]:
    """Return requirements that hold on each platform of a lock: versions without builds, which differ between them.

    A conda package that some platform lacks is not requested, because a match spec cannot say where it is wanted; what
    needs it brings it in. A pip requirement says so by a marker.
    """
    conda, pip = [], []
    for name, versions in _versions(platforms, "conda").items():
        if len(versions) == len(platforms):
            alternatives = "|".join(f"=={version}" for version in dict.fromkeys(versions.values()))
            conda.append(conda_requirement(f"{name} {alternatives}"))
    for items in _packages(platforms, "pip").values():
        texts: dict[str, list[str]] = {}
        for platform, package in items.items():
            texts.setdefault(_requirement(package), []).append(platform)
        for text, where in texts.items():
            everywhere = len(where) == len(platforms)
            marker = "" if everywhere else f" ; {' or '.join(f'({_marker(name)})' for name in where)}"
            pip.append(pip_requirement(f"{text}{marker}"))
    return conda, pip


def _marker(platform: str) -> str:
    """Return the marker of a platform (PEP 508), by its system and processor."""
    found = dict(PLATFORMS[platform].markers) if platform in PLATFORMS else {}
    parts = (f"{key} == '{found[key]}'" for key in ("sys_platform", "platform_machine") if key in found)
    return " and ".join(parts) or "sys_platform == 'unknown'"


def _packages(platforms: Iterable[PlatformLock], manager: str) -> dict[str, dict[str, LockedPackage]]:
    """Return the packages of a manager by name and platform."""
    found: dict[str, dict[str, LockedPackage]] = {}
    for item in platforms:
        for package in item.of(manager):
            found.setdefault(package.name, {})[item.platform] = package
    return found


def _versions(platforms: Iterable[PlatformLock], manager: str) -> dict[str, dict[str, str]]:
    packages = _packages(platforms, manager)
    return {name: {key: package.version for key, package in items.items()} for name, items in packages.items()}


def only_chosen(packages: Mapping[str, Item], source: Source) -> dict[str, Item]:
    """Return what a lock has for the platform that is chosen, or for all of them. Raises `InvalidInput`."""
    wanted = source.choices.platform
    if wanted and wanted not in packages:
        raise InvalidInput(
            f"{source.file_name} has no packages for {wanted}.", f"Choose among {', '.join(sorted(packages))}."
        )
    return {key: item for key, item in packages.items() if not wanted or key == wanted}


def _check(item: LockedPackage) -> None:
    """Raise `InvalidInput` for an name, address or hash that is none; versions are read with the requirements."""
    if not NAME.fullmatch(item.name):
        raise InvalidInput(f"{item.name!r} is not the name of a package.", WRITE_AGAIN)
    whole = item.url and (item.manager == "pip" or CONDA_ADDRESS.fullmatch(item.url))
    if not whole or UNPRINTABLE.search(item.url) or not _has_host(item.url):
        raise InvalidInput(f"{item.name} has the address {item.url!r}, which is not a package's.", WRITE_AGAIN)
    if (item.sha256 and not is_sha256(item.sha256)) or (item.md5 and not is_md5(item.md5)):
        raise InvalidInput(f"{item.name} has an invalid hash: {item.sha256 or item.md5!r}.", WRITE_AGAIN)


def _has_host(url: str) -> bool:
    """Return whether what stands in brackets, if anything does, is an IPv6 address."""
    try:
        return "[" not in url or urlsplit(url).netloc is not None
    except ValueError:
        return False


def _spec(item: LockedPackage) -> CondaRequirement:
    build = f"={item.build}" if item.build else ""
    return conda_requirement(f"{item.name}={item.version}{build}")


def _requirement(item: LockedPackage) -> str:
    """Return what requests a package: its version, or its source if it comes from no index."""
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
