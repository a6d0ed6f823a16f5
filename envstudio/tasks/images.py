"""images: what builds made, whether the engine has it still, and what is in it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from envstudio.domain.image import LABEL_DEFINITION, ImageRecord
from envstudio.domain.reference import parse_reference
from envstudio.engine import Engine, connect
from envstudio.errors import Act, InvalidInput, NotFound, Remedy, Unavailable
from envstudio.library import Library, Snapshot
from envstudio.settings import Settings

SHORTEST_ID = 6


@dataclass(frozen=True, slots=True)
class ListedImage:
    """A remembered image; `in_engine` is None if no engine answers."""

    record: ImageRecord
    in_engine: bool | None

    def to_json(self) -> dict[str, Any]:
        """Return the image as the document that `--json` prints."""
        record = self.record
        return {
            "ref": f"{record.environment}:{record.version}",
            "image_id": record.image_id,
            "tags": list(record.tags),
            "size": record.size,
            "created_at": record.created_at.isoformat(),
            "builder": record.builder,
            "in_engine": self.in_engine,
        }


def images(library: Library, settings: Settings, reference: str | None = None) -> tuple[ListedImage, ...]:
    """Return the remembered images, newest first. Raises `NotFound` for an unknown reference."""
    parsed = parse_reference(reference) if reference else None
    records = library.images.list(parsed.name if parsed else None, parsed.version if parsed else None)
    present = _in_engine(settings) if records else set()
    return tuple(ListedImage(item, None if present is None else item.image_id in present) for item in records)


def _in_engine(settings: Settings) -> set[str] | None:
    """Return the ids of our images in the engine; None if it does not answer."""
    with contextlib.suppress(Unavailable), connect(settings.engine) as engine:
        return {image.image_id for image in engine.labelled({LABEL_DEFINITION: ""})}
    return None


def find_image(library: Library, text: str) -> ImageRecord:
    """Return the image that a name of one, the beginning of an id, or a version means: of a version, the newest.

    Raises `NotFound`, `InvalidInput`.
    """
    records = library.images.list()
    bare = text.removeprefix("sha256:").lower()
    by_tag = [item for item in records if text in item.tags]
    by_id = {
        item.image_id: item
        for item in reversed(records)
        if len(bare) >= SHORTEST_ID and item.image_id.removeprefix("sha256:").startswith(bare)
    }
    if by_tag:
        return by_tag[0]
    if len(by_id) > 1:
        raise InvalidInput(f"{text} is the beginning of {len(by_id)} images' ids.", "Write more of it.")
    if by_id:
        return next(iter(by_id.values()))
    try:
        snapshot = library.find(text)
    except (InvalidInput, NotFound) as error:
        raise NotFound(
            f"There is no image {text}.",
            "See which there are.",
            code="image-not-built",
            subject=text,
            remedy=Remedy(Act.LIST_IMAGES),
        ) from error
    of_version = [
        item for item in records if (item.environment, item.version) == (snapshot.environment.name, snapshot.version)
    ]
    if not of_version:
        raise NotFound(
            f"{snapshot.title} has no image.",
            "Build it.",
            code="image-not-built",
            subject=str(snapshot.reference),
            remedy=Remedy(Act.BUILD, str(snapshot.reference)),
        )
    return of_version[0]


def ready_image(library: Library, settings: Settings, snapshot: Snapshot) -> str:
    """Return the id of the newest image that a version has in the engine, made of its lock as it is; else nothing."""
    known = library.locks.find(snapshot.environment.name, snapshot.digest)
    digest = known.lock.digest if known else ""
    records = library.images.list(snapshot.environment.name, snapshot.version)
    fitting = [
        item for item in records if item.definition_digest == snapshot.digest and item.lock_digest in ("", digest)
    ]
    present = _in_engine(settings) or set() if fitting else set()
    return next((item.image_id for item in fitting if item.image_id in present), "")


def connected(settings: Settings, record: ImageRecord) -> Engine:
    """Return the engine that has an image. Raises `NotFound`, `Unavailable`."""
    engine = connect(settings.engine)
    if engine.find(record.image_id) is None:
        engine.close()
        raise NotFound(
            f"The image of {record.environment}:{record.version} is no longer in the engine.",
            "Build it again.",
            code="image-missing-in-engine",
            remedy=Remedy(Act.BUILD, f"{record.environment}:{record.version}"),
        )
    return engine
