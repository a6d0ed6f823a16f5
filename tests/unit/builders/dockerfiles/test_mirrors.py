"""FROM lines name the mirrors of images; stages, build arguments and what no engine has are left."""

from __future__ import annotations

import pytest

from envstudio.builders.dockerfiles.dockerfile import with_mirrors
from envstudio.settings import Settings

SETTINGS = Settings(
    mirror_images={"docker.io": "mirror.example/hub", "python": "mirror.example/python", "base": "oci:/srv/base"}
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM python:3.11", "FROM mirror.example/python:3.11"),
        (
            "from --platform=linux/amd64 debian:1 as x",
            "from --platform=linux/amd64 mirror.example/hub/library/debian:1 as x",
        ),
        ("FROM debian:12 AS Build\nFROM build", "FROM mirror.example/hub/library/debian:12 AS Build\nFROM build"),
        ("FROM python AS python\nFROM python", "FROM mirror.example/python AS python\nFROM python"),
        ("ARG BASE=debian\nFROM ${BASE}", "ARG BASE=debian\nFROM ${BASE}"),
        ("FROM scratch\nFROM base:1", "FROM scratch\nFROM base:1"),
        ("RUN echo FROM python", "RUN echo FROM python"),
    ],
)
def test_from_lines(text: str, expected: str) -> None:
    assert with_mirrors(text, SETTINGS, None) == expected
