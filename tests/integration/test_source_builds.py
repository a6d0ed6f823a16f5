"""Packages without a wheel, from an sdist and from Git, are built on this machine and go into an image."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from real_parts import BASE, BaseImage, Heard

from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.engine import Engine
from envstudio.errors import BuildFailed, InvalidInput
from envstudio.library import Library
from envstudio.packages.source_builds import with_wheels
from envstudio.settings import Settings
from envstudio.tasks.build import build
from envstudio.tasks.lock import lock
from envstudio.tasks.run import run

PROJECT = """[project]
name = "tiny-tool"
version = "1.0"
[project.scripts]
tiny-tool = "tiny_tool:main"
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
"""


@pytest.fixture
def repository(tmp_path: Path) -> str:
    """Return a requirement of a package in a Git repository."""
    folder = tmp_path / "tiny-tool"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "tiny_tool.py").write_text('def main():\n    print("tiny but real")\n')
    for words in (
        ("init", "--quiet"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "x"),
    ):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    return f"tiny-tool @ git+{folder.as_uri()}"


def test_an_sdist_and_a_commit_are_built_and_run(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, heard: Heard, repository: str
) -> None:
    pip = (pip_requirement("cowsay==5.0"), pip_requirement(repository))  # of 5.0 there is an sdist only
    library.versions.register(Environment("source", Python(version=base.python, pip=pip), Image(base=BASE)))
    found = lock(library, settings, "source", report=heard).lock.platforms[0]
    assert not any(item.file_name.endswith(".whl") for item in found.packages)
    image = build(library, settings, "source", report=heard).image
    assert image.builder == "direct"
    assert "build wheels" in {stage.name for stage in image.stages}
    assert run(library, settings, "source", ["tiny-tool"], target="docker", report=heard).exit_code == 0
    assert "tiny but real" in heard.text
    again = build(library, replace(settings), "source", report=heard).image
    assert again.reused

    before = len(heard.text)
    with_wheels(found.packages, "linux-64", base.python, settings, heard)
    assert "pip wheel" not in heard.text[before:]  # each is built once
    with pytest.raises(InvalidInput, match="cannot build one for osx-arm64"):
        with_wheels(found.packages, "osx-arm64", base.python, settings, heard)


def test_a_build_that_fails_is_told(settings: Settings, base: BaseImage, heard: Heard, tmp_path: Path) -> None:
    from envstudio.domain.lock import LockedPackage

    (tmp_path / "broken-1.0.tar.gz").write_bytes(b"not an archive")
    package = LockedPackage("broken", "1.0", "pip", (tmp_path / "broken-1.0.tar.gz").as_uri(), "")
    with pytest.raises(BuildFailed, match=r"No wheel could be built of broken 1\.0"):
        with_wheels([package], "linux-64", base.python, settings, heard)
