"""What a build made: the image's identity and size, and the labels that tie it to its definition and lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from envstudio.report import Stage

LABEL = "io.envstudio."
LABEL_ENVIRONMENT = LABEL + "environment"
LABEL_VERSION = LABEL + "version"
LABEL_DEFINITION = LABEL + "definition"
LABEL_LOCK = LABEL + "lock"
LABEL_BASE = LABEL + "base"
LABEL_RECIPE = LABEL + "recipe"
LABEL_PLATFORM = LABEL + "platform"


@dataclass(frozen=True, slots=True)
class ImageIdentity:
    """The digests that decide whether an image can be reused instead of built."""

    definition: str
    lock: str
    base: str
    recipe: str
    platform: str

    def labels(self) -> dict[str, str]:
        return {
            LABEL_DEFINITION: self.definition,
            LABEL_LOCK: self.lock,
            LABEL_BASE: self.base,
            LABEL_RECIPE: self.recipe,
            LABEL_PLATFORM: self.platform,
        }

    def differences(self, labels: dict[str, str]) -> tuple[str, ...]:
        """Name the parts in which an image with these labels is not this one."""
        return tuple(key.removeprefix(LABEL) for key, value in self.labels().items() if value != labels.get(key, ""))


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The result of a build. Sizes are in bytes, uncompressed."""

    reference: str
    image_id: str
    digest: str
    tags: tuple[str, ...]
    builder: str
    reused: bool
    seconds: float
    stages: tuple[Stage, ...]
    size: int
    layers: int
    layers_sent: int
    output: str = "docker"


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image as the library remembers it. Times are UTC."""

    id: int
    environment: str
    version: int
    image_id: str
    digest: str
    tags: tuple[str, ...]
    size: int
    layers: int
    builder: str
    definition_digest: str
    lock_digest: str
    created_at: datetime
