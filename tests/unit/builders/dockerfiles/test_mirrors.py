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
        ("ARG BASE=python:3.11\nFROM ${BASE}", "ARG BASE=python:3.11\nFROM mirror.example/python:3.11"),
        ("ARG V=3\nARG W=${V}.11\nFROM python:$W-slim", "ARG V=3\nARG W=${V}.11\nFROM mirror.example/python:3.11-slim"),
        ("FROM python:${V:-3.12}", "FROM mirror.example/python:3.12"),
        ("ARG BASE\nFROM ${BASE}", "ARG BASE\nFROM ${BASE}"),
        ("FROM base AS a\nARG BASE=python\nFROM ${BASE}", "FROM base AS a\nARG BASE=python\nFROM ${BASE}"),
        (
            "FROM \\\n  # the base\n\n  python:3 AS \\\n x",
            "FROM \\\n  # the base\n\n  mirror.example/python:3 AS \\\n x",
        ),
        ("FROM pyth\\\non:3", "FROM mirror.example/python:3"),
        ("FROM docker.io/library/python:3", "FROM mirror.example/python:3"),
        ("FROM base AS b\nCOPY --from=python:3 /a /b", "FROM base AS b\nCOPY --from=mirror.example/python:3 /a /b"),
        ("FROM base AS b\nCOPY --chown=1 --from=B /a /b\nCOPY --from=0 /a /b", None),
        (
            "FROM base\nRUN --mount=type=bind,from=python:3,target=/x make --from=python:3",
            "FROM base\nRUN --mount=type=bind,from=mirror.example/python:3,target=/x make --from=python:3",
        ),
        ("FROM base\nRUN <<EOF\nFROM python:3\nCOPY --from=python:3 a b\nEOF\n", None),
        (
            "FROM base\nCOPY <<-'X' /a\n\tFROM python:3\n\tX\nFROM python:3\n",
            "FROM base\nCOPY <<-'X' /a\n\tFROM python:3\n\tX\nFROM mirror.example/python:3\n",
        ),
        (
            "FROM base\nRUN echo 1 << 2 \\\\\nFROM python:3",
            "FROM base\nRUN echo 1 << 2 \\\\\nFROM mirror.example/python:3",
        ),
        ("# escape=`\nFROM `\r\n  python:3\r\n", "# escape=`\nFROM `\r\n  mirror.example/python:3\r\n"),
        (
            "# syntax=docker/dockerfile:1\nFROM base:1",
            "# syntax=mirror.example/hub/docker/dockerfile:1\nFROM base:1",
        ),
        ("FROM scratch\nFROM base:1", "FROM scratch\nFROM base:1"),
        ("RUN echo FROM python", "RUN echo FROM python"),
    ],
)
def test_from_lines(text: str, expected: str | None) -> None:
    assert with_mirrors(text, SETTINGS, None) == (text if expected is None else expected)


def test_arguments_of_the_build_count() -> None:
    text = "ARG BASE=debian\nFROM ${BASE}"
    assert with_mirrors(text, SETTINGS, None, {"BASE": "python:3"}).endswith("FROM mirror.example/python:3")
