"""What was changed in a workspace since one last looked, by whoever and in whichever process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.library.builds import own_process, status_of
from envstudio.library.store import Store
from envstudio.library.tables import builds, drafts, environments, events, workspaces

WHOLE = ~(Aspect.WORKSPACES | Aspect.RUNS | Aspect.POLICIES)
ASPECTS = {
    "archive": Aspect.ENVIRONMENTS | Aspect.VERSIONS,
    "unarchive": Aspect.ENVIRONMENTS | Aspect.VERSIONS,
    "label": Aspect.LABELS,
    "unlabel": Aspect.LABELS,
    "lock": Aspect.LOCKS,
    "run": Aspect.RUNS,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one has looked: the last event, when each draft was saved, and which builds go on.

    `builds` has the name of the environment by the build's number; `elsewhere` names those that another process builds.
    """

    event: int = 0
    drafts: Mapping[str, datetime] = field(default_factory=dict)
    builds: Mapping[int, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()


class Changes:
    """Reads events and drafts of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def mark(self) -> Mark:
        """Return where things stand now."""
        with self._store.read() as connection:
            return Mark(self._last(connection), self._drafts(connection), *self._builds(connection))

    def since(self, mark: Mark) -> tuple[Mark, tuple[LibraryChange, ...]]:
        """Return the changes after a mark in their order, renamings each by itself, and the next mark."""
        with self._store.read() as connection:
            last, saved = self._last(connection), self._drafts(connection)
            running, elsewhere = self._builds(connection)
            query = select(events.c.what, events.c.target, events.c.detail, events.c.workspace)
            rows = connection.execute(query.where(events.c.id > mark.event).order_by(events.c.id)).all()
        found: list[LibraryChange] = []
        for row in rows:
            change = self._change(row)
            if found and not change.renamed_from and not found[-1].renamed_from:
                found[-1] |= change
            else:
                found.append(change)
        moved = [name for name in {*saved, *mark.drafts} if saved.get(name) != mark.drafts.get(name)]
        if moved:
            found.append(changed(Aspect.DRAFT, *moved))
        # One whose process was killed ends without an event.
        begun_or_over = {name for _, name in running.items() ^ mark.builds.items()}
        if begun_or_over:
            found.append(changed(Aspect.BUILDS, *begun_or_over))
        return Mark(last, saved, running, elsewhere), tuple(change for change in found if change)

    def workspace_now(self) -> str:
        """Return what the workspace that has its name no more is called now; empty if it was deleted."""
        leaving = events.c.what.in_(("workspace.rename", "workspace.delete"))
        query = select(events.c.what, events.c.target, events.c.detail).where(leaving).order_by(events.c.id)
        with self._store.read() as connection:
            rows = connection.execute(query).all()
        renamed = "workspace.rename"
        left = [(_renamed_from(row), row.target) if row.what == renamed else (row.target, "") for row in rows]
        name = self._store.workspace
        # From the last time on that it was left: others may have had, and left, the same name before.
        last = max((position for position, (old, _) in enumerate(left) if old == name), default=len(left))
        for old, new in left[last:]:
            name = new if old == name else name
        return name

    def _change(self, row: Any) -> LibraryChange:
        if row.what.startswith("workspace."):
            return changed(Aspect.WORKSPACES)
        if row.what.startswith("library.") or row.workspace != self._store.workspace:
            return LibraryChange()
        if row.what == "policy":
            return changed(Aspect.POLICIES)
        name = row.target.partition(":")[0]
        if row.what == "rename":
            old = _renamed_from(row)
            return changed(WHOLE, name, old, renamed_from=old)
        if row.what.startswith("build."):
            return changed(Aspect.BUILDS | Aspect.IMAGES, name)
        if row.what.startswith("image."):
            return changed(Aspect.IMAGES | Aspect.ENVIRONMENTS, name)
        return changed(ASPECTS.get(row.what, WHOLE), name)

    def _builds(self, connection: Connection) -> tuple[dict[int, str], frozenset[str]]:
        query = (
            select(builds.c.id, builds.c.status, builds.c.process, environments.c.name)
            .join(environments, environments.c.id == builds.c.environment_id)
            .join(workspaces, workspaces.c.id == environments.c.workspace_id)
            .where(builds.c.status == "running", workspaces.c.name == self._store.workspace)
            .where(environments.c.deleted_at.is_(None))
        )
        rows = [row for row in connection.execute(query) if status_of(row.status, row.process) == "running"]
        own = own_process()
        return {row.id: row.name for row in rows}, frozenset(row.name for row in rows if row.process != own)

    def _last(self, connection: Connection) -> int:
        return int(connection.execute(select(func.max(events.c.id))).scalar() or 0)

    def _drafts(self, connection: Connection) -> dict[str, datetime]:
        query = (
            select(environments.c.name, drafts.c.updated_at)
            .join(drafts, drafts.c.environment_id == environments.c.id)
            # None of a workspace that is gone, which is a change that has to be reported.
            .join(workspaces, workspaces.c.id == environments.c.workspace_id)
            .where(workspaces.c.name == self._store.workspace)
        )
        return {row.name: row.updated_at for row in connection.execute(query)}


def _renamed_from(row: Any) -> str:
    return str(json.loads(row.detail)["from"])
