"""Rows of environments, versions and drafts: written and read within a transaction that a caller opened."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, select

from envstudio.domain.environment import Environment, ManagedBy
from envstudio.domain.reference import Reference
from envstudio.domain.version import anchor
from envstudio.errors import NotFound
from envstudio.formats import native
from envstudio.library.journal import insert_row, update_rows
from envstudio.library.records import Snapshot
from envstudio.library.store import Store, now
from envstudio.library.tables import drafts, environments, requirements, versions

NAME = re.compile(r"""^name:[ \t]*['"]?([A-Za-z0-9._-]+)""", re.MULTILINE)


@lru_cache(maxsize=8)
def parsed(text: str, name: str) -> Environment:
    """Read a stored definition once for all that ask within a moment: it is opened, compared and followed."""
    return native.from_text(text, name).environment


def as_it_is(text: str, environment: Environment) -> str:
    """Return a stored text with the name, description and tags that were given since; the rest is as it was written."""
    named = NAME.search(text)
    meant = parsed(text, environment.name)
    if named is not None and named.group(1) != environment.name:
        meant = meant.renamed(named.group(1))
    if _about(meant) == _about(environment):
        return text
    from envstudio.formats.native_text import written

    return written(environment, text, meant)


def _about(environment: Environment) -> tuple[str, str, dict[str, str]]:
    return environment.name, environment.description, dict(environment.tags)


def insert_environment(store: Store, connection: Connection, environment: Environment) -> int:
    """Append an environment without a version, and return its key."""
    key = insert_row(
        connection,
        environments,
        workspace_id=store.workspace_id(connection),
        name=environment.name,
        kind="",
        latest=0,
        digest="",
        updated_at=now(),
        updated_by=store.who,
    )
    return int(key)


def insert_version(
    store: Store,
    connection: Connection,
    key: int,
    number: int,
    digest: str,
    environment: Environment,
    message: str,
    text: str | None,
    origin: str = "",
) -> None:
    """Append a version, index what it requests, and make it the latest."""
    about = {"description": environment.description, "tags": json.dumps(dict(environment.tags))}
    source = store.put_blob(connection, (text or native.to_text(environment)).encode())
    insert_row(
        connection,
        versions,
        environment_id=key,
        number=number,
        digest=digest,
        source=source,
        message=message,
        created_at=now(),
        created_by=store.who,
        origin=origin,
        **about,
    )
    update_rows(
        connection,
        environments,
        environments.c.id == key,
        kind=kind_of(environment),
        latest=number,
        digest=digest,
        updated_at=now(),
        updated_by=store.who,
        **about,
    )
    index_requirements(connection, digest, environment)


def kind_of(environment: Environment) -> str:
    """Name the kind of an environment as Azure ML does."""
    managed_by = environment.python.managed_by
    return "user-managed" if managed_by is ManagedBy.USER else "system-managed"


def draft_snapshot(connection: Connection, row: Row[Any], reference: Reference) -> Snapshot:
    """Return the saved draft. Raises `NotFound` if there is none."""
    saved = connection.execute(select(drafts).where(drafts.c.environment_id == row.id)).first()
    if saved is None:
        raise NotFound(
            f"{row.name} has no draft.",
            f"Use {row.name} for its latest version.",
            code="draft-missing",
            subject=row.name,
        )
    environment = parsed(saved.text, row.name)
    return Snapshot(reference, environment, saved.base_version, saved.digest, as_it_is(saved.text, environment))


def draft_digest(connection: Connection, key: int) -> str | None:
    return connection.execute(select(drafts.c.digest).where(drafts.c.environment_id == key)).scalar()


def is_still(connection: Connection, row: Row[Any], draft: Environment | None) -> bool:
    """Return whether the saved draft is one that was seen before; so is any if none is stated, or none is saved."""
    if draft is None:
        return True
    saved = connection.execute(select(drafts.c.text).where(drafts.c.environment_id == row.id)).scalar()
    return saved is None or parsed(saved, row.name) == draft


def drop_draft(connection: Connection, key: int) -> bool:
    """Forget a draft, and return whether there was one."""
    return connection.execute(delete(drafts).where(drafts.c.environment_id == key)).rowcount > 0


def set_about(connection: Connection, key: int, number: int, latest: int, about: dict[str, str]) -> None:
    """Write description and tags to a version and, for the latest, to the row that lists read."""
    this = and_(versions.c.environment_id == key, versions.c.number == number)
    update_rows(connection, versions, this, **about)
    if number == latest:
        update_rows(connection, environments, environments.c.id == key, **about)


def index_requirements(connection: Connection, digest: str, environment: Environment) -> None:
    """Note what a definition requests, once for each digest, so that searches find it."""
    if connection.execute(select(requirements.c.digest).where(requirements.c.digest == digest).limit(1)).first():
        return
    rows = requested_by(environment)
    if rows:
        connection.execute(
            insert(requirements),
            [
                {"digest": digest, "manager": manager, "name": name, "anchor": text[:255]}
                for (manager, name), text in rows.items()
            ],
        )


def requested_by(environment: Environment) -> dict[tuple[str, str], str]:
    """Return what a search looks at: managers and names with the versions that the requirements stand on."""
    rows: dict[tuple[str, str], str] = {}
    for item in environment.python.conda:
        rows["conda", item.name[:255]] = anchor(item.version)
    for pip in environment.python.pip:
        rows["pip", pip.name[:255]] = anchor(pip.constraint)
    for variable in environment.variables:
        rows["variable", variable.name[:255]] = ""
    return rows
