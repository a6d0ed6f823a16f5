"""images: what was built, and whether the engine still has it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from envstudio.domain.image import LABEL_DEFINITION, ImageRecord
from envstudio.domain.reference import parse_reference
from envstudio.engine import connect
from envstudio.errors import Unavailable
from envstudio.library import Library
from envstudio.settings import Settings


@dataclass(frozen=True, slots=True)
class ListedImage:
    """A remembered image; `in_engine` is None where no engine answers."""

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
    """Return the ids of our images in the engine; None where it does not answer."""
    with contextlib.suppress(Unavailable):
        engine = connect(settings.engine)
        try:
            return {image.image_id for image in engine.labelled({LABEL_DEFINITION: ""})}
        finally:
            engine.close()
    return None
