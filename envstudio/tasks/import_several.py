"""import of several files: what can be read is registered, and what cannot is named with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from envstudio.domain.change import LibraryChange
from envstudio.errors import Cancelled, EnvStudioError
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.import_files import Imported, import_path


@dataclass(frozen=True, slots=True)
class ToImport:
    """A file, the name that its environment gets if it is not the file's own, and which one of several is meant."""

    path: Path
    name: str | None = None
    environment: str = ""


@dataclass(frozen=True, slots=True)
class ImportedSeveral:
    """What was registered, what was refused, and what changed in the library by both."""

    imported: tuple[Imported, ...]
    refused: tuple[tuple[Path, EnvStudioError], ...]
    change: LibraryChange


def import_several(library: Library, files: Sequence[ToImport], *, report: Report) -> ImportedSeveral:
    """Import files one after the other; a cancelled import keeps what it has registered."""
    imported: list[Imported] = []
    refused: list[tuple[Path, EnvStudioError]] = []
    change = LibraryChange()
    with report.stage(f"import {len(files)} files"):
        for number, item in enumerate(files, 1):
            if report.cancelled:
                break
            try:
                found = import_path(library, item.path, name=item.name, environment=item.environment, report=Report())
            except Cancelled:
                raise
            except EnvStudioError as error:
                refused.append((item.path, error))
                report.line(f"{item.path}: {error.summary}", "stderr")
            else:
                imported.append(found)
                change |= found.registered.change
            report.progress(number, len(files), "files")
    return ImportedSeveral(tuple(imported), tuple(refused), change)
