"""export: a definition becomes the files of another tool."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.formats import WriteResult, find_format
from envstudio.report import Report


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, and what the format could not hold."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


def write(environment: Environment, format_id: str) -> WriteResult:
    """Return a format's files for a definition without storing them. Raises `InvalidInput`."""
    used = find_format(format_id)
    if used.write is None:
        raise InvalidInput(f"{used.title} can be read, but not written.", "Choose another format.")
    return used.write(environment)


def export(environment: Environment, format_id: str, destination: Path | None, *, report: Report) -> Exported:
    """Write a format's files into a folder, or a single file to a path. Raises `EnvStudioError`."""
    result = write(environment, format_id)
    target = destination or Path()
    with report.stage(f"write {format_id}"):
        single = len(result.files) == 1 and not target.is_dir() and bool(target.suffix)
        paths = [
            _put(target if single else target / name, text, target if not single else target.parent)
            for name, text in result.files.items()
        ]
    return Exported(tuple(paths), result.problems)


def _put(path: Path, text: str, folder: Path) -> Path:
    """Write one file whole or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_text(text, "utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        raise EnvStudioError(f"{path} cannot be written.", "Check the path and its permissions.", str(error)) from error
    return path
