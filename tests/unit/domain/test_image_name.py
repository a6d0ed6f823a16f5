"""Mirrors of images: prefixes of a name as it is written or in whole, and places that are one image."""

from __future__ import annotations

import pytest

from envstudio.domain.image_name import is_image_name, mirrored_image

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
        ("debian@sha256:00", "mirror.example/hub/library/debian@sha256:00"),
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
