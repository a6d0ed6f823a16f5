"""export of several environments: a folder each, so that files of one name do not meet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from envstudio.disk import writing
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.export import Exported, export


def export_several(
    library: Library, names: Sequence[str], format_id: str, folder: Path, *, report: Report
) -> tuple[Exported, ...]:
    """Write the drafts or newest versions into `folder/NAME`. Raises `EnvStudioError`, `Cancelled`."""
    found = []
    for number, name in enumerate(names, 1):
        report.raise_if_cancelled()
        target = folder / name.replace("/", "-")
        with writing(target):
            target.mkdir(parents=True, exist_ok=True)
        found.append(export(library.find(name).environment, format_id, target, report=report))
        report.progress(number, len(names), "environments")
    return tuple(found)
