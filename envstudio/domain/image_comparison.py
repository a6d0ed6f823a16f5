"""What a comparison of two images found, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """The parts of the comparison, in their order."""

    IMAGE = "Image"
    CONFIGURATION = "Configuration"
    LAYER = "Layer"
    PACKAGE = "Package"


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One fact of both images; `grown` is in bytes. An empty text means that a side has no such thing."""

    part: Part
    name: str
    old: str
    new: str
    grown: int = 0

    @property
    def same(self) -> bool:
        return self.old == self.new


@dataclass(frozen=True, slots=True)
class ImageComparison:
    """The rows, and whether each side has an image. `measured` tells sizes in the image from those of downloads."""

    rows: tuple[ImageRow, ...] = ()
    old_built: bool = False
    new_built: bool = False
    measured: bool = False
