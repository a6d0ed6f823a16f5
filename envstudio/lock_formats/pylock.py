"""pylock.toml, the standard lock of Python packages (PEP 751)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import canonicalize_name

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.domain.plain_data import Table
from envstudio.domain.requirement import checked_marker
from envstudio.domain.wheel_tags import marker_environment, supported_tags, wheel_build, wheel_rank
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import located
from envstudio.formats.format import Source
from envstudio.formats.toml_text import load_toml
from envstudio.lock_formats.lock_format import LockFormat, LockRead, pinned

PLATFORM = "linux-64"
"""What a file is read for if it does not say; PEP 751 files hold the wheels of many platforms."""

DEFAULT_PYTHON = "3.12"
ADVICE = "Write it again with the tool that locked it."


def _matches(source: Source) -> bool:
    name = source.file_name
    return name == "pylock.toml" or (name.startswith("pylock.") and name.endswith(".toml"))


def _read(source: Source, name: str) -> LockRead:
    """Read the packages that apply to the platform. Raises `InvalidInput`."""
    document = load_toml(source, ADVICE)
    if str(document.data.get("lock-version", "")).split(".")[0] != "1" or not document.has("packages"):
        raise located(source.file_name, 1, "this is not a pylock.toml of version 1.", ADVICE)
    python = _python(document)
    packages = list(packages_of(document, PLATFORM, python))
    lock = PlatformLock(PLATFORM, python, sorted_packages(packages))
    return pinned(name, (), (lock,), python=python)


def _python(document: Table) -> str:
    """Return the oldest Python that the file admits: the one that tools lock for."""
    try:
        admitted = SpecifierSet(document.text("requires-python"))
    except InvalidSpecifier:
        return DEFAULT_PYTHON
    if not admitted:
        return DEFAULT_PYTHON
    return next((f"3.{minor}" for minor in range(8, 30) if admitted.contains(f"3.{minor}.99")), DEFAULT_PYTHON)


def packages_of(document: Table, platform: str, python: str, virtual: Sequence[str] = ()) -> Iterator[LockedPackage]:
    """Yield the exact packages for a target, those of no extra. Raises `InvalidInput` if one has no file for it."""
    markers: dict[str, str | set[str]] = {**marker_environment(platform, python), "extras": set()}
    markers["dependency_groups"] = set(document.texts("default-groups"))
    tags = {tag: rank for rank, tag in enumerate(supported_tags(platform, python, virtual))}
    for entry in document.tables("packages"):
        if _applies(entry, markers):
            yield _package(entry, tags)


def _applies(entry: Table, markers: Mapping[str, str | set[str]]) -> bool:
    """Return whether a package is for the target. Raises `InvalidInput`."""
    text = entry.text("marker")
    try:
        return not text or Marker(checked_marker(text)).evaluate(markers, context="lock_file")
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName) as error:
        raise entry.error("has a marker that cannot be evaluated", f"{text}\n{error}") from error


def _package(entry: Table, tags: Mapping[Tag, int]) -> LockedPackage:
    url, sha256, size = _source(entry, tags)
    return LockedPackage(
        name=str(canonicalize_name(entry.needed("name"))),
        version=entry.text("version") or "0",
        manager="pip",
        url=url,
        sha256=sha256,
        size=size,
    )


def _source(entry: Table, tags: Mapping[Tag, int]) -> tuple[str, str, int]:
    """Return address, sha256 and size of the file to install: the best wheel, else a source."""
    ranked = [(wheel_rank(_file_name(file), tags), file) for file in entry.tables("wheels")]
    best = min((rank for rank, _ in ranked if rank >= 0), default=-1)
    fitting = [file for rank, file in ranked if rank == best >= 0]
    if fitting:
        # Of wheels that fit equally well, the one with the highest build number: 10 comes after 9.
        return _file(max(fitting, key=lambda file: wheel_build(_file_name(file))))
    if entry.has("vcs"):
        vcs = entry.table("vcs")
        subdirectory = f"#subdirectory={vcs.text('subdirectory')}" if vcs.text("subdirectory") else ""
        return f"{vcs.needed('type')}+{vcs.needed('url')}@{vcs.needed('commit-id')}{subdirectory}", "", 0
    for key in ("archive", "sdist"):
        if entry.has(key):
            return _file(entry.table(key))
    raise InvalidInput(
        f"{entry.needed('name')} {entry.text('version')} has no file for this platform.",
        "Choose another version or another platform.",
    )


def _file_name(file: Table) -> str:
    return (file.text("name") or _address(file)).split("#", 1)[0].rsplit("/", 1)[-1]


def _file(file: Table) -> tuple[str, str, int]:
    return _address(file), file.table("hashes").text("sha256"), file.number("size")


def _address(file: Table) -> str:
    return file.text("url") or file.needed("path")


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
