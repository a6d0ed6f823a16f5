"""What a workspace demands: one value for each policy, logged as all that is changed is."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, and_, select

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.errors import Act, Conflict, Remedy
from envstudio.library.concurrent_edits import UNSTATED, Unstated
from envstudio.library.journal import delete_rows, insert_row, update_rows
from envstudio.library.store import Store, now
from envstudio.library.tables import policies, workspaces


class Policies:
    """The policies of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[str, Any]:
        """Return the values that differ from the defaults, by key."""
        here = workspaces.c.name == self._store.workspace
        query = select(policies.c.key, policies.c.value).join(workspaces).where(here).order_by(policies.c.key)
        with self._store.read() as connection:
            return {key: json.loads(value) for key, value in connection.execute(query)}

    def set(self, key: str, value: Any, *, was: Any | Unstated = UNSTATED) -> LibraryChange:
        """Store a value; None restores the default. Raises `Conflict` if it `was` another than the caller knew."""
        with self._store.write() as connection:
            workspace = self._store.workspace_id(connection)
            this = and_(policies.c.workspace_id == workspace, policies.c.key == key)
            there = self._value(connection, this)
            if was is not UNSTATED and there not in (was, value):
                raise Conflict(
                    f"The policy {key} was changed meanwhile: it is {there} there, and {value} in this edit.",
                    "See what it is now.",
                    code="edit-conflict",
                    subject=key,
                    remedy=Remedy(Act.SHOW_POLICY, key),
                )
            if there == value:
                return LibraryChange()
            written = {"value": json.dumps(value), "updated_at": now(), "updated_by": self._store.who}
            if value is None:
                delete_rows(connection, policies, this)
            elif not update_rows(connection, policies, this, **written):
                insert_row(connection, policies, workspace_id=workspace, key=key, **written)
            self._store.record(connection, "policy", key, {"value": value})
        return changed(Aspect.POLICIES)

    def _value(self, connection: Connection, this: Any) -> Any:
        found = connection.execute(select(policies.c.value).where(this)).scalar()
        return None if found is None else json.loads(found)
