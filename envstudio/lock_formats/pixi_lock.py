"""pixi.lock, read and written by rattler."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from envstudio.disk import writing
from envstudio.domain.lock import Lock, LockedPackage
from envstudio.domain.problem import Problem, Severity
from envstudio.errors import Act, InvalidInput, Remedy
from envstudio.formats.boundary import refuse_nesting
from envstudio.formats.format import Source
from envstudio.lock_formats.lock_format import LockFormat, LockRead, only_chosen, package_of_url, pinned, platform_lock
from envstudio.packages.conda import record_of
from envstudio.presentation.names import listed

FILE_NAME = "pixi.lock"
DEFAULT = "default"
Result = TypeVar("Result")
PYPI_ENTRY = re.compile(r"^- pypi: (\S+)$", re.MULTILINE)
ARCHIVES = (".whl", ".tar.gz", ".zip")
MARK = re.compile(r"^environments:\s*$", re.MULTILINE)


def _matches(source: Source) -> bool:
    return source.file_name.endswith(FILE_NAME) or (bool(MARK.search(source.text)) and "\npackages:" in source.text)


def _read(source: Source, name: str) -> LockRead:
    """Read the default environment, or the first, on all its platforms. Raises `InvalidInput`."""
    return _through_file(source.text, lambda path: _read_file(path, source, name))


def _read_file(path: Path, source: Source, name: str) -> LockRead:
    from rattler import LockFile

    refuse_nesting(source)
    try:
        parsed = LockFile.from_path(path)
    except _errors_of_rattler() as error:
        raise InvalidInput(
            f"{source.file_name} is not a pixi.lock that rattler reads.", "Write it again with pixi.", str(error)
        ) from error
    environments = dict(parsed.environments())
    if not environments:
        raise InvalidInput(f"{source.file_name} holds no environment.", "Write it again with pixi.")
    chosen_name = _chosen(environments, source)
    chosen = environments[chosen_name]
    by_platform = only_chosen(
        {str(platform.subdir): list(packages) for platform, packages in chosen.packages_by_platform().items()}, source
    )
    projects = {item.name: str(item.location) for items in by_platform.values() for item in items if _is_folder(item)}
    platforms = tuple(
        platform_lock(platform, [_package(item) for item in items if not _is_folder(item)])
        for platform, items in sorted(by_platform.items())
    )
    found = pinned(name, [str(channel).rstrip("/") for channel in chosen.channels()], platforms)
    others = [item for item in environments if item != chosen_name]
    problems = [*found.problems, *(_left_out(*item) for item in projects.items())]
    if others:
        problems.append(
            Problem(
                "packages-left-out",
                Severity.INFO,
                "environments",
                f"The environment {chosen_name} was read; the file also holds {listed(others, 5)}.",
                "Choose another as a group when importing.",
            )
        )
    return replace(found, problems=tuple(problems))


def _chosen(environments: Mapping[str, Any], source: Source) -> str:
    """Return the name of the chosen environment, else the default one's or the first. Raises `InvalidInput`."""
    for name in source.choices.groups:
        if name not in environments:
            raise InvalidInput(f"No environment named {name!r}.", f"Choose among {', '.join(environments)}.")
        return name
    return DEFAULT if DEFAULT in environments else next(iter(environments))


def _is_folder(item: Any) -> bool:
    """Return whether a package is a project in a folder, such as that of the lock itself, and no file."""
    from rattler.lock import PypiLockedPackage

    location = str(item.location)
    return isinstance(item, PypiLockedPackage) and "://" not in location and not location.endswith(ARCHIVES)


def _left_out(name: str, folder: str) -> Problem:
    return Problem(
        "project-left-out",
        Severity.WARNING,
        f"pip.{name}",
        f"{name} is the project in the folder {folder}, which no other machine has, and was left out.",
        "Publish a wheel of it, or copy it into the image by a Dockerfile.",
    )


def _package(item: Any) -> LockedPackage:
    """Return the exact package for one of rattler's. Raises `InvalidInput` for one without an address."""
    from rattler.lock import PypiLockedPackage

    location = str(item.location)
    sha256 = _hash(item, "sha256")
    if isinstance(item, PypiLockedPackage):
        return LockedPackage(item.name.lower(), str(item.version or "0"), "pip", location, sha256)
    if "://" not in location:
        raise InvalidInput(f"{location} is built from sources of one machine.", "Lock it from a channel.")
    return package_of_url(location, sha256, _hash(item, "md5"))


def _hash(item: Any, kind: str) -> str:
    """Return a hash as hexadecimal digits; empty if the file has none."""
    try:
        found = getattr(item.hashes, kind)
    except AttributeError:
        # py-rattler 0.28 hands out an object with nothing behind it where a package has no hashes.
        return ""
    return found.hex() if found else ""


def _write(lock: Lock, _platform: str) -> str:
    """Return all platforms as the default environment. Raises `InvalidInput`."""
    try:
        file = _file(lock)
        text = _through_file("", lambda path: _written(file, path))
    except _errors_of_rattler() as error:
        raise InvalidInput(
            "The lock holds something that pixi.lock cannot.",
            "Export it as conda-lock.yml, or lock again; the reason is below.",
            str(error),
            code="format-cannot-hold",
            remedy=Remedy(Act.EXPORT_LOCK, "conda-lock"),
        ) from error
    hashes = {package.url: package.sha256 for item in lock.platforms for package in item.of("pip")}
    return _with_hashes(text, hashes)


def _file(lock: Lock) -> Any:
    from rattler.lock import LockChannel, LockFile, LockPlatform

    platforms = [LockPlatform(item.platform) for item in lock.platforms]
    file = LockFile(platforms)
    file.set_channels(DEFAULT, [LockChannel(channel) for channel in lock.channels])
    for platform, item in zip(platforms, lock.platforms, strict=True):
        for package in item.of("conda"):
            file.add_conda_package(DEFAULT, platform, record_of(package))
        for package in item.of("pip"):
            file.add_pypi_package(DEFAULT, platform, package.name, package.version, package.url)
    return file


def _errors_of_rattler() -> tuple[type[Exception], ...]:
    """Return what rattler raises for a file, address, name, version or build that it cannot take."""
    from rattler import exceptions

    # py-rattler 0.28 names this one nowhere else.
    from rattler.rattler import LockFileError

    return (
        exceptions.InvalidChannelError,
        exceptions.InvalidPackageNameError,
        exceptions.InvalidUrlError,
        exceptions.InvalidVersionError,
        exceptions.ParseCondaLockError,
        exceptions.ParseSubdirError,
        LockFileError,
        OSError,
        ValueError,
    )


def _written(file: Any, path: Path) -> str:
    file.to_path(path)
    return path.read_text("utf-8")


def _with_hashes(text: str, hashes: Mapping[str, str]) -> str:
    """Add the hashes of pip packages, which py-rattler 0.28 has no parameter for."""

    def entry(found: re.Match[str]) -> str:
        sha256 = hashes.get(found.group(1), "")
        return f"{found.group()}\n  sha256: {sha256}" if sha256 else found.group()

    return PYPI_ENTRY.sub(entry, text)


def _through_file(text: str, work: Callable[[Path], Result]) -> Result:
    """Give rattler a file of its own, which is all that it reads and writes."""
    with writing(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory(prefix="envstudio-") as folder:
        path = Path(folder) / FILE_NAME
        path.write_text(text, "utf-8")
        return work(path)


FORMAT = LockFormat("pixi", "pixi.lock", (FILE_NAME,), _matches, _read, _write)
