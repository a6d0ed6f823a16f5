"""The locks that a definition has had: listed, compared, and returned to."""

from __future__ import annotations

from envstudio.domain.change import LibraryChange
from envstudio.domain.lock_diff import ResolvedChange, compare_locks
from envstudio.errors import Act, NotFound, Remedy
from envstudio.library import Library, LockRecord, LockSummary, Snapshot
from envstudio.library.curated import refuse_curated
from envstudio.report import Report
from envstudio.tasks.lock import Locked

PREFIX = "sha256:"
SHORTEST = 4
PREVIOUS = "previous"
"""The name of the lock before the one that counts."""


def locks_of(library: Library, reference: str) -> tuple[LockSummary, ...]:
    """Return the locks that a version or draft has had, the one that counts first. Raises `NotFound`."""
    snapshot = _own(library, reference)
    return library.locks.list(snapshot.environment.name, snapshot.digest)


def compare_earlier(
    library: Library, reference: str, old: str, new: str = "", *, report: Report
) -> tuple[ResolvedChange, ...]:
    """Return how two locks of a version differ; `new` is the one that counts if it is empty. Raises `NotFound`.

    Locks are named by their digest, by its beginning, or as "previous".
    """
    report.raise_if_cancelled()
    snapshot = _own(library, reference)
    before = _found(library, snapshot, old)
    after = _found(library, snapshot, new) if new else _current(library, snapshot)
    return compare_locks(before.lock, after.lock)


def preview_earlier(library: Library, reference: str, digest: str, *, report: Report) -> Locked:
    """Return what going back to an earlier lock would change; nothing is stored. Raises `NotFound`."""
    report.raise_if_cancelled()
    snapshot = _own(library, reference)
    wanted, current = _found(library, snapshot, digest), _current(library, snapshot)
    changes = compare_locks(current.lock, wanted.lock)
    return Locked(snapshot.title, wanted.lock, 0.0, changes, True, LibraryChange())


def return_to(library: Library, reference: str, digest: str, *, report: Report) -> Locked:
    """Make an earlier lock of a version the one that counts. Raises `NotFound`.

    The locks since stay in the list, so that this can be taken back in the same way.
    """
    snapshot = _own(library, reference)
    found = preview_earlier(library, reference, digest, report=report)
    if not found.changes and _current(library, snapshot).lock.digest == found.lock.digest:
        return found
    with report.stage("store lock"):
        change = library.locks.save(snapshot.environment.name, found.lock)
    return Locked(snapshot.title, found.lock, 0.0, found.changes, False, change)


def _own(library: Library, reference: str) -> Snapshot:
    snapshot = library.find(reference)
    refuse_curated(snapshot.reference, "; locks belong to environments of your own.")
    return snapshot


def _current(library: Library, snapshot: Snapshot) -> LockRecord:
    record = library.locks.find(snapshot.environment.name, snapshot.digest)
    if record is None:
        raise NotFound(
            f"{snapshot.title} is not locked.",
            "Lock it.",
            code="not-locked",
            subject=snapshot.title,
            remedy=Remedy(Act.LOCK, snapshot.environment.name),
        )
    return record


def _found(library: Library, snapshot: Snapshot, text: str) -> LockRecord:
    """Return the one lock of a version whose digest begins so. Raises `NotFound`."""
    _current(library, snapshot)
    digits = text.removeprefix(PREFIX).lower()
    name = snapshot.environment.name
    every = library.locks.list(name, snapshot.digest)
    if text == PREVIOUS and len(every) > 1:
        digits = every[1].digest.removeprefix(PREFIX)
    fitting = [item for item in every if item.digest.removeprefix(PREFIX).startswith(digits)]
    record = library.locks.get(name, fitting[0].digest) if len(fitting) == 1 and len(digits) >= SHORTEST else None
    if record is None:
        several = bool(fitting)
        raise NotFound(
            f"{text!r} is the beginning of {len(fitting)} locks' digests."
            if several
            else f"{snapshot.title} has had no lock {text!r}.",
            f"Write more of it, at least {SHORTEST} digits." if several else "List its locks.",
            code="lock-missing",
            subject=text,
            remedy=Remedy(Act.LIST_LOCKS, name),
        )
    return record
