"""Base images that are made here."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_parts import BaseImage, Heard

from envstudio.builders import bases
from envstudio.errors import EnvStudioError, InvalidInput, Unavailable
from envstudio.settings import Settings


def test_the_same_archive_gives_the_same_bytes_whatever_the_environment(
    base: BaseImage, heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bases.find(base.source, "linux/amd64", Settings(), None, heard)
    assert first.python is not None
    assert first.python[1] == base.python
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("EDITOR", "vi")
    assert bases.find(base.source, "linux/amd64", Settings(), None, heard).digest == first.digest


@pytest.mark.parametrize("source", ["mmdebstrap:", "mmdebstrap:../etc", "oci:nowhere"])
def test_malformed_sources_are_refused(source: str, heard: Heard) -> None:
    with pytest.raises(InvalidInput):
        bases.find(source, "linux/amd64", Settings(), None, heard)


def test_a_suite_that_does_not_exist_is_said(base: BaseImage, heard: Heard) -> None:
    with pytest.raises(EnvStudioError, match="No base image could be made"):
        bases.find("mmdebstrap:nosuchsuite", "linux/amd64", Settings(), None, heard)


def test_a_registry_that_cannot_be_reached_is_said(heard: Heard) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        bases.find("127.0.0.1:9/python:3.11", "linux/amd64", Settings(), None, heard)
