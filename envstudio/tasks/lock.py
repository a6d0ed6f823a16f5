"""lock: a definition gets exact packages, which are kept by its digest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envstudio.domain.change import Change
from envstudio.domain.diff import ResolvedChange, compare_locks
from envstudio.domain.lock import Lock
from envstudio.errors import InvalidInput
from envstudio.library import Library, Snapshot
from envstudio.report import Report
from envstudio.settings import Settings


@dataclass(frozen=True, slots=True)
class Locked:
    """A lock, how long it took in seconds, and how it differs from the one before. `reused`: nothing was solved."""

    reference: str
    lock: Lock
    seconds: float
    changes: tuple[ResolvedChange, ...]
    reused: bool
    change: Change

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the document that `--json` prints."""
        return {
            "ref": self.reference,
            "digest": self.lock.digest,
            "platforms": self.lock.counts(),
            "seconds": self.seconds,
            "reused": self.reused,
            "changes": [row.to_json() for row in self.changes],
        }


def lock(
    library: Library,
    settings: Settings,
    reference: str,
    *,
    platforms: Sequence[str] = (),
    again: bool = False,
    report: Report,
) -> Locked:
    """Lock a version for its platforms; a valid lock is returned as it is, unless `again`. Raises `EnvStudioError`.

    The old lock is untouched where this fails.
    """
    snapshot = library.find(reference)
    if snapshot.reference.curated:
        raise InvalidInput(
            f"{reference} is curated; locks belong to environments of your own.",
            f"Clone it: envstudio create NAME --from {reference}",
        )
    return lock_snapshot(library, settings, snapshot, platforms=platforms, again=again, report=report)


def lock_snapshot(
    library: Library,
    settings: Settings,
    snapshot: Snapshot,
    *,
    platforms: Sequence[str] = (),
    again: bool = False,
    report: Report,
) -> Locked:
    """Lock a version or draft that was read already. Raises `EnvStudioError`."""
    started = time.perf_counter()
    name = snapshot.environment.name
    known = library.locks.find(name, snapshot.digest)
    wanted = set(platforms or (known.lock.platform_names if known else settings.platforms))
    if known is not None and not again and wanted <= set(known.lock.platform_names):
        return Locked(snapshot.title, known.lock, round(time.perf_counter() - started, 3), (), True, Change())
    from envstudio import lockers

    kept = known.lock.platform_names if known else ()
    found = lockers.solve(snapshot.environment, platforms=sorted({*wanted, *kept}), settings=settings, report=report)
    before = library.locks.newest(name)
    with report.stage("store lock"):
        change = library.locks.save(name, found)
    changes = compare_locks(before.lock, found) if before else ()
    return Locked(snapshot.title, found, round(time.perf_counter() - started, 3), changes, False, change)
