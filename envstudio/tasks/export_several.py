"""export of several environments: a folder each, so that files of one name do not meet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from envstudio.disk import writing
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.export import Exported, export


def export_several(
    library: Library, references: Sequence[str], format_id: str, folder: Path, *, report: Report
) -> tuple[Exported, ...]:
    """Write versions or drafts into `folder/NAME`. Raises `EnvStudioError`, `Cancelled`."""
    found = []
    for number, reference in enumerate(references, 1):
        report.raise_if_cancelled()
        snapshot = library.find(reference)
        target = folder / (("curated-" if snapshot.reference.curated else "") + snapshot.environment.name)
        with writing(target):
            target.mkdir(parents=True, exist_ok=True)
        found.append(export(snapshot.environment, format_id, target, report=report))
        report.progress(number, len(references), "environments")
    return tuple(found)
