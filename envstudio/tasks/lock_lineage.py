"""Which lock a version inherits: that of the version it came from, as it is or as what the solvers should stay with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from envstudio.domain.base_python import stated_python
from envstudio.domain.digest import canonical_form
from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock
from envstudio.domain.reference import Reference
from envstudio.library import Library, LockRecord, Snapshot


@dataclass(frozen=True, slots=True)
class ParentLock:
    """The lock of the nearest earlier version that has one, and that version."""

    version: Snapshot
    record: LockRecord

    def carried_to(self, snapshot: Snapshot) -> Lock | None:
        """Return the lock for a version that resolves as its parent does; None if anything that is resolved changed."""
        if _resolved(self.version.environment) != _resolved(snapshot.environment):
            return None
        return replace(self.record.lock, definition_digest=snapshot.digest)


def parent_lock(library: Library, snapshot: Snapshot) -> ParentLock | None:
    """Return the lock that a version or draft without one of its own inherits; None if no earlier version has one.

    A draft comes from the version that it was begun from, a version from the one before it.
    """
    name = snapshot.environment.name
    newest = snapshot.version if snapshot.reference.is_draft else snapshot.version - 1
    for info in library.versions.list(name):
        if info.number <= newest and info.locked:
            record = library.locks.find(name, info.digest)
            if record is not None:
                return ParentLock(library.versions.find(Reference(name, info.number)), record)
    return None


def _resolved(environment: Environment) -> dict[str, Any]:
    """Return what decides a resolution: packages and where they come from, the image's Python, and CUDA."""
    python = canonical_form(environment).get("python", {})
    return {
        **{name: value for name, value in python.items() if name not in ("interpreter", "version")},
        "image": stated_python(environment),
        "cuda": environment.cuda,
        "solve": environment.solve.canonical(),
    }
