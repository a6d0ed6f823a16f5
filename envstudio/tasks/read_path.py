"""Reading a definition or a lock from a path or a text, in one way for all that do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock
from envstudio.domain.passwords import FoundSecret
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import Reference, checked_name, cleaned_name
from envstudio.errors import InvalidInput
from envstudio.formats import Choices, Format, Source, detect, find_format, native, read_source
from envstudio.formats.format import NO_CHOICES, ReadResult
from envstudio.formats.prefix import is_prefix, read_prefix
from envstudio.library import Snapshot
from envstudio.lock_formats import LOCK_FORMATS, detect_lock
from envstudio.tasks.context_location import with_context_location
from envstudio.tasks.edit import Edits, edited
from envstudio.tasks.folders import file_of
from envstudio.tasks.found_secrets import lock_without_secrets, shown, taken_out

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
    "azureml_environment",
    "azureml-environment",
    "asset",
    "spec",
    "mlmodel",
    "mlproject",
    "pipfile",
    "pixi",
    "devcontainer",
)
NAMES_OF_TOOLS = ("project_environment", "mlflow-env", "mlflow_env", "model-env", "context", "base")
"""What tools write as the name of an environment to which nobody gave one."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read of one source: the definition without secrets, and `as_written` with them.

    A lock's file brings its lock, unless what it resolves was edited.
    """

    source: Source
    format_id: str
    format_title: str
    environment: Environment
    as_written: Environment
    lock: Lock | None
    problems: tuple[Problem, ...]
    secrets: tuple[FoundSecret, ...] = ()
    parts: tuple[Path, ...] = ()
    """The files beside the source that were read with it."""
    own_name: str = ""
    """The name that the file gives, whatever name was asked for."""

    def snapshot(self) -> Snapshot:
        """Return it in the form in which versions are compared, with its text in the native format."""
        environment = self.environment
        own = self.format_id == native.FORMAT.id and not self.secrets
        text = self.source.text if own else native.to_text(environment)
        reference = Reference(environment.name, label=self.source.file_name)
        return Snapshot(reference, environment, 0, definition_digest(environment), text, lock=self.lock)


def read_path(
    path: Path,
    format_id: str | None = None,
    name: str | None = None,
    edits: Edits = NO_EDITS,
    choices: Choices = NO_CHOICES,
) -> ReadFile:
    """Read a definition or lock from a file, from the one in a folder, or from what is installed in a prefix.

    Import, check, comparisons, drops and previews all read by this. Raises `EnvStudioError`.
    """
    return read_any(replace(source_of(path), choices=choices), format_id, name, edits)


def read_any(
    source: Source, format_id: str | None = None, name: str | None = None, edits: Edits = NO_EDITS
) -> ReadFile:
    """Read one source, a definition or a lock, in the format that is named or fits. Raises `EnvStudioError`."""
    locks = next((item for item in LOCK_FORMATS if item.id == format_id), None) if format_id else detect_lock(source)
    if locks is None:
        used = find_format(format_id) if format_id else detect(source)
        found, own = _read(source, used, name)
        cleaned, secrets = taken_out(found.environment, found.registry_password)
        problems, environment = shown(found.problems), edited(cleaned, edits)
        return ReadFile(
            source, used.id, used.title, environment, found.environment, None, problems, secrets, found.parts, own
        )
    if locks.read is None:
        raise InvalidInput(f"{locks.title} can be written, but not read.", "Choose another format.")
    if name is not None:
        checked_name(name)
    own = _telling_name(cleaned_name(source.file_name.split(".", 1)[0]), source)
    result = locks.read(source, name or own)
    cleaned, secrets = taken_out(result.environment)
    environment, lock = edited(cleaned, edits), None
    # A base image or a variable may be added; with other packages the lock is no longer this definition's.
    if replace(environment.python, version="") == replace(cleaned.python, version=""):
        lock = lock_without_secrets(replace(result.lock, definition_digest=definition_digest(environment)))
    problems = shown(result.problems)
    return ReadFile(
        source, locks.id, locks.title, environment, result.environment, lock, problems, secrets, own_name=own
    )


def _read(source: Source, used: Format, name: str | None) -> tuple[ReadResult, str]:
    """Read a source without storing it; `name` overrides the one in the text, which is returned too.

    Raises `InvalidInput`.
    """
    if used.read is None:
        raise InvalidInput(f"{used.title} can be written, but not read.", "Choose another format.")
    if name is not None:
        checked_name(name)
    result = used.read(source, "")
    own = result.environment.name
    telling = _telling_name(own, source)
    environment = replace(result.environment, name=name or telling)
    told = []
    if not name and own.lower() in NAMES_OF_TOOLS and environment.name != own:
        message = f"The name {own} is what a tool writes by itself; the name of the folder was taken."
        told.append(Problem("name-changed", Severity.INFO, "name", message))
    environment, missing = with_context_location(environment, source.folder)
    return replace(result, environment=environment, problems=(*result.problems, *told, *missing)), telling


def environments_of(path: Path) -> tuple[str, ...]:
    """Return the names of the environments that a file of several holds. Raises `EnvStudioError`."""
    source = source_of(path)
    used = detect(source)
    return used.environments(source) if used.environments is not None else ()


def _telling_name(name: str, source: Source) -> str:
    """Return the name that was read, or the folder's if it only repeats a file name that says nothing."""
    folder = source.folder.resolve().name if source.folder is not None else ""
    return cleaned_name(folder) if folder and name.lower() in (*GENERIC_STEMS, *NAMES_OF_TOOLS) else name


def source_of(path: Path) -> Source:
    """Return the text of a file, of the definition in a folder, or of what is installed in a prefix.

    Raises `NotFound`, `InvalidInput`.
    """
    return read_prefix(path) if path.is_dir() and is_prefix(path) else read_source(file_of(path))
