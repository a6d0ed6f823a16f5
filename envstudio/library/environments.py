"""Environments as a whole: listing, searching, naming, archiving, deleting. What is in them is `versions.py`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from sys import intern
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.exc import IntegrityError

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.domain.query import PackageTerm, Query, searched_text
from envstudio.domain.reference import checked_name
from envstudio.errors import Conflict
from envstudio.library.environment_info import EnvironmentInfo
from envstudio.library.journal import update_rows
from envstudio.library.store import Store, now
from envstudio.library.tables import (
    builds,
    drafts,
    environments,
    images,
    labels,
    locked_packages,
    locks,
    requirements,
    versions,
)

NO_TAGS = "{}"


class Environments:
    """The environments of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(
        self, query: Query | None = None, *, archived: bool = False, names: Iterable[str] | None = None
    ) -> tuple[EnvironmentInfo, ...]:
        """Return the live environments that match, by name; `archived` adds those too, `names` keeps only these."""
        with self._store.read() as connection:
            rows = connection.execute(self._selection(connection, query or Query(), archived, names))
            if names is None:
                return tuple(map(_Listing(connection).info, rows))
            found = rows.all()
            return tuple(map(_Listing(connection, [row.id for row in found]).info, found))

    def _selection(
        self, connection: Connection, query: Query, archived: bool, names: Iterable[str] | None
    ) -> Select[tuple[object, ...]]:
        """Build the query for a search."""
        selection = select(environments).where(
            environments.c.workspace_id == self._store.workspace_id(connection), environments.c.deleted_at.is_(None)
        )
        if not archived:
            selection = selection.where(environments.c.archived.is_(False))
        if names is not None:
            selection = selection.where(environments.c.name.in_(list(names)))
        if query.words:
            # Here and not in SQL: SQLite knows the cases of ASCII only, and tags are stored as JSON.
            rows = connection.execute(
                select(environments.c.id, environments.c.name, environments.c.description, environments.c.tags)
            )
            conditions = [
                row.id
                for row in rows
                if query.says(searched_text(row.name, row.description, json.loads(row.tags).items()))
            ]
            selection = selection.where(_among(conditions))
        for label in query.labels:
            selection = selection.where(
                environments.c.id.in_(select(labels.c.environment_id).where(labels.c.name == label))
            )
        for variable in query.variables:
            selection = selection.where(environments.c.digest.in_(_asking_variable(variable)))
        for term in query.packages:
            # Two lists and no union of them, which would be sorted for nothing.
            requested, held = _holding(connection, term)
            selection = selection.where(or_(environments.c.digest.in_(requested), environments.c.digest.in_(held)))
        if query.tags:
            rows = connection.execute(select(environments.c.id, environments.c.tags))
            tagged = [row.id for row in rows if query.fits(query.labels, json.loads(row.tags))]
            selection = selection.where(_among(tagged))
        return selection.order_by(func.lower(environments.c.name))

    def definitions_with(self, query: Query) -> frozenset[str]:
        """Return the digests of the definitions that hold each package and variable of a search."""
        with self._store.read() as connection:
            found = [_digests_with(connection, term) for term in query.packages]
            requested = (connection.execute(_asking_variable(name)) for name in query.variables)
            found += [frozenset(rows.scalars().all()) for rows in requested]
        return frozenset.intersection(*found) if found else frozenset()

    def search_names(self) -> dict[str, tuple[str, ...]]:
        """Return the names that live definitions request: packages under "pkg", variables under "var", sorted."""
        query = (
            select(requirements.c.manager, requirements.c.name)
            .join(environments, environments.c.digest == requirements.c.digest)
            .distinct()
        )
        with self._store.read() as connection:
            here = environments.c.workspace_id == self._store.workspace_id(connection)
            rows = connection.execute(query.where(here, environments.c.deleted_at.is_(None))).all()
        found: dict[str, set[str]] = {"pkg": set(), "var": set()}
        for row in rows:
            found["var" if row.manager == "variable" else "pkg"].add(row.name)
        return {kind: tuple(sorted(names)) for kind, names in found.items()}

    def exists(self, name: str) -> bool:
        """Return whether a live environment has that name."""
        with self._store.read() as connection:
            return self._store.find_environment_row(connection, name) is not None

    def identity(self, name: str) -> str:
        """Return "LIBRARY#NUMBER", which an environment keeps for life, whatever its name. Raises `NotFound`.

        A library and its copies share LIBRARY, and others have another.
        """
        with self._store.read() as connection:
            number = self._store.environment_row(connection, name).id
            return f"{self._store.library_id(connection)}#{number}"

    def rename(self, old: str, new: str) -> LibraryChange:
        """Rename an environment; its versions stay. Raises `NotFound` and `Conflict`."""
        checked_name(new)
        try:
            with self._store.write() as connection:
                row = self._store.environment_row(connection, old, lock=True)
                update_rows(connection, environments, environments.c.id == row.id, name=new)
                self._store.record(connection, "rename", new, {"from": old})
        except IntegrityError as error:
            raise Conflict(
                f"An environment named {new!r} already exists.",
                "Choose another name.",
                code="environment-exists",
                subject=new,
            ) from error
        return changed(Aspect.ENVIRONMENTS, old, new, renamed_from=old)

    def archive(self, name: str, archived: bool = True) -> LibraryChange:
        """Hide an environment from lists, or bring it back. Raises `NotFound`."""
        with self._store.write() as connection:
            row = self._store.environment_row(connection, name, lock=True)
            update_rows(connection, environments, environments.c.id == row.id, archived=archived)
            self._store.record(connection, "archive" if archived else "unarchive", name)
        return changed(Aspect.ENVIRONMENTS, name)

    def delete(self, name: str) -> LibraryChange:
        """Delete an environment; `undelete` brings it back. Raises `NotFound`."""
        with self._store.write() as connection:
            row = self._store.environment_row(connection, name, lock=True)
            update_rows(
                connection, environments, environments.c.id == row.id, deleted_at=_after_others(connection, row)
            )
            self._store.record(connection, "delete", name)
        return changed(Aspect.ENVIRONMENTS, name)

    def undelete(self, name: str) -> LibraryChange:
        """Bring back the environment of that name that was deleted last. Raises `NotFound` and `Conflict`."""
        from envstudio.library.deleted import DeletedEnvironments

        deleted = DeletedEnvironments(self._store)
        return deleted.restore(deleted.find(name).number)


def _after_others(connection: Connection, row: Row[Any]) -> datetime:
    """Return the present time, or one after the last deletion of that name if the clock went backwards since."""
    query = select(func.max(environments.c.deleted_at)).where(
        environments.c.workspace_id == row.workspace_id, environments.c.name == row.name
    )
    last = connection.execute(query).scalar()
    return max(now(), last + timedelta(microseconds=1)) if last else now()


def _among(keys: list[int]) -> ColumnElement[bool]:
    # In the text itself: SQLite takes no more than 32,766 values beside it where it is built as its authors do.
    return environments.c.id.in_(bindparam(None, keys, type_=Integer, expanding=True, literal_execute=True))


def _asking_variable(name: str) -> Select[Any]:
    return select(requirements.c.digest).where(requirements.c.manager == "variable", requirements.c.name == name)


def _holding(connection: Connection, term: PackageTerm) -> tuple[Select[Any], Select[Any]]:
    """Select the definitions that request a package, and those whose lock holds it, in a version that is admitted."""
    asking: ColumnElement[bool] = and_(requirements.c.name.in_(term.spellings), requirements.c.manager != "variable")
    locking: ColumnElement[bool] = locked_packages.c.name.in_(term.spellings)
    if term.specifier:
        asking &= requirements.c.anchor.in_(_admitted(connection, term, requirements.c.anchor, asking))
        locking &= locked_packages.c.version.in_(_admitted(connection, term, locked_packages.c.version, locking))
    held = (
        select(locks.c.definition_digest)
        .join(locked_packages, locked_packages.c.lock_digest == locks.c.lock_digest)
        .where(locking)
    )
    return select(requirements.c.digest).where(asking), held


def _digests_with(connection: Connection, term: PackageTerm) -> frozenset[str]:
    requested, held = (connection.execute(query).scalars().all() for query in _holding(connection, term))
    return frozenset((*requested, *held))


def _admitted(
    connection: Connection, term: PackageTerm, version: ColumnElement[str], where: ColumnElement[bool]
) -> list[str]:
    found = connection.execute(select(version).where(where).distinct()).scalars()
    return [text for text in found if term.admits(text)]


class _Listing:
    """Gathers what a list shows of many environments in a handful of queries."""

    def __init__(self, connection: Connection, ids: Sequence[int] | None = None) -> None:
        """Read what belongs to these environments; all that there is where `ids` is None."""

        def among(environment: ColumnElement[int]) -> ColumnElement[bool]:
            return true() if ids is None else environment.in_(ids)

        self._labels: dict[int, list[tuple[str, int]]] = {}
        for environment, name, version in connection.execute(
            select(labels.c.environment_id, labels.c.name, labels.c.version)
            .where(among(labels.c.environment_id))
            .order_by(labels.c.name)
        ):
            self._labels.setdefault(environment, []).append((name, version))
        based_on = and_(
            versions.c.environment_id == drafts.c.environment_id, versions.c.number == drafts.c.base_version
        )
        self._changed_drafts = set(
            connection.execute(
                select(drafts.c.environment_id)
                .join(versions, based_on)
                .where(drafts.c.digest != versions.c.digest, among(drafts.c.environment_id))
            ).scalars()
        )
        self._changed_drafts |= _retold(connection, based_on, among)
        self._locks = _pairs(connection, locks.c.environment_id, locks.c.definition_digest, among)
        self._images = _pairs(connection, images.c.environment_id, _what_is_built(), among)
        last_build = (
            select(func.max(builds.c.id)).where(among(builds.c.environment_id)).group_by(builds.c.environment_id)
        )
        self._failed = set(
            connection.execute(
                select(builds.c.environment_id)
                .join(environments, environments.c.id == builds.c.environment_id)
                .where(
                    builds.c.id.in_(last_build),
                    builds.c.status == "failed",
                    builds.c.version == environments.c.latest,
                )
            ).scalars()
        )

    def info(self, row: Row[Any]) -> EnvironmentInfo:
        """Return the value of one row of the environments' table."""
        return EnvironmentInfo(
            row.name,
            intern(row.kind),
            row.latest,
            row.digest,
            tuple(self._labels.get(row.id, ())),
            tuple(sorted(json.loads(row.tags).items())) if row.tags != NO_TAGS else (),
            row.archived,
            row.id in self._changed_drafts,
            _state(self._locks.get(row.id), row.digest, "locked"),
            "failed" if row.id in self._failed else _state(self._images.get(row.id), row.digest, "built"),
            row.updated_at,
            intern(row.updated_by),
            row.description,
        )


def _retold(
    connection: Connection, based_on: ColumnElement[bool], among: Callable[[ColumnElement[int]], ColumnElement[bool]]
) -> set[int]:
    """Return the environments whose drafts differ from their versions in nothing but description and tags."""
    query = (
        select(drafts.c.environment_id, drafts.c.text, environments.c.name, versions.c.description, versions.c.tags)
        .join(versions, based_on)
        .join(environments, environments.c.id == drafts.c.environment_id)
        .where(drafts.c.digest == versions.c.digest, among(drafts.c.environment_id))
    )
    found = set()
    for row in connection.execute(query):
        # Loaded for the few drafts of this sort, since a list needs no reader of definitions.
        from envstudio.library.version_rows import parsed

        draft = parsed(row.text, row.name)
        if (draft.description, dict(draft.tags)) != (row.description, json.loads(row.tags)):
            found.add(row.environment_id)
    return found


def _pairs(
    connection: Connection,
    environment: ColumnElement[int],
    digest: ColumnElement[str],
    among: Callable[[ColumnElement[int]], ColumnElement[bool]],
) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for key, value in connection.execute(select(environment, digest).where(among(environment)).distinct()):
        found.setdefault(key, set()).add(value)
    return found


def _what_is_built() -> ColumnElement[str]:
    """Return the definition of an image; empty if that has another lock by now, so that it would be built anew."""
    newest = (
        select(locks.c.lock_digest)
        .where(
            locks.c.environment_id == images.c.environment_id,
            locks.c.definition_digest == images.c.definition_digest,
        )
        .order_by(locks.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    made_of = images.c.lock_digest
    return case((or_(made_of == "", made_of == func.coalesce(newest, made_of)), images.c.definition_digest), else_="")


def _state(digests: set[str] | None, wanted: str, good: str) -> str:
    if not digests:
        return ""
    return good if wanted in digests else "stale"
