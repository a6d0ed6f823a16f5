"""Workspaces: named groups of environments in one library."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.exc import IntegrityError

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.domain.reference import checked_name
from envstudio.errors import Conflict
from envstudio.library.deleted import forget
from envstudio.library.journal import delete_rows, insert_row, update_rows
from envstudio.library.records import WorkspaceInfo
from envstudio.library.store import Store, no_workspace, now
from envstudio.library.tables import (
    builds,
    environments,
    images,
    labels,
    locks,
    policies,
    runs,
    versions,
    workspaces,
)

DEFAULT = "default"


class Workspaces:
    """The workspaces of a library."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self) -> tuple[WorkspaceInfo, ...]:
        """Return all workspaces with the number of their live environments, by name."""
        live = (workspaces.c.id == environments.c.workspace_id) & environments.c.deleted_at.is_(None)
        query = (
            select(workspaces.c.name, func.count(environments.c.id), workspaces.c.updated_at)
            .outerjoin(environments, live)
            .group_by(workspaces.c.id, workspaces.c.name, workspaces.c.updated_at)
            .order_by(workspaces.c.name)
        )
        with self._store.read() as connection:
            return tuple(WorkspaceInfo(*row) for row in connection.execute(query))

    def require(self, name: str) -> None:
        """Raise `NotFound` if there is no workspace of that name."""
        with self._store.read() as connection:
            if not _exists(connection, name):
                raise no_workspace(connection, name)

    def key(self) -> int | None:
        """Return what tells the workspace that is looked at from another of its name; None if it is gone."""
        with self._store.read() as connection:
            return connection.execute(
                select(workspaces.c.id).where(workspaces.c.name == self._store.workspace)
            ).scalar()

    def ensure_default(self) -> None:
        """Make the default workspace if it is missing; two programs may try at once."""
        with self._store.read() as connection:
            if _exists(connection, DEFAULT):
                return
        with self._store.write() as connection:
            if not _exists(connection, DEFAULT):
                insert_row(connection, workspaces, name=DEFAULT, created_at=now(), updated_at=now())
                self._store.record(connection, "workspace.create", DEFAULT)

    def create(self, name: str) -> LibraryChange:
        """Make a workspace. Raises `Conflict` if it exists."""
        checked_name(name, "workspace")
        with self._store.write() as connection:
            if _exists(connection, name):
                raise Conflict(
                    f"A workspace named {name!r} already exists.",
                    "Choose another name.",
                    code="workspace-exists",
                    subject=name,
                )
            insert_row(connection, workspaces, name=name, created_at=now(), updated_at=now())
            self._store.record(connection, "workspace.create", name)
        return changed(Aspect.WORKSPACES)

    def rename(self, old: str, new: str) -> LibraryChange:
        """Rename a workspace. Raises `NotFound` and `Conflict`."""
        checked_name(new, "workspace")
        self.require(old)
        try:
            with self._store.write() as connection:
                update_rows(connection, workspaces, workspaces.c.name == old, name=new, updated_at=now())
                self._store.record(connection, "workspace.rename", new, {"from": old})
        except IntegrityError as error:
            raise Conflict(
                f"A workspace named {new!r} already exists.",
                "Choose another name.",
                code="workspace-exists",
                subject=new,
            ) from error
        return changed(Aspect.WORKSPACES)

    def delete(self, name: str) -> LibraryChange:
        """Delete a workspace and all that is in it. Raises `NotFound`, and `Conflict` for the default one."""
        if name == DEFAULT:
            raise Conflict("The default workspace cannot be deleted.", "Delete its environments instead.")
        self.require(name)
        with self._store.write() as connection:
            _delete_contents(connection, name)
            delete_rows(connection, workspaces, workspaces.c.name == name)
            self._store.record(connection, "workspace.delete", name)
        return changed(Aspect.WORKSPACES | Aspect.ENVIRONMENTS)


def _delete_contents(connection: Connection, name: str) -> None:
    """Remove all that is in a workspace, row by row, so that the log reports each."""
    key = select(workspaces.c.id).where(workspaces.c.name == name).scalar_subquery()
    inside = select(environments.c.id).where(environments.c.workspace_id == key)
    for table in (versions, labels, locks, images, builds, runs):
        delete_rows(connection, table, table.c.environment_id.in_(inside))
    newest = connection.execute(select(func.max(environments.c.id))).scalar()
    here = environments.c.workspace_id == key
    forget(connection, and_(here, environments.c.id == newest), workspace_id=_default(connection))
    delete_rows(connection, environments, here)
    delete_rows(connection, policies, policies.c.workspace_id == key)


def _default(connection: Connection) -> int:
    return int(connection.execute(select(workspaces.c.id).where(workspaces.c.name == DEFAULT)).scalar_one())


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute(select(workspaces.c.id).where(workspaces.c.name == name)).first() is not None
