"""import: a file of any format that is read, or a folder that holds one, becomes a new version.

A lock's file becomes an environment that asks for exactly what is locked, with the lock as its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envstudio.credentials import Entry
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock
from envstudio.domain.passwords import FoundSecret
from envstudio.domain.problem import Problem
from envstudio.domain.reference import checked_name, cleaned_name
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.formats import FORMATS, Format, Source, detect, find_format, read_source
from envstudio.formats.prefix import is_prefix, read_prefix
from envstudio.library import Library, Registered
from envstudio.lock_formats import LOCK_FORMATS, detect_lock
from envstudio.report import Report
from envstudio.tasks.consent import allow_secrets, ask_again
from envstudio.tasks.context_place import with_context_place
from envstudio.tasks.edit import Edits, edited
from envstudio.tasks.found_secrets import keep, lock_without_secrets, shown, taken_out, told, undo
from envstudio.tasks.policy import checked

NO_EDITS = Edits()
GENERIC_STEMS = (
    "environment",
    "requirements",
    "envstudio",
    "conda",
    "conda_dependencies",
    "env",
    "dockerfile",
    "containerfile",
    "pyproject",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file became, what of it needs a look, and what `check` says of the definition."""

    path: str
    format_id: str
    registered: Registered
    problems: tuple[Problem, ...]
    checks: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the document that `--json` prints."""
        return {
            "path": self.path,
            "format": self.format_id,
            "name": self.registered.name,
            "version": self.registered.version,
            "created": self.registered.created,
            "digest": self.registered.digest,
            "problems": [problem.to_json() for problem in (*self.problems, *self.checks)],
        }


def import_path(
    library: Library,
    path: Path,
    *,
    name: str | None = None,
    format_id: str | None = None,
    message: str = "",
    edits: Edits = NO_EDITS,
    report: Report,
) -> Imported:
    """Register the definition in a file or folder; a name that exists gets a new version. Raises `EnvStudioError`."""
    sources = [source_of(path)]
    done = import_sources(library, sources, name=name, format_id=format_id, message=message, edits=edits, report=report)
    return done[0]


def import_sources(
    library: Library,
    sources: Sequence[Source],
    *,
    name: str | None = None,
    format_id: str | None = None,
    message: str = "",
    edits: Edits = NO_EDITS,
    drop_secrets: bool = False,
    report: Report,
) -> tuple[Imported, ...]:
    """Register the definitions in texts, edited as asked for. Raises `EnvStudioError`.

    Secrets that stand in them go to the keyring, or are left out with `drop_secrets`.

    All are read before the first is registered, so that one that cannot be read leaves nothing behind.
    """
    found = []
    for source in sources:
        with report.stage(f"read {source.file_name}"):
            found.append(read_any(source, format_id, name, edits))
    with report.stage("register"):
        return tuple(_registered(library, item, message, drop_secrets=drop_secrets) for item in found)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read of one source; a lock's file brings the lock with it."""

    source: Source
    format_id: str
    format_title: str
    environment: Environment
    lock: Lock | None
    problems: tuple[Problem, ...]
    secrets: tuple[FoundSecret, ...] = ()


def read_any(
    source: Source, format_id: str | None = None, name: str | None = None, edits: Edits = NO_EDITS
) -> ReadFile:
    """Read one source, a definition or a lock, in the format that is named or fits. Raises `EnvStudioError`."""
    locks = next((item for item in LOCK_FORMATS if item.id == format_id), None) if format_id else detect_lock(source)
    if locks is None:
        used = find_format(format_id) if format_id else detect(source)
        environment, problems = read(source, used, name)
        environment, secrets = taken_out(environment)
        return ReadFile(source, used.id, used.title, edited(environment, edits), None, shown(problems), secrets)
    if locks.read is None:
        raise InvalidInput(f"{locks.title} can be written, but not read.", "Choose another format.")
    if name is not None:
        checked_name(name)
    result = locks.read(source, name or _telling_name(cleaned_name(source.file_name.split(".", 1)[0]), source))
    cleaned, secrets = taken_out(result.environment)
    environment, lock = edited(cleaned, edits), None
    # A base image or a variable may be added; with other packages the lock is no longer this definition's.
    if replace(environment.python, version="") == replace(cleaned.python, version=""):
        lock = lock_without_secrets(replace(result.lock, definition_digest=definition_digest(environment)))
    return ReadFile(source, locks.id, locks.title, environment, lock, shown(result.problems), secrets)


def _registered(library: Library, found: ReadFile, message: str, *, drop_secrets: bool) -> Imported:
    """Store what was read, its secrets in the keyring alone."""
    environment, source, lock = found.environment, found.source, found.lock
    kept: tuple[Entry, ...] = ()
    if not drop_secrets:
        environment, kept = keep(library, environment, found.secrets)
    if lock is not None:
        lock = replace(lock, definition_digest=definition_digest(environment))
    is_new = not library.environments.exists(environment.name)
    try:
        registered = library.versions.register(
            environment, message or f"Imported from {source.file_name}", from_draft=False
        )
    except EnvStudioError:
        undo(kept)
        raise
    if registered.created and not is_new:
        # What the user allowed was for what the environment held, not for what a file calls by its name.
        ask_again(library, environment.name)
    # What was left out is a name alone, under which the keyring may have a secret of somebody else's.
    given = {item.variable for item in found.secrets if item.variable and not drop_secrets}
    if names := [item.secret for item in environment.variables if item.name in given and item.secret]:
        allow_secrets(library, environment.name, names)
    if lock is not None:
        change = registered.change | library.locks.save(environment.name, lock)
        registered = replace(registered, change=change)
    problems = (*found.problems, *told(found.secrets, kept=not drop_secrets))
    return Imported(source.name, found.format_id, registered, problems, checked(library, environment))


def read(source: Source, used: Format, name: str | None = None) -> tuple[Environment, tuple[Problem, ...]]:
    """Read a source without storing it; `name` overrides the one in the text. Raises `InvalidInput`."""
    if used.read is None:
        raise InvalidInput(f"{used.title} can be written, but not read.", "Choose another format.")
    if name is not None:
        checked_name(name)
    result = used.read(source, name or "")
    environment = replace(result.environment, name=name or _telling_name(result.environment.name, source))
    environment, missing = with_context_place(environment, source.folder)
    return environment, (*result.problems, *missing)


def _telling_name(name: str, source: Source) -> str:
    """Return the name that was read, or the folder's where it only repeats a file name that says nothing."""
    folder = source.folder.resolve().name if source.folder is not None else ""
    return cleaned_name(folder) if folder and name.lower() in GENERIC_STEMS else name


def source_of(path: Path) -> Source:
    """Return the text of a file, of the definition in a folder, or of what is installed in a prefix.

    Raises `NotFound`, `InvalidInput`.
    """
    return read_prefix(path) if path.is_dir() and is_prefix(path) else read_source(file_of(path))


def file_of(path: Path) -> Path:
    """Return the definition file of a folder, or the file itself. Raises `InvalidInput`."""
    if not path.is_dir():
        return path
    found = _definitions(path)
    if found:
        return found[0]
    raise InvalidInput(
        f"The folder {path} holds no definition that EnvStudio reads.",
        f"Name a file, or put one of {', '.join(item.filenames[0] for item in FORMATS if item.filenames)} there.",
    )


def passed_over(path: Path) -> tuple[Path, ...]:
    """Return the definitions of a folder beside the one that is imported with it; none for a file or a prefix."""
    return () if not path.is_dir() or is_prefix(path) else tuple(_definitions(path)[1:])


def _definitions(folder: Path) -> list[Path]:
    """Return what may be definitions, those of the formats that say most first."""
    patterns = [pattern for item in FORMATS if item.read is not None for pattern in item.filenames]
    found = (item for pattern in patterns for item in sorted(folder.glob(pattern)) if item.is_file())
    # Dockerfile.dockerignore lies beside the Dockerfile that it is for, and has the form of its name.
    return list(dict.fromkeys(item for item in found if item.suffix != ".dockerignore"))
