"""export: a definition becomes the files of another tool."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from envstudio.disk import writing
from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem
from envstudio.errors import Act, Conflict, InvalidInput, Remedy
from envstudio.formats import WriteResult, find_format
from envstudio.lock_formats import LOCK_FORMATS
from envstudio.report import Report


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, and what the format could not hold."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


def write(environment: Environment, format_id: str) -> WriteResult:
    """Return a format's files for a definition without storing them. Raises `InvalidInput`."""
    if any(item.id == format_id for item in LOCK_FORMATS):
        raise InvalidInput(
            f"{format_id} is a format of locks, not of definitions.",
            "Write the lock in it.",
            code="unknown-format",
            subject=format_id,
            remedy=Remedy(Act.EXPORT_LOCK, format_id),
        )
    used = find_format(format_id)
    if used.write is None:
        raise InvalidInput(f"{used.title} can be read, but not written.", "Choose another format.")
    return used.write(environment)


def export(environment: Environment, format_id: str, destination: Path | None, *, report: Report) -> Exported:
    """Write a format's files into a folder, or a single file to a path. Raises `EnvStudioError`.

    Without a destination they go here, and a file that says something else already is not written over.
    """
    result = write(environment, format_id)
    target = destination or Path()
    with report.stage(f"write {format_id}"):
        single = len(result.files) == 1 and not target.is_dir() and bool(target.suffix)
        files = {target if single else target / name: text.encode() for name, text in result.files.items()}
        if destination is None:
            _refuse_to_overwrite(files)
        write_files(files)
    return Exported(tuple(files), result.problems)


def _refuse_to_overwrite(files: Mapping[Path, bytes]) -> None:
    """Raise `Conflict` if a file is there already and says something else."""
    for path, data in files.items():
        if path.is_file() and path.read_bytes() != data:
            raise Conflict(
                f"There is already a file {path}, and it says something else.",
                "Name where to write it.",
                code="file-exists",
                subject=str(path),
                remedy=Remedy(Act.CHOOSE_FILE, str(path)),
            )


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write files, all of them whole or none at all; missing folders are made. Raises `EnvStudioError`."""
    # Names of their own, because a file of the folder may end in ".part" too.
    parts = {path: path.with_name(f"{path.name}.{uuid4().hex[:12]}.part") for path in files}
    try:
        for path, part in parts.items():
            with writing(path):
                if path.is_dir():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
                path.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(files[path])
        for path, part in parts.items():
            with writing(path):
                part.replace(path)
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink()
