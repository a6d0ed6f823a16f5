"""The names of images, taken apart as Docker does."""

from __future__ import annotations

from dataclasses import dataclass

from envstudio.errors import InvalidInput

DOCKER_HUB = "docker.io"


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
