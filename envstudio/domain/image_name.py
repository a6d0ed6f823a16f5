"""The names of images, taken apart as Docker does, and what the settings' mirrors put in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from envstudio.errors import InvalidInput
from envstudio.settings import mirror_of

DOCKER_HUB = "docker.io"
SCRATCH = "scratch"
OCI_LAYOUT = "oci:"
MMDEBSTRAP = "mmdebstrap:"
OLD_DOCKER_HUB = "index.docker.io"
MAX_LENGTH = 255
"""Characters of host and path, as in Docker's reference grammar (github.com/distribution/reference)."""

NAME = re.compile(
    r"(?P<path>[^@]+?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
IMAGE_ID = re.compile(r"[0-9a-f]{64}")
HOST = re.compile(
    r"(?:(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
    r"(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
)
REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")


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
    found = NAME.fullmatch(text)
    if found is None:
        raise _not_a_name(text)
    first, slash, rest = found["path"].partition("/")
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, repository = (first, rest) if has_host else (DOCKER_HUB, found["path"])
    host = DOCKER_HUB if host == OLD_DOCKER_HUB else host
    is_id = IMAGE_ID.fullmatch(text) is not None
    fits = REPOSITORY.fullmatch(repository) and HOST.fullmatch(host) and len(f"{host}/{repository}") <= MAX_LENGTH
    if is_id or not fits:
        raise _not_a_name(text)
    if host == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    return ImageName(host, repository, found["digest"] or found["tag"] or "latest")


def _not_a_name(text: str) -> InvalidInput:
    """Return the error for a text that names no image, with what is wrong with it if known."""
    advice = "Write [HOST/]NAME[:TAG] or NAME@sha256:…."
    if "://" in text:
        advice = "Leave out what stands before the host: registry.example/team/train:1."
    elif IMAGE_ID.fullmatch(text):
        advice = f"Write an image's id as sha256:{text[:12]}…."
    elif "$" in text:
        advice = "Write the name itself; variables are not filled in here."
    elif text != text.lower():
        advice = "Write its path in lower case, as in team/train:1."
    return InvalidInput(f"{text!r} is not an image's name.", advice, code="invalid-image-name", subject=text)


def checked_tag(text: str) -> str:
    """Return a name that an image can be given: one without a digest. Raises `InvalidInput`."""
    if "@" in text:
        raise InvalidInput(
            f"{text!r} names an image by its digest, which cannot be chosen.",
            "Write [HOST/]NAME[:TAG].",
            code="invalid-image-name",
            subject=text,
        )
    parse_name(text)
    return text


def checked_base(text: str) -> str:
    """Return what an image can start from: a name, `scratch`, an OCI layout or a recipe of mmdebstrap.

    Raises `InvalidInput`.
    """
    if is_image_name(text):
        parse_name(text)
    elif text != SCRATCH and not text.partition(":")[2].strip():
        raise InvalidInput(
            f"{text!r} names no base image.",
            "Write oci:FOLDER or mmdebstrap:SUITE.",
            code="invalid-image-name",
            subject=text,
        )
    return text


def is_image_name(source: str) -> bool:
    """Return whether a base is named as registries name images: not `scratch`, an OCI layout or an archive."""
    return source != SCRATCH and not source.startswith((OCI_LAYOUT, MMDEBSTRAP))


def mirrored_image(source: str, mirrors: Mapping[str, str]) -> str:
    """Return a base with the longest mirrored prefix of its name replaced; the base itself where none matches.

    The name counts in all its spellings: "python:3.11" is "docker.io/library/python:3.11". A mirror that is not a name,
    such as an OCI layout, is one image and replaces every tag.
    """
    whole = _whole(source)
    spellings = (source, whole, whole.removeprefix("docker.io/"), whole.removeprefix("docker.io/library/"))
    found = [match for match in (mirror_of(name, mirrors) for name in spellings) if match is not None]
    if not found:
        return source
    mirror, rest = min(found, key=lambda match: len(match[1]))
    return mirror.rstrip("/") + rest if rest and is_image_name(mirror) else mirror


def _whole(source: str) -> str:
    try:
        return str(parse_name(source)) if is_image_name(source) else source
    except InvalidInput:
        return source
