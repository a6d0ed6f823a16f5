"""Drafts, and the numbered versions that are registered from them. Versions are append-only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.domain.check import refuse_contradictions
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment
from envstudio.domain.passwords import fields_with_passwords
from envstudio.domain.reference import DRAFT, LATEST, Reference, checked_name
from envstudio.domain.version import VersionInfo
from envstudio.errors import Act, Conflict, InvalidInput, NotFound, Remedy, redacted
from envstudio.library.concurrent_edits import (
    UNSTATED,
    Current,
    Unstated,
    about_changed,
    label_moved,
    replayed,
    text_of,
)
from envstudio.library.hints import near_or
from envstudio.library.journal import delete_rows, insert_row, update_rows
from envstudio.library.records import Draft, Registered, Snapshot
from envstudio.library.store import Store, now
from envstudio.library.tables import drafts, environments, images, labels, locks, versions
from envstudio.library.version_rows import (
    as_it_is,
    draft_digest,
    draft_snapshot,
    drop_draft,
    insert_environment,
    insert_version,
    is_still,
    parsed,
    set_about,
)
from envstudio.secret_text import has_secret

NO_CHANGE = LibraryChange()


class Versions:
    """The drafts and versions of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Reading

    def find(self, reference: Reference) -> Snapshot:
        """Return the version that a reference means. Raises `NotFound`."""
        with self._store.read() as connection:
            row = self._store.environment_row(connection, reference.name)
            if reference.is_draft:
                return draft_snapshot(connection, row, reference)
            number = self._number(connection, row, reference)
            return self._snapshot(connection, row, number, reference)

    def _number(self, connection: Connection, row: Row[Any], reference: Reference) -> int:
        """Return the version number that a reference means."""
        if reference.version is not None:
            return reference.version
        if reference.label is None:
            return int(row.latest)
        query = select(labels.c.version).where(labels.c.environment_id == row.id, labels.c.name == reference.label)
        found = connection.execute(query).scalar()
        if found is None:
            raise _no_label(connection, row, reference.label)
        return int(found)

    def _snapshot(self, connection: Connection, row: Row[Any], number: int, reference: Reference) -> Snapshot:
        """Read one version."""
        found = connection.execute(
            select(versions).where(versions.c.environment_id == row.id, versions.c.number == number)
        ).first()
        if found is None:
            raise NotFound(
                f"{row.name} has no version {number}.",
                f"Its versions are 1 to {row.latest}.",
                code="version-missing",
                subject=f"{row.name}:{number}",
                remedy=Remedy(Act.SHOW_VERSIONS, row.name),
            )
        text = self._store.get_blob(connection, found.source).decode()
        environment = replace(
            parsed(text, row.name),
            description=found.description,
            tags=tuple(sorted(json.loads(found.tags).items())),
        )
        text = as_it_is(text, environment)
        return Snapshot(
            reference, environment, number, found.digest, text, found.message, found.created_at, found.created_by
        )

    def list(self, name: str) -> tuple[VersionInfo, ...]:
        """Return all versions of an environment, newest first. Raises `NotFound`."""
        with self._store.read() as connection:
            row = self._store.environment_row(connection, name)
            found = connection.execute(
                select(versions).where(versions.c.environment_id == row.id).order_by(versions.c.number.desc())
            ).all()
            names: dict[int, list[str]] = {row.latest: [LATEST]}
            for label in connection.execute(
                select(labels).where(labels.c.environment_id == row.id).order_by(labels.c.name)
            ):
                names.setdefault(label.version, []).append(label.name)
            locked = set(
                connection.execute(select(locks.c.definition_digest).where(locks.c.environment_id == row.id)).scalars()
            )
            # By what they were built of, as locks are: a version that is as an older one needs no other image.
            rows = connection.execute(
                select(images.c.definition_digest, func.count(images.c.image_id.distinct()))
                .where(images.c.environment_id == row.id)
                .group_by(images.c.definition_digest)
            ).all()
            counts = {item[0]: item[1] for item in rows}
        return tuple(
            VersionInfo(
                item.number,
                item.digest,
                item.message,
                item.created_at,
                item.created_by,
                tuple(names.get(item.number, ())),
                item.archived,
                item.digest in locked,
                counts.get(item.digest, 0),
            )
            for item in found
        )

    def labels(self, name: str) -> tuple[tuple[str, int], ...]:
        """Return the labels of an environment, by name, and the version that each points to; none of a missing one."""
        with self._store.read() as connection:
            row = self._store.find_environment_row(connection, name)
            if row is None:
                return ()
            query = select(labels.c.name, labels.c.version).where(labels.c.environment_id == row.id)
            return tuple((label, version) for label, version in connection.execute(query.order_by(labels.c.name)))

    def of_origin(self, origin: str) -> str:
        """Return the live environment that last got a version from a file; nothing if none did, and for no file."""
        query = (
            select(environments.c.name)
            .join(versions, versions.c.environment_id == environments.c.id)
            .where(versions.c.origin == origin, environments.c.deleted_at.is_(None))
            .order_by(versions.c.id.desc())
        )
        if not origin:
            return ""
        with self._store.read() as connection:
            here = environments.c.workspace_id == self._store.workspace_id(connection)
            return str(connection.execute(query.where(here)).scalar() or "")

    def draft(self, name: str) -> Draft:
        """Return the draft of an environment; if none was saved, the latest version as a draft."""
        with self._store.read() as connection:
            row = self._store.environment_row(connection, name)
            saved = connection.execute(select(drafts).where(drafts.c.environment_id == row.id)).first()
            if saved is None:
                latest = self._snapshot(connection, row, row.latest, Reference(name))
                return Draft(
                    latest.environment, latest.version, latest.digest, False, latest.text, row.updated_at, saved=False
                )
            base = connection.execute(
                select(versions.c.digest).where(
                    versions.c.environment_id == row.id, versions.c.number == saved.base_version
                )
            ).scalar()
            environment = parsed(saved.text, name)
            text = as_it_is(saved.text, environment)
            return Draft(environment, saved.base_version, saved.digest, saved.digest != base, text, saved.updated_at)

    def has_changed_draft(self, name: str) -> bool:
        """Return whether an environment has a draft that differs from the version it started from.

        A missing environment has none.
        """
        this = and_(versions.c.environment_id == drafts.c.environment_id, versions.c.number == drafts.c.base_version)
        with self._store.read() as connection:
            row = self._store.find_environment_row(connection, name)
            if row is None:
                return False
            query = select(drafts.c.environment_id).join(versions, this)
            changed_draft = and_(drafts.c.environment_id == row.id, drafts.c.digest != versions.c.digest)
            return connection.execute(query.where(changed_draft)).first() is not None

    # Writing

    def register(
        self,
        environment: Environment,
        message: str = "",
        *,
        new: bool = False,
        text: str | None = None,
        from_draft: bool = True,
        started: Environment | None = None,
        draft: Environment | None = None,
        origin: str = "",
    ) -> Registered:
        """Make the definition the newest version of the environment that it names.

        The environment is made if it is missing. A definition equal to the latest version's makes no new version.
        The draft is gone afterwards; if the definition did not come `from_draft`, a draft with other changes is
        kept; so is the `draft` that it came from if someone changed that since. With `new`, raises `Conflict` if the
        environment exists. `text` is the native text that the definition was written in, comments included; `origin`
        is the file that it was imported from (`domain/origin.py`).

        `started` is the newest version as the editor knew it. If there is a newer one, what was changed since is
        replayed on that; raises `Conflict`, naming both sides, if both changed the same entry. Raises `InvalidInput`
        for a definition that contradicts itself and did not before.
        """
        checked_name(environment.name)
        _refuse_secrets(environment, text)
        message = redacted(message)
        with self._store.write() as connection:
            row = self._store.find_environment_row(connection, environment.name, lock=True)
            if row is not None and started is not None:
                newest = self._snapshot(connection, row, row.latest, Reference(row.name))
                there = Current(newest.environment, f"{row.name}:{row.latest}", newest.created_by)
                environment, text = replayed(started, environment, text, there)
            digest = definition_digest(environment)
            if row is None or row.digest != digest:
                known = self._snapshot(connection, row, row.latest, Reference(row.name)).environment if row else None
                refuse_contradictions(environment, known)
            if row is not None and new:
                raise Conflict(
                    f"An environment named {environment.name!r} already exists.",
                    "Choose another name, or edit that one.",
                    code="environment-exists",
                    subject=environment.name,
                )
            allowed_draft = from_draft and (row is None or is_still(connection, row, draft))
            if row is not None and (allowed_draft or draft_digest(connection, row.id) in (digest, row.digest)):
                dropped = drop_draft(connection, row.id)
            else:
                dropped = False
            if row is not None and row.digest == digest:
                return self._unchanged(connection, row, environment, dropped)
            number = 1 if row is None else row.latest + 1
            key = insert_environment(self._store, connection, environment) if row is None else row.id
            insert_version(self._store, connection, key, number, digest, environment, message, text, origin)
            self._store.record(
                connection, "register", f"{environment.name}:{number}", {"digest": digest, "message": message}
            )
        aspects = Aspect.VERSIONS | Aspect.ENVIRONMENTS | Aspect.DRAFT | Aspect.LABELS
        return Registered(environment.name, number, digest, True, changed(aspects, environment.name))

    def _unchanged(self, connection: Connection, row: Row[Any], environment: Environment, dropped: bool) -> Registered:
        """Take over what lies outside the digest."""
        change = changed(Aspect.DRAFT | Aspect.ENVIRONMENTS, row.name) if dropped else NO_CHANGE
        about = {"description": environment.description, "tags": json.dumps(dict(environment.tags))}
        if (row.description, json.loads(row.tags)) != (environment.description, dict(environment.tags)):
            set_about(connection, row.id, row.latest, row.latest, about)
            self._store.record(connection, "describe", f"{row.name}:{row.latest}")
            change = changed(Aspect.DRAFT | Aspect.ENVIRONMENTS | Aspect.VERSIONS, row.name)
        return Registered(row.name, row.latest, row.digest, False, change)

    def save_draft(
        self,
        environment: Environment,
        *,
        base_version: int | None = None,
        text: str | None = None,
        started: Environment | None = None,
    ) -> LibraryChange:
        """Keep the draft of an existing environment. Raises `NotFound`.

        `started` is the draft as the editor knew it. If someone saved another since, what was changed is replayed on
        that; raises `Conflict`, naming both sides, if both changed the same entry.
        """
        _refuse_secrets(environment, text)
        with self._store.write(durable=False) as connection:
            row = self._store.environment_row(connection, environment.name, lock=True)
            saved = connection.execute(select(drafts).where(drafts.c.environment_id == row.id)).first()
            if saved is not None and started is not None:
                there = Current(parsed(saved.text, row.name), f"The draft of {row.name}")
                both, text = replayed(started, environment, text, there)
                if both != environment:
                    environment, base_version = both, saved.base_version
            base = base_version or (saved.base_version if saved else row.latest)
            connection.execute(delete(drafts).where(drafts.c.environment_id == row.id))
            connection.execute(
                insert(drafts).values(
                    environment_id=row.id,
                    base_version=base,
                    digest=definition_digest(environment),
                    text=text_of(environment, text),
                    updated_at=now(),
                )
            )
        return changed(Aspect.DRAFT | Aspect.ENVIRONMENTS, environment.name)

    def discard_draft(self, name: str, *, started: Environment | None = None) -> LibraryChange:
        """Forget the draft, so that the latest version is shown again. Raises `NotFound`.

        One that is not as it `started`, as its editor knew it, stays.
        """
        with self._store.write(durable=False) as connection:
            row = self._store.environment_row(connection, name, lock=True)
            if is_still(connection, row, started):
                connection.execute(delete(drafts).where(drafts.c.environment_id == row.id))
        return changed(Aspect.DRAFT | Aspect.ENVIRONMENTS, name)

    def label(self, reference: Reference, label: str, *, was: int | Unstated | None = UNSTATED) -> LibraryChange:
        """Point a label to a version; it moves if it pointed elsewhere. Raises `NotFound`, `InvalidInput`.

        `was` is the version that it pointed to as the caller knew it, None for a new label; raises `Conflict` if
        someone moved it since.
        """
        checked_name(label, "label")
        if label in (LATEST, DRAFT):
            raise InvalidInput(f"The label {label!r} is kept by EnvStudio itself.", "Choose another.")
        with self._store.write() as connection:
            row = self._store.environment_row(connection, reference.name, lock=True)
            number = self._snapshot(connection, row, self._number(connection, row, reference), reference).version
            this = and_(labels.c.environment_id == row.id, labels.c.name == label)
            there = connection.execute(select(labels.c.version).where(this)).scalar()
            if was is not UNSTATED and there not in (was, number):
                raise label_moved(label, row.name, was, there, number)
            if not update_rows(connection, labels, this, version=number):
                insert_row(connection, labels, environment_id=row.id, name=label, version=number)
            self._store.record(connection, "label", f"{row.name}:{number}", {"label": label})
        return changed(Aspect.LABELS | Aspect.ENVIRONMENTS, reference.name)

    def unlabel(self, name: str, label: str) -> LibraryChange:
        """Remove a label. Raises `NotFound`."""
        with self._store.write() as connection:
            row = self._store.environment_row(connection, name)
            if not delete_rows(connection, labels, and_(labels.c.environment_id == row.id, labels.c.name == label)):
                raise _no_label(connection, row, label)
            self._store.record(connection, "unlabel", name, {"label": label})
        return changed(Aspect.LABELS | Aspect.ENVIRONMENTS, name)

    def describe(
        self,
        reference: Reference,
        *,
        description: str | None = None,
        tags: dict[str, str | None] | None = None,
        started: Environment | None = None,
    ) -> LibraryChange:
        """Change a version's description, or set and (with None) remove tags: all that may change of a version.

        `started` is the version as the caller knew it; raises `Conflict` if someone changed the same since,
        `NotFound`, and `InvalidInput` for a text that holds a secret.
        """
        if any(map(has_secret, (description or "", *(tags or ()), *(value or "" for value in (tags or {}).values())))):
            raise InvalidInput(
                "The text holds a password or token in clear text, which is never stored.",
                "Leave it out.",
                code="secret-value",
            )
        with self._store.write() as connection:
            row = self._store.environment_row(connection, reference.name, lock=True)
            known = self._snapshot(connection, row, self._number(connection, row, reference), reference)
            if started is not None:
                _refuse_other(known, started, description, tags or {})
            merged = {**dict(known.environment.tags), **(tags or {})}
            about = {
                "description": known.environment.description if description is None else description,
                "tags": json.dumps({key: value for key, value in sorted(merged.items()) if value is not None}),
            }
            set_about(connection, row.id, known.version, row.latest, about)
            self._store.record(connection, "describe", f"{row.name}:{known.version}", about)
        return changed(Aspect.VERSIONS | Aspect.ENVIRONMENTS, reference.name)

    def archive(self, reference: Reference, archived: bool = True) -> LibraryChange:
        """Mark one version as archived, or bring it back. Raises `NotFound`."""
        with self._store.write() as connection:
            row = self._store.environment_row(connection, reference.name, lock=True)
            number = self._snapshot(connection, row, self._number(connection, row, reference), reference).version
            this = and_(versions.c.environment_id == row.id, versions.c.number == number)
            update_rows(connection, versions, this, archived=archived)
            self._store.record(connection, "archive" if archived else "unarchive", f"{row.name}:{number}")
        return changed(Aspect.VERSIONS, reference.name)


def _refuse_other(
    known: Snapshot, started: Environment, description: str | None, tags: Mapping[str, str | None]
) -> None:
    """Raise `Conflict` for a description or tag that is to be changed and was changed since by someone else."""
    there, before = known.environment, dict(started.tags)
    if description not in (None, there.description) and there.description != started.description:
        raise about_changed(known.title, "description", there.description, description or "")
    for key, value in tags.items():
        theirs = dict(there.tags).get(key)
        if theirs not in (before.get(key), value):
            raise about_changed(known.title, f"tag {key}", theirs or "", value or "")


def _refuse_secrets(environment: Environment, text: str | None) -> None:
    """Nothing secret is ever stored, in a definition or in the text that it was written in. Raises `InvalidInput`."""
    fields = fields_with_passwords(environment)
    if fields:
        raise InvalidInput(
            f"{fields[0]} holds a password or token in clear text, which is never stored.",
            "Remove it, and keep the credential in the keyring or ~/.netrc; a variable can be made a secret.",
            code="secret-value",
        )
    if text and has_secret(text):
        raise InvalidInput(
            "A comment of the definition holds a password or token in clear text, which is never stored.",
            "Remove it.",
            code="secret-value",
        )


def _no_label(connection: Connection, row: Row[Any], label: str) -> NotFound:
    known = connection.execute(select(labels.c.name).where(labels.c.environment_id == row.id)).scalars()
    advice, remedy = near_or(label, known, "See its labels.", Remedy(Act.SHOW_VERSIONS, row.name))
    return NotFound(f"{row.name} has no label {label!r}.", advice, code="label-missing", subject=label, remedy=remedy)
