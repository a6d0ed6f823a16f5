"""What a build made: the image's identity and size, and the labels that tie it to its definition and lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from envstudio.report import Stage

LABEL = "io.envstudio."
OCI = "org.opencontainers.image."
LABEL_ENVIRONMENT = LABEL + "environment"
LABEL_DEFINITION = LABEL + "definition"
LABEL_LOCK = LABEL + "lock"
LABEL_BASE = LABEL + "base"
LABEL_RECIPE = LABEL + "recipe"
LABEL_PLATFORM = LABEL + "platform"
LABEL_PART = LABEL + "part"
"""Of a nameless image that goes ahead of the one it is part of, and is removed when that is there."""


@dataclass(frozen=True, slots=True)
class ImageIdentity:
    """The digests that decide whether an image can be reused instead of built."""

    definition: str
    lock: str
    base: str
    recipe: str
    platform: str

    def all_labels(self, name: str, base: str) -> dict[str, str]:
        """Return the labels of an image of an environment on a base: ours, and OCI's standard annotations.

        The version's number is not among them: the same lock and base give the same image, whatever number the
        version has in whose library. It stands in the tag, and in the annotations of a manifest.
        """
        standard = {
            "title": name,
            "base.name": base,
            "base.digest": self.base if self.base.startswith("sha256:") else "",
        }
        named = {f"{OCI}{key}": value for key, value in standard.items() if value}
        return {**named, **self.labels(), LABEL_ENVIRONMENT: name}

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
class LayerContents:
    """A layer of an image: its diff id, its size, and the sizes of the packages in it by name, all in bytes.

    A layer of the base has no packages; its size is 0 if it is unknown, because no layer is empty.
    """

    diff_id: str
    size: int
    packages: tuple[tuple[str, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the layer as the document that is stored and printed."""
        packages = [{"name": name, "size": size} for name, size in self.packages]
        return {"diff_id": self.diff_id, "size": self.size or None, "packages": packages}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> LayerContents:
        packages = tuple((item["name"], item["size"]) for item in document["packages"])
        return cls(document["diff_id"], document["size"] or 0, packages)


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The result of a build. Sizes are in bytes, uncompressed. `contents` are the layers, base first, if known."""

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
    contents: tuple[LayerContents, ...] = ()


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
    contents: tuple[LayerContents, ...] = ()
