"""pylock.toml, the standard lock of Python packages (PEP 751)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import canonicalize_name

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.domain.wheel_tags import marker_environment, supported_tags, wheel_rank
from envstudio.errors import InvalidInput
from envstudio.formats.format import Source
from envstudio.formats.source import located
from envstudio.lock_formats.lock_format import LockFormat, LockRead, pinned

PLATFORM = "linux-64"
"""What a file is read for where it does not say; PEP 751 files hold the wheels of many platforms."""

DEFAULT_PYTHON = "3.12"


def _matches(source: Source) -> bool:
    name = source.file_name
    return name == "pylock.toml" or (name.startswith("pylock.") and name.endswith(".toml"))


def _read(source: Source, name: str) -> LockRead:
    """Read the packages that apply to the platform. Raises `InvalidInput`."""
    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{source.file_name} is not valid TOML.", "Write it again.", str(error)) from error
    if str(document.get("lock-version", "")).split(".")[0] != "1" or not isinstance(document.get("packages"), list):
        raise located(source.file_name, 1, "this is no pylock.toml of version 1.", "Write it again with its tool.")
    python = _python(document)
    packages = list(packages_of(document, PLATFORM, python))
    lock = PlatformLock(PLATFORM, python, sorted_packages(packages))
    return pinned(name, (), (lock,), python=python)


def _python(document: Mapping[str, Any]) -> str:
    """Return the oldest Python that the file admits: the one that tools lock for."""
    try:
        admitted = SpecifierSet(str(document.get("requires-python", "")))
    except InvalidSpecifier:
        return DEFAULT_PYTHON
    if not admitted:
        return DEFAULT_PYTHON
    return next((f"3.{minor}" for minor in range(8, 30) if admitted.contains(f"3.{minor}.99")), DEFAULT_PYTHON)


def packages_of(document: Mapping[str, Any], platform: str, python: str) -> Iterator[LockedPackage]:
    """Yield the exact packages for a target. Raises `InvalidInput` where one has no file for it."""
    markers = marker_environment(platform, python)
    tags = {tag: rank for rank, tag in enumerate(supported_tags(platform, python))}
    for entry in document.get("packages", []):
        try:
            applies = "marker" not in entry or Marker(entry["marker"]).evaluate(markers)
        except InvalidMarker as error:
            raise InvalidInput(f"{entry.get('name')} has a malformed marker.", "Write the file again.") from error
        if applies:
            yield _package(entry, tags)


def _package(entry: Mapping[str, Any], tags: Mapping[Tag, int]) -> LockedPackage:
    url, sha256, size = _source(entry, tags)
    return LockedPackage(
        name=str(canonicalize_name(entry["name"])),
        version=str(entry.get("version", "0")),
        manager="pip",
        url=url,
        sha256=sha256,
        size=size,
    )


def _source(entry: Mapping[str, Any], tags: Mapping[Tag, int]) -> tuple[str, str, int]:
    """Return address, sha256 and size of the file to install: the best wheel, else a source."""
    ranked = [(wheel_rank(_file_name(file), tags), number, file) for number, file in enumerate(entry.get("wheels", []))]
    fitting = sorted(item for item in ranked if item[0] >= 0)
    if fitting:
        return _file(fitting[0][2])
    if "vcs" in entry:
        vcs = entry["vcs"]
        subdirectory = f"#subdirectory={vcs['subdirectory']}" if vcs.get("subdirectory") else ""
        return f"{vcs['type']}+{vcs['url']}@{vcs['commit-id']}{subdirectory}", "", 0
    source = entry.get("archive") or entry.get("sdist")
    if source:
        return _file(source)
    raise InvalidInput(
        f"{entry['name']} {entry.get('version', '')} has no file for this platform.",
        "Ask for another version, or for another platform.",
    )


def _file_name(file: Mapping[str, Any]) -> str:
    return str(file.get("name") or file.get("url") or file.get("path", "")).split("#", 1)[0].rsplit("/", 1)[-1]


def _file(file: Mapping[str, Any]) -> tuple[str, str, int]:
    return file.get("url") or file.get("path", ""), file.get("hashes", {}).get("sha256", ""), int(file.get("size", 0))


def _write(lock: Lock, platform: str) -> str:
    """Return one platform's pip packages."""
    import tomlkit

    found = lock.platform(platform)
    document = tomlkit.document()
    document["lock-version"] = "1.0"
    document["created-by"] = "envstudio"
    if found.python:
        document["requires-python"] = f"=={'.'.join(found.python.split('.')[:2])}.*"
    packages = tomlkit.aot()
    for item in found.of("pip"):
        packages.append(_table(item))
    document["packages"] = packages
    return tomlkit.dumps(document)


def _table(item: LockedPackage) -> Any:
    import tomlkit

    table = tomlkit.table()
    table["name"], table["version"] = item.name, item.version
    if item.url.startswith("git+"):
        url, _, commit = item.url.removeprefix("git+").partition("#")[0].rpartition("@")
        table["vcs"] = {"type": "git", "url": url, "commit-id": commit}
        return table
    file: dict[str, Any] = {"name": item.file_name, "url": item.url}
    if item.size:
        file["size"] = item.size
    file["hashes"] = {"sha256": item.sha256}
    if item.file_name.endswith(".whl"):
        table["wheels"] = [file]
    else:
        table["sdist"] = file
    return table


FILENAMES = ("pylock.toml", "pylock.*.toml")
FORMAT = LockFormat("pylock", "pylock.toml (PEP 751)", FILENAMES, _matches, _read, _write, ("pip",))
