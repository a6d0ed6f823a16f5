"""Here-documents are refused by what would run their lines as instructions."""

from __future__ import annotations

from typing import Any

import pytest

from envstudio.builders.builder import BuildRequest, DockerfileOptions
from envstudio.builders.dockerfiles.here_documents import refuse_here_documents
from envstudio.domain.environment import Environment
from envstudio.engine import EngineInfo
from envstudio.errors import InvalidInput
from envstudio.settings import Settings

TEXT = "FROM base:1\nRUN <<EOF\necho\nEOF\n"


class Answering:
    """What is asked of an engine here."""

    def __init__(self, version: str) -> None:
        self._version = version

    def info(self) -> EngineInfo:
        return EngineInfo("here", self._version, "overlay2", False, "linux/amd64")


def is_taken(version: str, text: str, *, with_buildkit: bool = True, instance: str = "") -> bool:
    engine: Any = Answering(version)
    options = DockerfileOptions(instance=instance)
    request = BuildRequest(Environment("x"), 1, "", None, Settings(), engine, ("x:1",), options=options)
    try:
        refuse_here_documents(text, request, with_buildkit=with_buildkit)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize(("version", "taken"), [("20.10.24+dfsg1", False), ("23.0.1", True), ("28.2.2", True)])
def test_the_engine_s_own_frontend(version: str, taken: bool) -> None:
    assert is_taken(version, TEXT) is taken
    assert is_taken(version, "FROM base:1\nRUN echo $((1 << 2))\n")


@pytest.mark.parametrize(
    ("syntax", "taken"),
    [("1", True), ("1.4", True), ("1.3", False), ("1.2.1", False), ("1.4-labs", True), ("1-labs", True)],
)
def test_a_frontend_that_is_named(syntax: str, taken: bool) -> None:
    assert is_taken("20.10.24", f"# syntax=docker/dockerfile:{syntax}\n{TEXT}") is taken


def test_a_builder_of_its_own_has_a_newer_frontend() -> None:
    assert is_taken("20.10.24", TEXT, instance="builder")


@pytest.mark.parametrize(
    ("version", "taken"), [("28.2.2", False), ("20.10.24", False), ("4.3.1", False), ("5.0.0", True)]
)
def test_the_engine_s_own_builder(version: str, taken: bool) -> None:
    assert is_taken(version, f"# syntax=docker/dockerfile:1\n{TEXT}", with_buildkit=False) is taken
