"""Versions that are not for the Python of a lock: uv goes by the lower bound of Requires-Python alone, pip by all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envstudio.domain.plain_data import Table
from envstudio.errors import Unavailable
from envstudio.packages.simple_index import ProjectFile, fits, project_files
from envstudio.report import Report
from envstudio.settings import Settings, mirrored

PARALLEL = 16


def chosen_versions(document: Table) -> dict[str, str]:
    """Return the packages of a resolution that come from an index, with their versions."""
    return {
        str(canonicalize_name(item.needed("name"))): item.text("version")
        for item in document.tables("packages")
        if item.has("version") and (item.has("wheels") or item.has("sdist"))
    }


def files_of(
    names: Iterable[str],
    pinned: Mapping[str, Sequence[str]],
    indexes: Sequence[str],
    settings: Settings,
    *,
    offline: bool,
    report: Report,
) -> dict[str, tuple[ProjectFile, ...]]:
    """Return the files of projects on their indexes; none of one whose index does not answer. Raises `Cancelled`.

    `pinned` are the indexes that single packages are pinned to, `indexes` those of all others.
    """
    wanted = list(names)

    def read(name: str) -> tuple[ProjectFile, ...]:
        report.raise_if_cancelled()
        return tuple(_files(name, pinned.get(name, indexes), settings, offline=offline))

    with ThreadPoolExecutor(PARALLEL) as pool:
        return dict(zip(wanted, pool.map(read, wanted), strict=True))


def constraints(
    chosen: Mapping[str, str], files: Mapping[str, Sequence[ProjectFile]], python: str, report: Report
) -> list[str]:
    """Return constraints against the versions that a Python ("3.11.9") cannot have, and all others of the kind."""
    lines = []
    for name, version in chosen.items():
        stated = _stated(files[name], version)
        if stated and not any(fits(item, python) for item in stated):
            report.line(f"{name} {version} is not for Python {python}: it requires {stated[0]}")
            lines += [f"{name}!={item}" for item in _refused(files[name], python)]
    return lines


def _files(name: str, indexes: Iterable[str], settings: Settings, *, offline: bool) -> Iterable[ProjectFile]:
    for index in indexes:
        try:
            yield from project_files(mirrored(index, settings.mirror_indexes), name, settings, fetch=not offline)
        except Unavailable:
            continue


def _refused(files: Iterable[ProjectFile], python: str) -> list[str]:
    """Return the versions of which no file is for a Python."""
    allowed: set[str] = set()
    every: dict[str, None] = {}
    for file in files:
        every[file.version] = None
        if fits(file.python, python):
            allowed.add(file.version)
    return [version for version in every if version not in allowed and is_version(version)]


def _stated(files: Sequence[ProjectFile], version: str) -> list[str]:
    """Return what the files of a version say of the Pythons that they are for."""
    if exact := [item.python for item in files if item.version == version]:
        return exact
    return [item.python for item in files if is_version(item.version) and Version(item.version) == Version(version)]


def is_version(text: str) -> bool:
    """Return whether pip can compare a version; conda's need not obey PEP 440."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
