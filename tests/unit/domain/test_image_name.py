"""Mirrors of images: prefixes of a name as it is written or in whole, and places that are one image."""

from __future__ import annotations

import pytest

from envstudio.domain.image_name import checked_base, checked_tag, is_image_name, mirrored_image, parse_name
from envstudio.errors import InvalidInput

DIGEST = "sha256:" + "0" * 64
ARCHIVE = "mmdebstrap:bookworm?include=python3"
MIRRORS = {
    "docker.io": "mirror.example/hub",
    "python": "mirror.example/python",
    "pypy": ARCHIVE,
    "registry.example/base": "oci:/srv/base",
    "registry.example/empty": "scratch",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("python:3.11-slim", "mirror.example/python:3.11-slim"),
        ("python", "mirror.example/python"),
        ("debian", "mirror.example/hub/library/debian:latest"),
        ("team/train:1", "mirror.example/hub/team/train:1"),
        ("docker.io/library/debian:12", "mirror.example/hub/library/debian:12"),
        (f"debian@{DIGEST}", f"mirror.example/hub/library/debian@{DIGEST}"),
        ("pypy:3.11", ARCHIVE),
        ("registry.example/base:1", "oci:/srv/base"),
        ("registry.example/empty:1", "scratch"),
        ("registry.example/other:1", "registry.example/other:1"),
        ("scratch", "scratch"),
        ("oci:/srv/other", "oci:/srv/other"),
        (ARCHIVE, ARCHIVE),
        ("no name:", "no name:"),
    ],
)
def test_mirrored_images(source: str, expected: str) -> None:
    assert mirrored_image(source, MIRRORS) == expected
    assert mirrored_image(source, {}) == source


def test_what_is_named_as_in_a_registry() -> None:
    assert is_image_name("python:3.11")
    assert not [source for source in ("scratch", "oci:/srv/base", ARCHIVE) if is_image_name(source)]


DOCKER_TAKES = (
    "python", "python:3.12", "team/train:1", "localhost/train", "localhost:5000/a", "registry.example:5000/a/b:2",
    "registry/a", "a__b", "a--b", "a:_x", "a:" + "x" * 128, "index.docker.io/a", "a.b/c", "a.b", "x" * 64, "a_b/c",
    "1.2/3", "A.b/c:1", "xn--n3h.com/a", "a:B",
)  # fmt: skip
DOCKER_REFUSES = (
    "Python", "Team/train:1", "REG/a", "a..b", "a___b", "a-", "-a", "a/b/", "/a", "a//b", "a:", ":x", "a:.x",
    "a:" + "x" * 129, "a@sha256:00", "host:port/a", "f" * 64, "a b", "ab.c/D", "a" * 260, "a/" + "b" * 254, "a.-b",
)  # fmt: skip
"""What `docker tag` of Docker 20.10 answers to these names."""


@pytest.mark.parametrize("name", DOCKER_TAKES)
def test_names_that_docker_takes(name: str) -> None:
    assert checked_tag(name) == checked_base(name) == name
    assert str(parse_name(str(parse_name(name)))) == str(parse_name(name))


@pytest.mark.parametrize("name", DOCKER_REFUSES)
def test_names_that_docker_refuses(name: str) -> None:
    for checked in (parse_name, checked_base, *(() if "@" in name else (checked_tag,))):
        with pytest.raises(InvalidInput, match="is not an image's name"):
            checked(name)


def test_a_digest_is_of_a_base_and_not_of_a_tag() -> None:
    assert checked_base(f"python:3.12@{DIGEST}") == f"python:3.12@{DIGEST}"
    with pytest.raises(InvalidInput, match="digest"):
        checked_tag(f"python@{DIGEST}")
    for source in ("scratch", "oci:/srv/base", ARCHIVE):
        assert checked_base(source) == source
    for source in ("oci:", "mmdebstrap: "):
        with pytest.raises(InvalidInput, match="names no base image"):
            checked_base(source)
