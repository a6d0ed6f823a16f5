"""lock: a definition gets exact packages, which are kept by its digest."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from envstudio.domain.change import LibraryChange
from envstudio.domain.lock import Lock
from envstudio.domain.lock_diff import ResolvedChange, compare_locks
from envstudio.domain.problem import tell
from envstudio.domain.solve_options import SolveOptions
from envstudio.errors import Act, Conflict, NotFound, Remedy
from envstudio.library import Library, LockRecord, Snapshot
from envstudio.library.curated import refuse_curated
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.consent import consent_for, keep_source_builds
from envstudio.tasks.lock_lineage import parent_lock


@dataclass(frozen=True, slots=True)
class Locked:
    """A lock, how long it took in seconds, and how it differs from the one before. `reused`: nothing was solved.

    The one before is that of the same definition; if it has none, the newest of the environment.
    """

    reference: str
    lock: Lock
    seconds: float
    changes: tuple[ResolvedChange, ...]
    reused: bool
    change: LibraryChange

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOptions(SolveOptions):
    """How to lock. `platforms` are those to lock for; if there are none, `platforms_to_lock` decides.

    `also_for` are platforms that are needed besides, such as that of an image, and the only ones if none is named or
    inherited. The packages of the lock that a version has or inherits stay where they can. `upgrade` lets all of them
    move, `upgrade_packages` only those named and what they force; `refresh` solves even if a valid lock exists.
    """

    platforms: tuple[str, ...] = ()
    also_for: tuple[str, ...] = ()
    refresh: bool = False
    upgrade: bool = False

    @property
    def solves(self) -> bool:
        """Return whether a valid lock would be solved again."""
        return (
            self.refresh or self.upgrade or bool(self.upgrade_packages) or bool(self.exclude_newer) or bool(self.pins)
        )

    @property
    def named(self) -> frozenset[str]:
        """The platforms that are requested by name."""
        return frozenset((*self.platforms, *self.also_for))


def lock(
    library: Library, settings: Settings, reference: str, *, options: LockOptions = LockOptions(), report: Report
) -> Locked:
    """Lock a version or draft; a valid lock is returned as it is. Raises `EnvStudioError`.

    The old lock is untouched if this fails.
    """
    return lock_snapshot(library, settings, _own(library, reference), options=options, report=report)


def lock_snapshot(
    library: Library, settings: Settings, snapshot: Snapshot, *, options: LockOptions = LockOptions(), report: Report
) -> Locked:
    """Lock a version or draft that was read already. Raises `EnvStudioError`."""
    started = time.perf_counter()
    name = snapshot.environment.name
    known = library.locks.find(name, snapshot.digest)
    if known is not None and not options.solves and options.named <= set(known.lock.platform_names):
        return Locked(snapshot.title, known.lock, _since(started), (), True, LibraryChange())
    before, held = _inherited(library, snapshot, known, options, report)
    if held is not None and known is None and options.named <= set(held.platform_names):
        change = library.locks.save(name, held)
        return Locked(snapshot.title, held, _since(started), (), True, change)
    options = replace(options, consent=consent_for(library, name, options.consent))
    found = _solved(settings, snapshot, known, held, before, options, report)
    change = _stored(library, settings, snapshot, found, known, options, report)
    changes = compare_locks(before.lock, found) if before else ()
    return Locked(snapshot.title, found, _since(started), changes, False, change)


def store(
    library: Library,
    settings: Settings,
    reference: str,
    found: Lock,
    *,
    options: LockOptions = LockOptions(),
    report: Report,
) -> LibraryChange:
    """Store the lock that `preview` showed. Raises `Conflict` if the definition has changed since."""
    snapshot = _own(library, reference)
    if snapshot.digest != found.definition_digest:
        raise Conflict(
            f"{snapshot.title} has changed since its lock was previewed.",
            "Preview it again.",
            code="edit-conflict",
            subject=snapshot.title,
        )
    name = snapshot.environment.name
    options = replace(options, consent=consent_for(library, name, options.consent))
    known = library.locks.find(name, snapshot.digest)
    return _stored(library, settings, snapshot, found, known, options, report)


def _stored(
    library: Library,
    settings: Settings,
    snapshot: Snapshot,
    found: Lock,
    known: LockRecord | None,
    options: LockOptions,
    report: Report,
) -> LibraryChange:
    """Store a lock that was solved, remember what it was allowed to build, and tell what needs a look."""
    # Loaded here, because a lock that is carried over needs none of it.
    from envstudio.lockers.pip import subject_requested
    from envstudio.tasks import index_offers
    from envstudio.tasks.check import lock_problems

    with report.stage("store lock"):
        change = library.locks.save(snapshot.environment.name, found)
    # A platform that was locked before may come from a file of a stranger, of whose packages no one was asked.
    old = known.lock.platforms if known is not None else ()
    solved = (package for part in found.platforms if part not in old for package in part.packages)
    keep_source_builds(solved, options.consent, partial(subject_requested, snapshot.environment, settings))
    if not options.offline:
        index_offers.ask(snapshot.environment, found, settings, report)
    shared = index_offers.offers(snapshot.environment, found, settings)
    tell((*index_offers.problems(shared), *lock_problems(found)), report)
    return change


def preview(
    library: Library, settings: Settings, reference: str, *, options: LockOptions = LockOptions(), report: Report
) -> Locked:
    """Return what locking now would change, and store nothing. Raises `EnvStudioError`."""
    started = time.perf_counter()
    snapshot = _own(library, reference)
    name = snapshot.environment.name
    known = library.locks.find(name, snapshot.digest)
    before, held = _inherited(library, snapshot, known, options, report)
    options = replace(options, consent=consent_for(library, name, options.consent))
    found = _solved(settings, snapshot, known, held, before, options, report)
    changes = compare_locks(before.lock, found) if before else ()
    return Locked(snapshot.title, found, _since(started), changes, False, LibraryChange())


def _inherited(
    library: Library, snapshot: Snapshot, known: LockRecord | None, options: LockOptions, report: Report
) -> tuple[LockRecord | None, Lock | None]:
    """Return the lock that a new one is compared with and stays near, and the one whose platforms stay as they are.

    That is the version's own lock, or its parent's if nothing that is resolved has changed since.
    """
    if known is not None:
        return known, None if options.solves else known.lock
    parent = parent_lock(library, snapshot)
    if parent is None:
        return library.locks.newest(snapshot.environment.name), None
    held = None if options.solves else parent.carried_to(snapshot)
    if held is not None:
        report.line(f"nothing that is resolved changed since {parent.version.title}: its lock is carried over")
    return parent.record, held


def platforms_to_lock(
    options: LockOptions, settings: Settings, *, own: Lock | None, inherited: Lock | None
) -> tuple[str, ...]:
    """Return the platforms that a version is locked for: those that are named, else its parent's, else the settings'.

    A version that has a lock of its own keeps all of that lock's platforms, and what is needed besides is added.
    """
    of_lock = own or inherited
    chosen = set(options.platforms or (of_lock.platform_names if of_lock else ()))
    chosen |= {*options.also_for, *(own.platform_names if own else ())}
    return tuple(sorted(chosen or settings.platforms))


def platforms_of(
    library: Library, settings: Settings, reference: str, options: LockOptions = LockOptions()
) -> tuple[str, ...]:
    """Return the platforms that locking a version or draft now would solve for. Raises `NotFound`."""
    snapshot = library.find(reference)
    known = library.locks.find(snapshot.environment.name, snapshot.digest)
    before, _ = _inherited(library, snapshot, known, options, Report())
    return platforms_to_lock(
        options, settings, own=known.lock if known else None, inherited=before.lock if before else None
    )


def _solved(
    settings: Settings,
    snapshot: Snapshot,
    known: LockRecord | None,
    held: Lock | None,
    before: LockRecord | None,
    options: LockOptions,
    report: Report,
) -> Lock:
    """Solve for the platforms that are wanted and not held."""
    from envstudio import lockers

    _must_be_locked(snapshot, before, options)
    # Platforms that are locked stay as they are, unless asked to move.
    stay = held.platforms if held is not None else ()
    wanted = platforms_to_lock(
        options, settings, own=known.lock if known else None, inherited=before.lock if before else None
    )
    # What is newer than a date must not stay either.
    keep = before.lock if before and not options.upgrade and not options.exclude_newer else None
    found = lockers.solve(
        snapshot.environment,
        platforms=sorted({*wanted} - {item.platform for item in stay}),
        settings=settings,
        options=replace(options, keep=keep),
        report=report,
    )
    return replace(found, platforms=tuple(sorted((*found.platforms, *stay), key=lambda item: item.platform)))


def _must_be_locked(snapshot: Snapshot, before: LockRecord | None, options: LockOptions) -> None:
    """A partial update needs a lock that holds the packages named."""
    held = {item.name for platform in before.lock.platforms for item in platform.packages} if before else set()
    for name in options.upgrade_packages:
        if name not in held:
            raise NotFound(
                f"{name} is not in the lock of {snapshot.environment.name}, so it cannot be updated.",
                "Add it to the definition first, or lock without naming packages to upgrade.",
                code="package-not-locked",
                subject=name,
                remedy=Remedy(Act.LOCK, snapshot.environment.name),
            )


def _own(library: Library, reference: str) -> Snapshot:
    """Return a version or draft that may have a lock. Raises `InvalidInput` for a curated one."""
    snapshot = library.find(reference)
    refuse_curated(snapshot.reference, "; locks belong to environments of your own.")
    return snapshot


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)
