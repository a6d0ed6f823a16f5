"""compare: the semantic difference of two definitions, and of their locks if both have one."""

from __future__ import annotations

from envstudio.domain import diff
from envstudio.domain.comparison import Comparison
from envstudio.domain.lock import Lock
from envstudio.domain.lock_diff import ResolvedChange, compare_locks, compare_platforms
from envstudio.library import Library, Snapshot
from envstudio.report import Report


def compare(library: Library, old: Snapshot, new: Snapshot, *, resolved: bool = True, report: Report) -> Comparison:
    """Compare two versions, drafts, files or curated definitions."""
    report.raise_if_cancelled()
    before = _lock(library, old) if resolved else None
    after = _lock(library, new) if resolved else None
    rows: tuple[ResolvedChange, ...] = ()
    if before is not None and after is not None:
        rows = (*compare_platforms(before, after), *compare_locks(before, after))
    return Comparison(
        old.title,
        new.title,
        old.digest == new.digest,
        diff.compare(old.environment, new.environment),
        rows,
        before is not None and after is not None,
        tuple(dict.fromkeys(side.title for side, lock in ((old, before), (new, after)) if lock is None)),
    )


def _lock(library: Library, snapshot: Snapshot) -> Lock | None:
    """Return the lock of exactly that definition, if it has one."""
    if snapshot.lock is not None:
        return snapshot.lock
    if snapshot.reference.curated or not library.environments.exists(snapshot.environment.name):
        return None
    record = library.locks.find(snapshot.environment.name, snapshot.digest)
    return record.lock if record else None
