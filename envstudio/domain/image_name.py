"""The names of images, taken apart as Docker does, and what the settings' mirrors put in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from envstudio.errors import InvalidInput
from envstudio.settings import mirror_of

DOCKER_HUB = "docker.io"
SCRATCH = "scratch"
OCI_LAYOUT = "oci:"
MMDEBSTRAP = "mmdebstrap:"


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image's name, taken apart: "registry.example:5000", "team/train", and a tag or "sha256:…" digest."""

    host: str
    repository: str
    reference: str

    def __str__(self) -> str:
        separator = "@" if ":" in self.reference else ":"
        return f"{self.host}/{self.repository}{separator}{self.reference}"


def parse_name(text: str) -> ImageName:
    """Take an image's name apart as Docker does: without a host it is Docker Hub's. Raises `InvalidInput`."""
    rest, _, digest = text.partition("@")
    first, slash, last = rest.partition("/")
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, last) if has_host else (DOCKER_HUB, rest)
    repository, colon, tag = path.rpartition(":") if ":" in path.rsplit("/", 1)[-1] else (path, "", "")
    if not repository or (colon and not tag) or ("@" in text and not digest.startswith("sha256:")):
        raise InvalidInput(f"{text!r} is not an image's name.", "Write [HOST/]NAME[:TAG] or NAME@sha256:….")
    if host == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return ImageName(host, repository, digest or tag or "latest")


def is_image_name(source: str) -> bool:
    """Tell whether a base is named as registries name images: not `scratch`, an OCI layout or an archive."""
    return source != SCRATCH and not source.startswith((OCI_LAYOUT, MMDEBSTRAP))


def mirrored_image(source: str, mirrors: Mapping[str, str]) -> str:
    """Return a base with the longest mirrored prefix of its name replaced; the base itself where none matches.

    The name counts as it is written, then in whole: "docker.io/library/python:3.11". A mirror that is no name, such as
    an OCI layout, is one image and takes the place of every tag.
    """
    found = mirror_of(source, mirrors) or mirror_of(_whole(source), mirrors)
    if found is None:
        return source
    mirror, rest = found
    return mirror.rstrip("/") + rest if rest and is_image_name(mirror) else mirror


def _whole(source: str) -> str:
    try:
        return str(parse_name(source)) if is_image_name(source) else source
    except InvalidInput:
        return source
