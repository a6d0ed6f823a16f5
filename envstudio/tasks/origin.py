"""Where a definition was imported from, by which the next import of the same file finds the same environment."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import Reference
from envstudio.formats import Source
from envstudio.library import Library

REMOTE = re.compile(r'^\[remote "origin"\]\s*$(?P<body>(?:\n(?!\[).*)*)', re.MULTILINE)
URL = re.compile(r"^\s*url\s*=\s*(?P<url>\S+)", re.MULTILINE)
SCP = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>(?!//).+)")
MAX_CONFIG = 100_000


def origin_of(source: Source, name: str) -> str:
    """Return what tells a file from all others, and the environment of that name in it; nothing for no file.

    A file in a Git checkout is told by the address of its repository, as each of a team has it somewhere else.
    """
    if source.folder is None:
        return ""
    path = (source.folder / source.file_name).resolve()
    if not path.exists():
        return ""
    root = _checkout(path.parent)
    remote = _remote(root) if root is not None else ""
    place = f"git:{remote}/{path.relative_to(root).as_posix()}" if root is not None and remote else path.as_uri()
    return f"{place}#{name}"


def _checkout(folder: Path) -> Path | None:
    """Return the nearest folder above that is the root of a Git checkout."""
    return next((item for item in (folder, *folder.parents) if (item / ".git").exists()), None)


@lru_cache(maxsize=64)
def _remote(root: Path) -> str:
    """Return host and path of the repository that a checkout calls origin, without any login; nothing if none."""
    config = root / ".git" / "config"
    try:
        text = config.read_text("utf-8", "replace")[:MAX_CONFIG]
    except OSError:
        return ""
    remote = REMOTE.search(text)
    found = URL.search(remote["body"]) if remote else None
    return repository(found["url"]) if found else ""


def repository(url: str) -> str:
    """Return host and path of a repository's address, the same for all spellings; nothing for a path of this disk."""
    url = url.removesuffix("/").removesuffix(".git")
    if "://" in url:
        scheme, _, rest = url.partition("://")
        host, _, path = rest.partition("/")
        host = host.rpartition("@")[2].partition(":")[0]
        return "" if scheme == "file" or not host else f"{host.lower()}/{path}"
    found = SCP.fullmatch(url)
    # One letter is a drive of Windows.
    return f"{found['host'].lower()}/{found['path'].lstrip('/')}" if found and len(found["host"]) > 1 else ""


def destination(
    library: Library, name: str, digest: str, origin: str, claimed: Collection[str] = ()
) -> tuple[str, tuple[Problem, ...]]:
    """Return the name under which a definition without a given one is registered, and what is to be said of that.

    A version is added only to the environment that has one from the same file; else it becomes a new environment,
    whose name has a number behind it if the file's own is taken. One that is there already stays as it is.
    `claimed` are names that others of the same import get.
    """
    if known := library.versions.of_origin(origin):
        return known, ()
    taken, number = name, 2
    while taken in claimed or library.environments.exists(taken):
        if taken not in claimed and library.find(Reference(taken)).digest == digest:
            return taken, ()
        taken, number = f"{name}-{number}", number + 1
    if taken == name:
        return name, ()
    message = f"{name} is the name of an environment from elsewhere, so this one becomes {taken}."
    advice = f"Name it {name} to make it a version there."
    return taken, (Problem("name-taken", Severity.WARNING, "name", message, advice),)
