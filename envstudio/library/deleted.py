"""Deleted environments: what there is of them, bringing one back, and removing one for ever."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, and_, delete, func, select
from sqlalchemy.exc import IntegrityError

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.errors import Act, Conflict, NotFound, Remedy
from envstudio.library.environment_info import DeletedRow
from envstudio.library.journal import delete_rows, update_rows
from envstudio.library.store import Store, now
from envstudio.library.tables import builds, drafts, environments, images, labels, locks, runs, versions

REMOVED = "removed"
"""The kind of a row that is kept of an environment that was removed for ever."""


class DeletedEnvironments:
    """The deleted environments of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self) -> tuple[DeletedRow, ...]:
        """Return the environments that can be brought back, the last deleted first."""
        query = select(
            environments.c.id,
            environments.c.name,
            environments.c.deleted_at,
            *(_count(table) for table in (versions, locks, images)),
        )
        with self._store.read() as connection:
            here = self._here(connection)
            rows = connection.execute(query.where(here).order_by(environments.c.deleted_at.desc())).all()
        return tuple(DeletedRow(*row) for row in rows)

    def find(self, name: str) -> DeletedRow:
        """Return the environment of that name that was deleted last. Raises `NotFound`."""
        found = next((item for item in self.list() if item.name == name), None)
        if found is None:
            raise _no_deleted(name)
        return found

    def restore(self, number: int) -> LibraryChange:
        """Bring an environment back. Raises `NotFound`, and `Conflict` if its name is taken."""
        name = ""
        try:
            with self._store.write() as connection:
                name = self._name(connection, number)
                update_rows(connection, environments, environments.c.id == number, deleted_at=None)
                self._store.record(connection, "undelete", name)
        except IntegrityError as error:
            raise Conflict(
                f"An environment named {name!r} already exists.",
                "Rename that one first.",
                code="environment-exists",
                subject=name,
            ) from error
        return changed(Aspect.ENVIRONMENTS, name)

    def remove(self, number: int) -> LibraryChange:
        """Remove a deleted environment for ever, with all that the library knows of it. Raises `NotFound`.

        Images stay in the engine. Texts stay among the library's blobs, where others may have the same.
        """
        with self._store.write() as connection:
            name = self._name(connection, number)
            connection.execute(delete(drafts).where(drafts.c.environment_id == number))
            for table in (versions, labels, locks, images, builds, runs):
                delete_rows(connection, table, table.c.environment_id == number)
            forget(connection, environments.c.id == number)
            self._store.record(connection, "remove", name)
        return changed(Aspect.ENVIRONMENTS, name)

    def _here(self, connection: Connection) -> ColumnElement[bool]:
        return and_(
            environments.c.workspace_id == self._store.workspace_id(connection),
            environments.c.deleted_at.is_not(None),
            environments.c.kind != REMOVED,
        )

    def _name(self, connection: Connection, number: int) -> str:
        query = select(environments.c.name).where(self._here(connection), environments.c.id == number)
        name = connection.execute(query).scalar()
        if name is None:
            raise _no_deleted(f"number {number}")
        return str(name)


def forget(connection: Connection, which: ColumnElement[bool], **values: object) -> None:
    """Leave nothing of environments but their numbers, in rows that are seen by no one.

    A database may give the number of the newest row again once that is gone; by the number it is kept what the user
    allowed an environment.
    """
    nothing = {
        "name": "",
        "kind": REMOVED,
        "latest": 0,
        "digest": "",
        "description": "",
        "tags": "{}",
        "deleted_at": now(),
    }
    update_rows(connection, environments, which, **nothing, **values)


def _count(table: Table) -> ScalarSelect[int]:
    return select(func.count()).where(table.c.environment_id == environments.c.id).scalar_subquery()


def _no_deleted(name: str) -> NotFound:
    return NotFound(
        f"No deleted environment is named {name!r}.",
        "See what was deleted.",
        code="environment-missing",
        subject=name,
        remedy=Remedy(Act.SHOW_DELETED),
    )
