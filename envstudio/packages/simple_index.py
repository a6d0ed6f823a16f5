"""The versions of one project on an index, through its simple API (PEP 503, PEP 691), kept in a cache on disk."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
import urllib.error
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envstudio import paths
from envstudio.domain.canonical import sha256
from envstudio.domain.plain_data import json_table
from envstudio.errors import Act, InvalidInput, Remedy, Unavailable
from envstudio.packages.answers import read_whole
from envstudio.packages.wheels import opener, request_for
from envstudio.settings import Settings, mirrored

if TYPE_CHECKING:
    from pypi_simple import ProjectPage

FRESH_SECONDS = 6 * 3600
TIMEOUT_SECONDS = 6
MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """Files of a project. `python` is what they say of their interpreters, `published` a day ("2026-01-31")."""

    version: str
    python: str = ""
    yanked: bool = False
    published: str = ""


def usual_index() -> str:
    """Return the address of the index that is asked if nothing else is said."""
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return PYPI_SIMPLE_ENDPOINT


def project_files(index: str, project: str, settings: Settings, *, fetch: bool = True) -> tuple[ProjectFile, ...]:
    """Return the files of a project: from the cache while that is fresh, else from the index.

    Where the index does not answer, or `fetch` is False, an old answer is better than none. Raises `Unavailable`
    if there is neither.
    """
    cached = _cache_file(index, project)
    known = _read(cached)
    if known is not None and (not fetch or time.time() - cached.stat().st_mtime < FRESH_SECONDS):
        return known
    try:
        found = _fetched(index, project, settings) if fetch else None
    except Unavailable:
        if known is None:
            raise
        return known
    if found is None:
        raise Unavailable(f"Nothing is known about {project}.", "Look again with the network.")
    _write(cached, found)
    return found


def versions(files: Iterable[ProjectFile], python: str = "", *, final_first: bool = True) -> tuple[str, ...]:
    """Return the versions that can be had, newest first; with `final_first`, final ones before pre-releases.

    Yanked files are left out, and with `python` ("3.12") those for other interpreters.
    """
    found: set[Version] = set()
    for file in files:
        if not file.yanked and fits(file.python, python):
            try:
                found.add(Version(file.version))
            except InvalidVersion:
                continue
    newest_first = sorted(found, key=lambda item: (not (final_first and item.is_prerelease), item), reverse=True)
    return tuple(map(str, newest_first))


def cached_projects(index: str) -> tuple[str, ...]:
    """Return the names of the projects of an index that are in the cache."""
    folder = _folder(index)
    return tuple(sorted(path.stem for path in folder.glob("*.json"))) if folder.is_dir() else ()


def fits(specifier: str, python: str) -> bool:
    """Return whether a file's Requires-Python allows an interpreter; a missing or malformed one forbids nothing."""
    try:
        return not (specifier and python) or SpecifierSet(specifier).contains(python, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True


def hashes_by_version(index: str, project: str, settings: Settings) -> dict[str, set[str]]:
    """Return the hashes ("sha256:…") of a project's files by version, asked of the index now. Raises `Unavailable`."""
    page = _page(mirrored(index, settings.mirror_indexes), project, settings)
    found: dict[str, set[str]] = {}
    for item in page.packages if page is not None else ():
        if item.version:
            found.setdefault(item.version, set()).update(
                f"{kind}:{text.lower()}" for kind, text in item.digests.items()
            )
    return found


def _fetched(index: str, project: str, settings: Settings) -> tuple[ProjectFile, ...]:
    page = _page(index, project, settings)
    return _files(page) if page is not None else ()


def _page(index: str, project: str, settings: Settings) -> ProjectPage | None:
    """Return a project's page on an index, None if it has none. Raises `Unavailable`."""
    from pypi_simple import ACCEPT_JSON_PREFERRED, ProjectPage, UnsupportedRepoVersionError

    url = f"{index.rstrip('/')}/{canonicalize_name(project)}/"
    request = request_for(url)
    request.add_header("Accept", ACCEPT_JSON_PREFERRED)
    try:
        with opener(settings).open(request, timeout=TIMEOUT_SECONDS) as response:
            body, kind = read_whole(response, MAX_BYTES), response.headers.get_content_type()
        if kind.endswith("+json"):
            return ProjectPage.from_json_data(json_table(body, url).data)
        found = ProjectPage.from_html(project, body)
    except urllib.error.HTTPError as error:
        if error.code == http.client.NOT_FOUND:
            return None
        raise _unavailable(url, error) from error
    except (OSError, http.client.HTTPException, ValueError, InvalidInput, UnsupportedRepoVersionError) as error:
        raise _unavailable(url, error) from error
    if not _files(found):
        # Such as the page of a network that wants a login; a project without files is left out of an index.
        raise _unavailable(url, "it is a web page without any file of the project")
    return found


def _files(page: ProjectPage) -> tuple[ProjectFile, ...]:
    found = (
        (item.version, item.requires_python or "", item.is_yanked, _day(item.upload_time)) for item in page.packages
    )
    # A version has tens of files, and nearly all of them say the same.
    return tuple(ProjectFile(*facts) for facts in dict.fromkeys(found) if facts[0])  # type: ignore[arg-type]


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment is not None else ""


def _unavailable(url: str, error: Exception | str) -> Unavailable:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return Unavailable(
        f"The package index {host} does not answer as an index does.",
        "Check the network, and the index and mirrors in the settings.",
        f"{url}: {error}",
        code="network",
        subject=host,
        remedy=Remedy(Act.SET_SETTING, "index"),
    )


def _folder(index: str) -> Path:
    return paths.cache_dir("index", sha256(index.rstrip("/").encode())[:16])


def _cache_file(index: str, project: str) -> Path:
    return _folder(index) / f"{canonicalize_name(project)}.json"


def _read(path: Path) -> tuple[ProjectFile, ...] | None:
    try:
        return tuple(ProjectFile(*facts) for facts in json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(path: Path, files: Iterable[ProjectFile]) -> None:
    """Write the file whole or not at all; a cache that cannot be written costs time only."""
    temporary = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(
            json.dumps([[item.version, item.python, item.yanked, item.published] for item in files]), "utf-8"
        )
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
