"""The images that builds made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, false, or_, select

from envstudio.domain.change import Aspect, LibraryChange, changed
from envstudio.domain.image import BuiltImage, ImageRecord, LayerContents
from envstudio.library.journal import delete_rows, insert_row, update_rows
from envstudio.library.store import Store, now
from envstudio.library.tables import environments, images

NAMING = ("docker", "registry")
"""Where an image is put that a name there means from then on; files have names of their own."""


class Images:
    """The images of the store's workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, name: str, version: int, image: BuiltImage, *, definition: str, lock: str) -> LibraryChange:
        """Remember an image; the same image of the same version is kept once.

        A reused image brings no contents; they and its size are those of the build that made it. Names that it had
        before stay, and those that it is given now are no other image's any more.
        """
        with self._store.write() as connection:
            row = self._store.environment_row(connection, name)
            contents, size = json.dumps([layer.to_json() for layer in image.contents]), image.size
            if not image.contents:
                made = select(images.c.contents, images.c.size).where(images.c.image_id == image.image_id)
                known = connection.execute(made.order_by(images.c.id.desc())).first()
                contents, size = (known.contents, known.size) if known else (contents, size)
            same = (
                (images.c.environment_id == row.id)
                & (images.c.version == version)
                & (images.c.image_id == image.image_id)
            )
            named = [json.loads(text) for text in connection.execute(select(images.c.tags).where(same)).scalars()]
            tags = list(dict.fromkeys(tag for names in (*named, image.tags) for tag in names))
            delete_rows(connection, images, same)
            others = _without_names(connection, image.image_id, image.tags) if image.output in NAMING else ()
            insert_row(
                connection,
                images,
                environment_id=row.id,
                version=version,
                image_id=image.image_id,
                digest=image.digest,
                tags=json.dumps(tags),
                size=size,
                layers=image.layers,
                contents=contents,
                builder=image.builder,
                definition_digest=definition,
                lock_digest=lock,
                created_at=now(),
            )
            self._store.record(connection, "image.add", f"{name}:{version}", {"image": image.image_id})
        return changed(Aspect.IMAGES | Aspect.ENVIRONMENTS, name, *others)

    def name(self, image_id: str, names: Sequence[str]) -> LibraryChange:
        """Note names that an image of the workspace was given; they are no other image's any more."""
        if not names:
            return LibraryChange()
        with self._store.write() as connection:
            workspace = self._store.workspace_id(connection)
            query = select(images.c.id, images.c.tags, environments.c.name).join(environments)
            query = query.where(environments.c.workspace_id == workspace, images.c.image_id == image_id)
            rows = connection.execute(query).all()
            for row in rows:
                tags = list(dict.fromkeys((*json.loads(row.tags), *names)))
                update_rows(connection, images, images.c.id == row.id, tags=json.dumps(tags))
            others = _without_names(connection, image_id, names)
            for name in sorted({row.name for row in rows} | others):
                self._store.record(connection, "image.name", name, {"image": image_id, "names": list(names)})
        return changed(Aspect.IMAGES, *(row.name for row in rows), *others)

    def forget(self, image_id: str) -> LibraryChange:
        """Forget an image of the workspace; it is no longer in the engine."""
        with self._store.write() as connection:
            workspace = self._store.workspace_id(connection)
            query = select(images.c.id, environments.c.name).join(environments)
            query = query.where(environments.c.workspace_id == workspace, images.c.image_id == image_id)
            rows = connection.execute(query).all()
            delete_rows(connection, images, images.c.id.in_([row.id for row in rows]))
            for name in sorted({row.name for row in rows}):
                self._store.record(connection, "image.remove", name, {"image": image_id})
        return changed(Aspect.IMAGES | Aspect.ENVIRONMENTS, *sorted({row.name for row in rows}))

    def list(self, name: str | None = None, version: int | None = None) -> tuple[ImageRecord, ...]:
        """Return images, newest first."""
        with self._store.read() as connection:
            query = (
                select(images, environments.c.name)
                .join(environments)
                .where(
                    environments.c.workspace_id == self._store.workspace_id(connection),
                    environments.c.deleted_at.is_(None),
                )
                .order_by(images.c.id.desc())
            )
            if name is not None:
                query = query.where(environments.c.id == self._store.environment_row(connection, name).id)
            if version is not None:
                query = query.where(images.c.version == version)
            return tuple(_record(row) for row in connection.execute(query))


def _without_names(connection: Connection, image_id: str, names: Sequence[str]) -> frozenset[str]:
    """Take an image's names from all others, as an engine does, and return the environments of those that had one."""
    having = (images.c.tags.contains(json.dumps(name), autoescape=True) for name in names)
    query = select(images.c.id, images.c.tags, environments.c.name).join(environments)
    found = connection.execute(query.where(images.c.image_id != image_id, or_(false(), *having))).all()
    for row in found:
        left = [tag for tag in json.loads(row.tags) if tag not in names]
        update_rows(connection, images, images.c.id == row.id, tags=json.dumps(left))
    return frozenset(row.name for row in found)


def _record(row: Row[Any]) -> ImageRecord:
    return ImageRecord(
        row.id,
        row.name,
        row.version,
        row.image_id,
        row.digest,
        tuple(json.loads(row.tags)),
        row.size,
        row.layers,
        row.builder,
        row.definition_digest,
        row.lock_digest,
        row.created_at,
        tuple(LayerContents.from_json(item) for item in json.loads(row.contents)),
    )
