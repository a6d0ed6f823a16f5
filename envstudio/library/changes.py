"""What was changed in a workspace since one last looked, by whoever and in whichever process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from envstudio.domain.change import Aspect, Change, changed
from envstudio.library.store import Store
from envstudio.library.tables import drafts, environments, events, workspaces

WHOLE = Aspect.ENVIRONMENTS | Aspect.VERSIONS | Aspect.DRAFT | Aspect.LABELS | Aspect.LOCKS | Aspect.IMAGES
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
    """How far one has looked: the last event, and when each draft was saved."""

    event: int = 0
    drafts: Mapping[str, datetime] = field(default_factory=dict)


class Changes:
    """Reads events and drafts of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def mark(self) -> Mark:
        """Return where things stand now."""
        with self._store.read() as connection:
            return Mark(self._last(connection), self._drafts(connection))

    def since(self, mark: Mark) -> tuple[Mark, tuple[Change, ...]]:
        """Return the changes after a mark in their order, renamings each by itself, and the next mark."""
        with self._store.read() as connection:
            last, saved = self._last(connection), self._drafts(connection)
            query = select(events.c.what, events.c.target, events.c.detail, events.c.workspace)
            rows = connection.execute(query.where(events.c.id > mark.event).order_by(events.c.id)).all()
        found: list[Change] = []
        for row in rows:
            change = self._change(row)
            if found and not change.renamed_from and not found[-1].renamed_from:
                found[-1] |= change
            else:
                found.append(change)
        moved = [name for name in {*saved, *mark.drafts} if saved.get(name) != mark.drafts.get(name)]
        if moved:
            found.append(changed(Aspect.DRAFT, *moved))
        return Mark(last, saved), tuple(change for change in found if change)

    def renamed_workspaces(self) -> tuple[tuple[str, str], ...]:
        """Return the old and the new name for each time that a workspace was renamed, in their order."""
        query = select(events.c.target, events.c.detail).where(events.c.what == "workspace.rename")
        with self._store.read() as connection:
            rows = connection.execute(query.order_by(events.c.id)).all()
        return tuple((str(json.loads(row.detail)["from"]), row.target) for row in rows)

    def _change(self, row: Any) -> Change:
        if row.what.startswith("workspace."):
            return changed(Aspect.WORKSPACES)
        if row.workspace != self._store.workspace:
            return Change()
        name = row.target.partition(":")[0]
        if row.what == "rename":
            old = str(json.loads(row.detail)["from"])
            return changed(WHOLE, name, old, renamed_from=old)
        if row.what.startswith("build."):
            return changed(Aspect.BUILDS | Aspect.IMAGES, name)
        return changed(ASPECTS.get(row.what, WHOLE), name)

    def _last(self, connection: Connection) -> int:
        return int(connection.execute(select(func.max(events.c.id))).scalar() or 0)

    def _drafts(self, connection: Connection) -> dict[str, datetime]:
        query = (
            select(environments.c.name, drafts.c.updated_at)
            .join(drafts, drafts.c.environment_id == environments.c.id)
            # None of a workspace that is gone, which is a change that has to be told.
            .join(workspaces, workspaces.c.id == environments.c.workspace_id)
            .where(workspaces.c.name == self._store.workspace)
        )
        return {row.name: row.updated_at for row in connection.execute(query)}
