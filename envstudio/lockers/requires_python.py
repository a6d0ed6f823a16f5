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


def constraints(
    document: Table,
    python: str,
    indexes: Mapping[str, Sequence[str]],
    default: Sequence[str],
    settings: Settings,
    *,
    offline: bool,
    report: Report,
) -> list[str]:
    """Return constraints against the versions of a resolution that its Python cannot have, and all others of the kind.

    `document` is a pylock.toml, `python` a full version ("3.11.9"). `indexes` are those that single packages are pinned
    to, `default` those of all others. An index that does not answer forbids nothing. Raises `Cancelled`.
    """
    chosen = {
        str(canonicalize_name(item.needed("name"))): item.text("version")
        for item in document.tables("packages")
        if item.has("version") and (item.has("wheels") or item.has("sdist"))
    }

    def files_of(name: str) -> list[ProjectFile]:
        report.raise_if_cancelled()
        return list(_files(name, indexes.get(name, default), settings, offline=offline))

    with ThreadPoolExecutor(PARALLEL) as pool:
        found = dict(zip(chosen, pool.map(files_of, chosen), strict=True))
    lines = []
    for name, version in chosen.items():
        stated = _stated(found[name], version)
        if stated and not any(fits(item, python) for item in stated):
            report.line(f"{name} {version} is not for Python {python}: it requires {stated[0]}")
            lines += [f"{name}!={item}" for item in _refused(found[name], python)]
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
