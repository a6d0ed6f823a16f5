"""import preview: what files and folders hold, and what each would become in a library; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from envstudio.tasks.found_secrets import secret_problems
from envstudio.tasks.policy import checked
from envstudio.tasks.read_path import NO_EDITS, definitions_under, read_path

MAX_FILES = 2000
NEW_VERSION = "new version"
SAME = "the same as version {}"
MORE = "{} not read: {} are at once."


@dataclass(frozen=True, slots=True)
class PreviewedFile:
    """One file: what it would become, what of it would be lost, what its check finds; or why it cannot be read.

    `becomes` says what an environment of that name gets from it. `rest` counts the files beyond those looked at.
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
    found = []
    for number, file in enumerate(files[:MAX_FILES]):
        report.raise_if_cancelled()
        report.progress(number, len(files))
        found.append(_look(file, library, format_id, name, edits, choices))
    if (rest := len(files) - MAX_FILES) > 0:
        what = "1 more file was" if rest == 1 else f"{rest} more files were"
        error = InvalidInput(MORE.format(what, MAX_FILES), "Import the rest by itself.")
        found.append(PreviewedFile(paths[-1], error=error, rest=rest))
    return tuple(found)


def _files(path: Path) -> list[Path]:
    if not path.is_dir() or is_prefix(path):
        return [path]
    # A folder that holds nothing known is shown with the reason rather than passed over.
    return sorted(definitions_under(path)) or [path]


def _look(
    file: Path, library: Library, format_id: str | None, name: str | None, edits: Edits, choices: Choices
) -> PreviewedFile:
    try:
        read = read_path(file, format_id, name, edits, choices)
    except EnvStudioError as error:
        return PreviewedFile(file, error=error)
    environment = read.environment
    python = environment.python
    counts = (
        (len(python.conda), "conda"),
        (len(python.pip), "pip"),
        (len(environment.variables), "variable" if len(environment.variables) == 1 else "variables"),
    )
    holds = ", ".join(f"{count} {what}" for count, what in counts if count) or "no packages"
    becomes = _becomes(environment, library)
    return PreviewedFile(
        file,
        environment.name,
        read.format_title,
        holds,
        becomes,
        by_severity((*read.problems, *secret_problems(read.secrets, kept=True))),
        by_severity(checked(library, environment)),
    )


def _becomes(environment: Environment, library: Library) -> str:
    """Return what an environment of that name, if there is one, gets from a definition."""
    if not library.environments.exists(environment.name):
        return ""
    latest = library.find(Reference(environment.name))
    return SAME.format(latest.version) if latest.digest == definition_digest(environment) else NEW_VERSION
