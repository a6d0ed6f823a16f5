"""What a folder or a Git checkout holds: definitions and locks, found by their names or by what they say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.formats import FORMATS, Format, Source, read_source
from envstudio.formats.prefix import is_prefix
from envstudio.lock_formats import LOCK_FORMATS

READ_SUFFIXES = (".yml", ".yaml", ".json", ".py", ".runconfig", ".toml")
"""Of files whose name tells nothing; those of a known form are recognised by what they say."""

MOST_BYTES = 1_000_000
"""A file whose name tells nothing is opened only below this size."""

HIDDEN_BUT_READ = (".devcontainer", ".azureml", ".binder")
NEVER_ENTERED = ("node_modules", "__pycache__", "site-packages")


def definitions_under(folder: Path) -> set[Path]:
    """Return what may be definitions in a folder and below it, but not in hidden folders and installed environments."""
    return {path for path in _files_under(folder) if format_of(path) is not None}


def definitions_in(folder: Path) -> list[Path]:
    """Return what may be definitions in a folder itself, those of the formats that say most first."""
    found = [(format_of(path), path) for path in sorted(folder.iterdir()) if path.is_file()]
    return [path for item in FORMATS for used, path in found if used is item]


def format_of(path: Path) -> Format | None:
    """Return the format that a file has by its name or by what it says; None if it is of none."""
    name = path.name
    # Dockerfile.dockerignore lies beside the Dockerfile that it is for, and has the form of its name.
    if path.suffix == ".dockerignore":
        return None
    telling = (item for item in FORMATS if item.read is not None and not item.by_content)
    named = next((item for item in telling if _is_named(item, name)), None)
    if named is not None and not _is_shared(name):
        return named
    if path.suffix not in READ_SUFFIXES and named is None:
        return None
    source = _small_source(path)
    if source is None:
        return named
    return next((item for item in FORMATS if item.read is not None and item.matches(source)), named)


def _is_named(item: Format, name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in item.filenames)


def _is_shared(name: str) -> bool:
    """Return whether files of several formats have such a name, so that only their text tells which it is."""
    return sum(item.read is not None and _is_named(item, name) for item in FORMATS) > 1


def _small_source(path: Path) -> Source | None:
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        return read_source(path)
    except (EnvStudioError, OSError):
        return None


def _files_under(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if (not name.startswith(".") or name in HIDDEN_BUT_READ)
            and name not in NEVER_ENTERED
            and not is_prefix(here / name)
        )
        yield from (here / name for name in files)


def file_of(path: Path) -> Path:
    """Return the definition file of a folder, or the file itself. Raises `InvalidInput`."""
    if not path.is_dir():
        return path
    found = definitions_in(path)
    if found:
        return found[0]
    raise InvalidInput(
        f"The folder {path} holds no definition that EnvStudio reads.",
        f"Name a file, or put one of {', '.join(item.filenames[0] for item in FORMATS if item.filenames)} there.",
        code="unrecognised-format",
        subject=str(path),
    )


def lock_beside(path: Path) -> Path | None:
    """Return the one lock file in a folder whose definition is something else; None for a file, and for several."""
    if not path.is_dir() or is_prefix(path):
        return None
    patterns = [pattern for item in LOCK_FORMATS if item.read is not None for pattern in item.filenames]
    found = {item for pattern in patterns for item in path.glob(pattern) if item.is_file()}
    return next(iter(found)) if len(found) == 1 and file_of(path) not in found else None


def passed_over(path: Path) -> tuple[Path, ...]:
    """Return the definitions of a folder beside the one that is imported with it; none for a file or a prefix."""
    return () if not path.is_dir() or is_prefix(path) else tuple(definitions_in(path)[1:])
