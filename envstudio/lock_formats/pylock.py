"""pylock.toml, the standard lock of Python packages (PEP 751)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import canonicalize_name

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.domain.plain_data import Table
from envstudio.domain.platforms import PLATFORMS
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.requirement import checked_marker
from envstudio.domain.wheel_tags import marker_environment, supported_tags, wheel_build, wheel_rank
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import located
from envstudio.formats.format import NO_CHOICES, Choices, Source
from envstudio.formats.toml_text import load_toml
from envstudio.lock_formats.lock_format import LockFormat, LockRead, pinned
from envstudio.presentation.names import listed

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
    python = _chosen_python(document, source)
    platform = _platform(document, source, python)
    packages = list(packages_of(document, platform, python, choices=source.choices))
    _refuse_doubles(packages)
    lock = PlatformLock(platform, python, sorted_packages(packages))
    read = pinned(name, (), (lock,), python=python)
    return replace(read, problems=(*read.problems, *_problems(document, source, packages)))


def _chosen_python(document: Table, source: Source) -> str:
    """Return the Python that is chosen, else the one of the file. Raises `InvalidInput` if the file is not for it."""
    chosen = source.choices.python
    if not chosen:
        return _python(document)
    try:
        admitted = SpecifierSet(document.text("requires-python"))
    except InvalidSpecifier:
        return chosen
    if not admitted.contains(chosen if chosen.count(".") > 1 else f"{chosen}.99", prereleases=True):
        raise InvalidInput(
            f"{source.file_name} requires Python {admitted}, not {chosen}.",
            "Choose one of those, or lock again.",
        )
    return chosen


def _platform(document: Table, source: Source, python: str) -> str:
    """Return the platform that is chosen, else the first that the file's own `environments` and its wheels are for."""
    if source.choices.platform:
        if source.choices.platform not in PLATFORMS:
            raise InvalidInput(
                f"No platform named {source.choices.platform!r}.", f"Choose among {', '.join(PLATFORMS)}."
            )
        return source.choices.platform
    fitting = [name for name in PLATFORMS if _is_for(document, name, python)]
    return PLATFORM if PLATFORM in fitting or not fitting else fitting[0]


def _is_for(document: Table, platform: str, python: str) -> bool:
    """Return whether a file is for a platform: by its `environments`, and by having a file for each of its packages."""
    stated = document.texts("environments")
    values = marker_environment(platform, python)
    try:
        if stated and not any(Marker(checked_marker(text)).evaluate(values, context="requirement") for text in stated):
            return False
        return bool(list(packages_of(document, platform, python))) or not document.tables("packages")
    except (InvalidInput, InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return False


def _refuse_doubles(packages: Sequence[LockedPackage]) -> None:
    """Raise `InvalidInput` for two packages of one name, of which an installer could not choose (PEP 751)."""
    seen: set[str] = set()
    for item in packages:
        if item.name in seen:
            raise InvalidInput(f"{item.name} is there twice for this Python and platform.", ADVICE)
        seen.add(item.name)


def _problems(document: Table, source: Source, packages: Sequence[LockedPackage]) -> Iterator[Problem]:
    """Name what of a file is not in the lock that was read of it."""
    taken = {item.name for item in packages}
    names = (str(canonicalize_name(item.needed("name"))) for item in document.tables("packages"))
    left = [name for name in dict.fromkeys(names) if name not in taken]
    if left:
        yield Problem(
            "packages-left-out",
            Severity.INFO,
            "packages",
            f"{listed(left, 5)} {'is' if len(left) == 1 else 'are'} for other extras, groups, Pythons or platforms.",
            "Choose them when importing, if they are needed.",
        )


def _python(document: Table) -> str:
    """Return the oldest Python that the file admits: the one that tools lock for."""
    try:
        admitted = SpecifierSet(document.text("requires-python"))
    except InvalidSpecifier:
        return DEFAULT_PYTHON
    if not admitted:
        return DEFAULT_PYTHON
    return next((f"3.{minor}" for minor in range(8, 30) if admitted.contains(f"3.{minor}.99")), DEFAULT_PYTHON)


def packages_of(
    document: Table, platform: str, python: str, virtual: Sequence[str] = (), choices: Choices = NO_CHOICES
) -> Iterator[LockedPackage]:
    """Yield the exact packages for a target, its chosen extras, and its chosen or else its default groups.

    Raises `InvalidInput` if a package has no file for the target.
    """
    markers: dict[str, str | set[str]] = {**marker_environment(platform, python), "extras": set(choices.extras)}
    markers["dependency_groups"] = set(choices.groups or document.texts("default-groups"))
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
        address, _, fragment = item.url.removeprefix("git+").partition("#")
        url, _, commit = address.rpartition("@")
        table["vcs"] = {"type": "git", "url": url, "commit-id": commit}
        if fragment.startswith("subdirectory="):
            table["vcs"]["subdirectory"] = fragment.removeprefix("subdirectory=")
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
