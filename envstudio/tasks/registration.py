"""What builds and runs are made of: a registered version, for which a draft that is named is registered first."""

from __future__ import annotations

from collections.abc import Callable

from envstudio.domain.change import LibraryChange
from envstudio.domain.environment import Environment
from envstudio.domain.reference import Reference
from envstudio.library import Library, Snapshot
from envstudio.library.curated import refuse_curated
from envstudio.report import Report


def registered_to(purpose: str) -> str:
    """Return the message of a version that was registered for a purpose, such as "build" or "run"."""
    return f"Registered to {purpose}"


def registered_version(
    library: Library,
    reference: str,
    purpose: str,
    *,
    refuse: Callable[[Environment], None] = lambda environment: None,
    report: Report,
) -> tuple[Snapshot, LibraryChange]:
    """Return the version that a reference means, and what changed in the library by registering a draft for it.

    A draft that differs from the version it started from becomes the newest version, "Registered to build" for the
    purpose "build", unless `refuse` raises for it. Raises `NotFound`, and `InvalidInput` for a curated environment.
    """
    snapshot = library.find(reference)
    refuse_curated(snapshot.reference, "; builds and runs belong to environments of your own.")
    refuse(snapshot.environment)
    if not snapshot.reference.is_draft:
        return snapshot, LibraryChange()
    base = library.find(Reference(snapshot.environment.name, snapshot.version))
    if base.digest == snapshot.digest:
        return base, LibraryChange()
    done = library.versions.register(
        snapshot.environment,
        registered_to(purpose),
        text=snapshot.text,
        started=base.environment,
        draft=snapshot.environment,
    )
    if done.created:
        report.line(f"registered {done.name}:{done.version}")
    return library.find(Reference(done.name, done.version)), done.change
