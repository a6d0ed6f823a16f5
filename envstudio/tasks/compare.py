"""compare: the semantic difference of two definitions, of their build contexts, and of their locks if both have one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from envstudio.builders.dockerfiles.context_folder import ContextFolder
from envstudio.domain import diff
from envstudio.domain.comparison import Comparison
from envstudio.domain.context_content import (
    ContextContent,
    ContextFile,
    FileChange,
    KeptContext,
    MemberKind,
    changed_files,
    changed_lines,
)
from envstudio.domain.diff import Kind
from envstudio.domain.digest import definition_digest
from envstudio.domain.lock import Lock
from envstudio.domain.lock_diff import ResolvedChange, compare_locks, compare_platforms
from envstudio.errors import EnvStudioError
from envstudio.library import Library, Snapshot
from envstudio.report import Report
from envstudio.tasks.context_content import kept_context, with_context_digest

MOST_TEXT_BYTES = 1 << 18
"""Of a file whose changed lines are shown."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A definition, and what its build context holds if that is known: as it was kept, or as it lies in a folder."""

    snapshot: Snapshot
    kept: KeptContext | None = None
    folder: ContextFolder | None = None

    @property
    def content(self) -> ContextContent | None:
        return self.folder.content if self.folder else self.kept.content if self.kept else None

    def text(self, item: ContextFile | None) -> str | None:
        """Return the text of a file; empty for one that is not there, None if it is unknown or none."""
        if item is None:
            return ""
        if item.kind is not MemberKind.FILE or item.size > MOST_TEXT_BYTES:
            return None
        data = self._bytes(item)
        return None if data is None or b"\0" in data else data.decode("utf-8", "replace")

    def _bytes(self, item: ContextFile) -> bytes | None:
        assert self.content is not None
        is_dockerfile = item.content == self.content.text
        if self.folder is not None:
            return self.folder.dockerfile.read_bytes() if is_dockerfile else b"".join(self.folder.read(item))
        if self.kept is None or not (self.kept.complete or is_dockerfile):
            return None
        try:
            return self.kept.read(item.content)
        except EnvStudioError:
            # A Dockerfile with a secret is not kept.
            return None


def compare(library: Library, old: Snapshot, new: Snapshot, *, resolved: bool = True, report: Report) -> Comparison:
    """Compare two versions, drafts, files or curated definitions."""
    report.raise_if_cancelled()
    sides = [_side(library, snapshot, report) for snapshot in (old, new)]
    old, new = (side.snapshot for side in sides)
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
        _changed_files(*sides),
    )


def _side(library: Library, snapshot: Snapshot, report: Report) -> _Side:
    """Return a side with its build context, that of a draft or file as its folder is now."""
    if snapshot.environment.image.context is None:
        return _Side(snapshot)
    if snapshot.version and not snapshot.reference.is_draft:
        return _Side(snapshot, kept_context(library, snapshot.environment))
    found = with_context_digest(snapshot.environment, report)
    digest = definition_digest(found.environment)
    return _Side(replace(snapshot, environment=found.environment, digest=digest), folder=found.folder)


def _changed_files(old: _Side, new: _Side) -> tuple[FileChange, ...]:
    """Return the files by which the build contexts of two sides differ, with the lines of those whose text is known."""
    if old.content is None or new.content is None or old.content == new.content:
        return ()
    return tuple(replace(item, lines=_lines(old, new, item)) for item in changed_files(old.content, new.content))


def _lines(old: _Side, new: _Side, change: FileChange) -> tuple[str, ...]:
    before, after = old.text(change.old), new.text(change.new)
    if change.kind is not Kind.CHANGED or before is None or after is None:
        return ()
    return changed_lines(before, after)


def _lock(library: Library, snapshot: Snapshot) -> Lock | None:
    """Return the lock of exactly that definition, if it has one."""
    if snapshot.lock is not None:
        return snapshot.lock
    if snapshot.reference.curated or not library.environments.exists(snapshot.environment.name):
        return None
    record = library.locks.find(snapshot.environment.name, snapshot.digest)
    return record.lock if record else None
