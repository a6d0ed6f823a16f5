"""compare two images: what they start from and hold, and their sizes by layer and by package."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from envstudio.domain import diff
from envstudio.domain.amounts import size_text
from envstudio.domain.diff import Section
from envstudio.domain.image import ImageRecord
from envstudio.domain.image_comparison import ImageComparison, ImageRow, Part
from envstudio.domain.lock import Lock
from envstudio.library import Library, Snapshot
from envstudio.presentation.names import listed
from envstudio.report import Report

CONFIGURATION = (Section.IMAGE, Section.VARIABLES, Section.PYTHON, Section.SPARK, Section.SERVING, Section.GPU)
DIGITS = 19
UNKNOWN = "unknown"
"""The size of a layer that the engine does not tell."""


def compare_images(library: Library, old: Snapshot, new: Snapshot, *, report: Report) -> ImageComparison:
    """Compare the newest images of two versions; without images, their definitions and the sizes of their locks."""
    report.raise_if_cancelled()
    sides = [_Side(library, old), _Side(library, new)]
    before, after = sides
    measured = bool(before.contents and after.contents)
    platform = _shared_platform(before.lock, after.lock)
    sizes = [side.package_sizes(measured, platform) for side in sides]
    rows = [
        *_facts(before, after),
        *(
            ImageRow(Part.CONFIGURATION, f"{row.section} {row.name}".strip(), row.old or "", row.new or "")
            for row in diff.compare(old.environment, new.environment)
            if row.section in CONFIGURATION
        ),
        *(_layers(before, after) if measured else ()),
        *(_sizes(Part.PACKAGE, *sizes) if all(sizes) else ()),
    ]
    return ImageComparison(tuple(rows), before.image is not None, after.image is not None, measured)


class _Side:
    """A version with its newest image and its lock."""

    def __init__(self, library: Library, snapshot: Snapshot) -> None:
        name, known = snapshot.environment.name, not snapshot.reference.curated and snapshot.version > 0
        known = known and library.environments.exists(name)
        stored = _images_of(library, snapshot) if known and not snapshot.reference.is_draft else ()
        record = library.locks.find(name, snapshot.digest) if known else None
        self.environment = snapshot.environment
        self.image: ImageRecord | None = stored[0] if stored else None
        self.lock: Lock | None = record.lock if record is not None else None
        self.contents: tuple[Mapping[str, Any], ...] = contents_of(self.image)

    def package_sizes(self, measured: bool, platform: str) -> dict[str, int]:
        """Return the bytes of each package: as measured in the image, else as it is downloaded for a platform."""
        if measured:
            sizes: dict[str, int] = {}
            for layer in self.contents:
                for package in layer.get("packages", ()):
                    name = str(package.get("name", ""))
                    sizes[name] = sizes.get(name, 0) + int(package.get("size", 0))
            return sizes
        if self.lock is None or not platform:
            return {}
        return {package.name: package.size for package in self.lock.platform(platform).packages if package.size}


def _images_of(library: Library, snapshot: Snapshot) -> tuple[ImageRecord, ...]:
    """Return the images of a version, else those of a version that is the same, newest first."""
    name = snapshot.environment.name
    of_version = library.images.list(name, snapshot.version)
    same = (image for image in library.images.list(name) if image.definition_digest == snapshot.digest)
    return of_version or tuple(same)


def _shared_platform(old: Lock | None, new: Lock | None) -> str:
    """Return the first platform of the newer lock that the older one covers too; empty if there is none."""
    if old is None or new is None:
        return ""
    return next((name for name in new.platform_names if name in old.platform_names), "")


def contents_of(image: ImageRecord | None) -> tuple[Mapping[str, Any], ...]:
    """Return the layers that an image was stored with, each with `size` and `packages`; none for older images."""
    found = getattr(image, "contents", None) or ()
    if isinstance(found, str):
        found = json.loads(found)
    return tuple(layer for layer in found if isinstance(layer, Mapping))


def _facts(old: _Side, new: _Side) -> Iterable[ImageRow]:
    images = (old.image, new.image)

    def row(name: str, *texts: str, grown: int = 0) -> ImageRow:
        return ImageRow(Part.IMAGE, name, texts[0], texts[1], grown)

    yield row("base", *(_start(side) for side in (old, new)))
    yield row("platform", *(side.environment.image.platform for side in (old, new)))
    if any(images):
        sizes = [image.size if image else 0 for image in images]
        grown = sizes[1] - sizes[0] if all(images) else 0
        yield row("size", *(size_text(size) if size else "" for size in sizes), grown=grown)
        yield row("layers", *(str(image.layers) if image else "" for image in images))
        yield row("builder", *(image.builder if image else "" for image in images))
        yield row("digest", *(image.digest[:DIGITS] if image else "" for image in images))
        yield row("lock", *(image.lock_digest[:DIGITS] if image else "" for image in images))
        yield row("built", *(f"{image.created_at:%Y-%m-%d %H:%M} UTC" if image else "" for image in images))


def _start(side: _Side) -> str:
    image = side.environment.image
    return "a Dockerfile of its own" if image.dockerfile else image.context.location if image.context else image.base


def _layers(old: _Side, new: _Side) -> Iterable[ImageRow]:
    """Return the layers that only one image has, then how many both share."""
    sides = [{str(layer.get("diff_id", "")): layer for layer in side.contents} for side in (old, new)]
    for number, (mine, other) in enumerate(((sides[0], sides[1]), (sides[1], sides[0]))):
        for key, layer in mine.items():
            if key not in other:
                size = int(layer.get("size") or 0)
                shown = size_text(size) if size else UNKNOWN
                texts = (shown, "") if number == 0 else ("", shown)
                yield ImageRow(Part.LAYER, _layer_name(layer), *texts, -size if number == 0 else size)
    shared = sides[0].keys() & sides[1].keys()
    if shared:
        sizes = [int(sides[0][key].get("size") or 0) for key in shared]
        text = size_text(sum(sizes)) if all(sizes) else UNKNOWN
        yield ImageRow(Part.LAYER, f"{len(shared)} in both", text, text)


def _layer_name(layer: Mapping[str, Any]) -> str:
    packages = sorted(layer.get("packages", ()), key=lambda item: -int(item.get("size", 0)))
    names = [str(item.get("name", "")) for item in packages]
    if not names:
        return str(layer.get("title") or layer.get("diff_id", ""))[:DIGITS]
    return listed(names, 1)


def _sizes(part: Part, old: Mapping[str, int], new: Mapping[str, int]) -> list[ImageRow]:
    """Return what grew, shrank, came and went, the greatest difference first."""
    rows = [
        ImageRow(
            part,
            name,
            size_text(old[name]) if name in old else "",
            size_text(new[name]) if name in new else "",
            new.get(name, 0) - old.get(name, 0),
        )
        for name in old.keys() | new.keys()
        if old.get(name) != new.get(name)
    ]
    return sorted(rows, key=lambda row: (-abs(row.grown), row.name))
