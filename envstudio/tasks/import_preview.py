"""import preview: what files and folders hold, and what each would become in a library; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem, by_severity
from envstudio.domain.reference import Reference
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.formats.format import NO_CHOICES, Choices
from envstudio.formats.prefix import is_prefix
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.edit import Edits
from envstudio.tasks.folders import definitions_under
from envstudio.tasks.found_secrets import secret_problems
from envstudio.tasks.origin import destination, origin_of
from envstudio.tasks.policy import checked
from envstudio.tasks.read_path import NO_EDITS, environments_of, read_path

MAX_FILES = 2000
NEW_VERSION = "new version"
SAME = "the same as version {}"
SEVERAL = "several-environments"
SOURCES = {"base": "base image", "dockerfile": "Dockerfile", "context": "build context"}
MORE = "{} not read: {} are at once."


@dataclass(frozen=True, slots=True)
class PreviewedFile:
    """One file: what it would become, what of it would be lost, what its check finds; or why it cannot be read.

    `becomes` says what an environment of that name gets from it; `environment` is the one that is meant of a file of
    several; `parts` are the files that are read with it. `rest` counts the files beyond those looked at.
    """

    path: Path
    name: str = ""
    format: str = ""
    holds: str = ""
    becomes: str = ""
    problems: tuple[Problem, ...] = ()
    checks: tuple[Problem, ...] = ()
    error: EnvStudioError | None = None
    rest: int = 0
    environment: str = ""
    parts: tuple[Path, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the row as `--json` prints it."""
        return {
            "path": str(self.path),
            "name": self.name,
            "format": self.format,
            "holds": self.holds,
            "becomes": self.becomes,
            "problems": [problem.to_json() for problem in (*self.problems, *self.checks)],
            "error": self.error.to_json() if self.error else None,
        }


def preview_import(
    library: Library,
    paths: Sequence[Path],
    *,
    each: bool = True,
    format_id: str | None = None,
    name: str | None = None,
    edits: Edits = NO_EDITS,
    choices: Choices = NO_CHOICES,
    report: Report,
) -> tuple[PreviewedFile, ...]:
    """Read files and tell what each would become in a library; of folders `each` definition, else the one to import.

    `format_id`, `name`, `edits` and `choices` are those of the import.
    """
    files = [file for path in paths for file in (_files(path) if each else [path])]
    found: list[PreviewedFile] = []
    look = _Look(library, format_id, name, edits)
    for number, file in enumerate(files[:MAX_FILES]):
        report.raise_if_cancelled()
        report.progress(number, len(files))
        found += look.rows_of(file, choices)
    if (rest := len(files) - MAX_FILES) > 0:
        what = "1 more file was" if rest == 1 else f"{rest} more files were"
        error = InvalidInput(MORE.format(what, MAX_FILES), "Import the rest by itself.")
        found.append(PreviewedFile(paths[-1], error=error, rest=rest))
    return tuple(_without_parts(found) if each else found)


def _files(path: Path) -> list[Path]:
    if not path.is_dir() or is_prefix(path):
        return [path]
    # A folder that holds nothing known is shown with the reason rather than passed over.
    return sorted(definitions_under(path)) or [path]


def _without_parts(found: Sequence[PreviewedFile]) -> list[PreviewedFile]:
    """Leave out the files that are read with another one, such as the conda file of an Azure ML environment."""
    parts = {part.resolve() for item in found if not item.error for part in item.parts}
    return [item for item in found if item.path.resolve() not in parts]


class _Look:
    """Reads one file after the other, and keeps which names they get."""

    def __init__(self, library: Library, format_id: str | None, name: str | None, edits: Edits) -> None:
        self._library, self._format_id, self._name, self._edits = library, format_id, name, edits
        self._claimed: set[str] = set()

    def rows_of(self, file: Path, choices: Choices) -> list[PreviewedFile]:
        """Return a row for a file, or one for each environment of a file of several."""
        try:
            return [self._row(file, choices)]
        except EnvStudioError as error:
            if error.code == SEVERAL and not choices.environment:
                chosen = (replace(choices, environment=item) for item in environments_of(file))
                return [row for item in chosen for row in self.rows_of(file, item)]
            return [PreviewedFile(file, error=error, environment=choices.environment)]

    def _row(self, file: Path, choices: Choices) -> PreviewedFile:
        read = read_path(file, self._format_id, self._name, self._edits, choices)
        environment, moved = read.environment, tuple[Problem, ...]()
        if self._name is None:
            digest, origin = definition_digest(environment), origin_of(read.source, read.own_name)
            called, moved = destination(self._library, environment.name, digest, origin, self._claimed)
            environment = environment.renamed(called)
        self._claimed.add(environment.name)
        return PreviewedFile(
            file,
            environment.name,
            read.format_title,
            _held(environment, read.parts),
            _becomes(environment, self._library),
            by_severity((*moved, *read.problems, *secret_problems(read.secrets, kept=True))),
            by_severity(checked(self._library, environment)),
            environment=choices.environment,
            parts=(*read.parts, *_dockerfile_of(file, environment)),
        )


def _held(environment: Environment, parts: Sequence[Path]) -> str:
    """Return what a definition holds, in words: "2 conda, 1 pip, base image; with conda.yml"."""
    python = environment.python
    counts = (
        (len(python.conda), "conda"),
        (len(python.pip), "pip"),
        (len(environment.variables), "variable" if len(environment.variables) == 1 else "variables"),
    )
    said = [f"{count} {what}" for count, what in counts if count]
    said += [SOURCES[item] for item in environment.image.sources]
    held = ", ".join(said) or "no packages"
    return f"{held}; with {', '.join(part.name for part in parts)}" if parts else held


def _dockerfile_of(file: Path, environment: Environment) -> tuple[Path, ...]:
    """Return the Dockerfile of a build context, unless it is what was imported."""
    context = environment.image.context
    if context is None or context.is_remote:
        return ()
    path = Path(context.location, context.dockerfile_path)
    return () if path.resolve() == file.resolve() else (path,)


def _becomes(environment: Environment, library: Library) -> str:
    """Return what an environment of that name, if there is one, gets from a definition."""
    if not library.environments.exists(environment.name):
        return ""
    latest = library.find(Reference(environment.name))
    return SAME.format(latest.version) if latest.digest == definition_digest(environment) else NEW_VERSION
