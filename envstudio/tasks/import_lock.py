"""lock import: a lock that another tool wrote becomes the lock of a version that it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from envstudio.domain.lock_diff import compare_locks
from envstudio.domain.lock_fit import Misfit, misfits
from envstudio.domain.problem import tell
from envstudio.errors import InvalidInput
from envstudio.formats.format import NO_CHOICES, Choices
from envstudio.library import Library
from envstudio.library.curated import refuse_curated
from envstudio.report import Report
from envstudio.tasks.lock import Locked
from envstudio.tasks.read_path import read_path

SHOWN = 20


def import_lock(
    library: Library, path: Path, reference: str, *, choices: Choices = NO_CHOICES, report: Report
) -> Locked:
    """Make the lock of a file that of a version or draft. Raises `EnvStudioError`, also if it does not fit."""
    snapshot = library.find(reference)
    refuse_curated(snapshot.reference, "; locks belong to environments of your own.")
    with report.stage(f"read {path.name}"):
        read = read_path(path, choices=choices)
    if read.lock is None:
        raise InvalidInput(f"{path} is not a lock.", "Name a file such as conda-lock.yml, pixi.lock or pylock.toml.")
    tell(read.problems, report)
    refuse_misfits(snapshot.title, path, misfits(snapshot.environment, read.lock))
    lock = replace(read.lock, definition_digest=snapshot.digest)
    name = snapshot.environment.name
    before = library.locks.find(name, snapshot.digest)
    change = library.locks.save(name, lock)
    return Locked(snapshot.title, lock, 0.0, compare_locks(before.lock, lock) if before else (), False, change)


def refuse_misfits(title: str, path: Path, found: Sequence[Misfit]) -> None:
    """Raise `InvalidInput` that says where a lock does not fit a definition."""
    if found:
        raise InvalidInput(
            f"The lock {path.name} does not fit {title}: {found[0].text}",
            "Change the definition, or write the lock again from it.",
            "\n".join(item.text for item in found[:SHOWN]),
            code="lock-misfit",
            subject=title,
        )
