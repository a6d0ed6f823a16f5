"""Packages without a wheel, from an sdist and from Git, are built on this machine and go into an image."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from real_parts import BASE, BaseImage, Recorder

from envstudio.archives.rules import UnsafeArchive
from envstudio.builders import bases
from envstudio.builders.assembly.container_wheels import ContainerBuilder
from envstudio.consents import SOURCE_BUILDS, Consent, ConsentNeeded, consent_to
from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.image import LABEL_PART
from envstudio.domain.lock import LockedPackage
from envstudio.domain.requirement import pip_requirement
from envstudio.engine import Engine
from envstudio.errors import BuildFailed, InvalidInput
from envstudio.library import Library
from envstudio.packages import source_builds
from envstudio.packages.simple_index import usual_index
from envstudio.packages.source_builds import HostBuilder, with_wheels
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build
from envstudio.tasks.lock import LockOptions, lock
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


ALLOWED = consent_to(SOURCE_BUILDS)


def sdist(folder: Path, name: str, setup: bytes) -> LockedPackage:
    """Write a source archive whose setup.py is given, and return it as a locked package."""
    archive = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as made:
        member = tarfile.TarInfo(f"{name}-1.0/setup.py")
        member.size = len(setup)
        made.addfile(member, io.BytesIO(setup))
    return LockedPackage(name, "1.0", "pip", archive.as_uri(), hashlib.sha256(archive.read_bytes()).hexdigest())


def test_an_sdist_and_a_commit_are_built_and_run(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, recorder: Recorder, repository: str
) -> None:
    pip = (pip_requirement("cowsay==5.0"), pip_requirement(repository))  # of 5.0 there is an sdist only
    library.versions.register(Environment("source", Python(version=base.python, pip=pip), Image(base=BASE)))
    with pytest.raises(ConsentNeeded, match="cowsay must be built from source") as caught:
        lock(library, settings, "source", report=recorder)
    subject = f"cowsay from {settings.index or usual_index()}"
    assert (caught.value.act, caught.value.subjects) == (SOURCE_BUILDS, (subject,))
    found = lock(library, settings, "source", options=LockOptions(consent=ALLOWED), report=recorder).lock.platforms[0]
    # What was allowed once holds for the package and its origin, also when it is built.
    assert not any(item.file_name.endswith(".whl") for item in found.packages)
    image = build(library, settings, "source", report=recorder).image
    assert image.builder == "direct"
    assert "build wheels" in {stage.name for stage in image.stages}
    assert run(library, settings, "source", ["tiny-tool"], target="docker", report=recorder).exit_code == 0
    assert "tiny but real" in recorder.text
    again = build(library, replace(settings), "source", report=recorder).image
    assert again.reused

    before = len(recorder.text)
    assert build(library, settings, "source", options=BuildOptions(reuse=False), report=recorder).image
    assert "runs its code" not in recorder.text[before:]  # each is built once
    with pytest.raises(InvalidInput, match="builds none for osx-arm64"):
        with_wheels(found.packages, "osx-arm64", base.python, settings, recorder, consent=ALLOWED)
    with pytest.raises(ConsentNeeded):
        with_wheels(found.packages, "linux-64", base.python, settings, recorder, consent=Consent())


WITH_PIP = "mmdebstrap:bookworm?include=ca-certificates,python3,python3-pip,python3-venv"


def test_a_base_with_pip_builds_in_a_container(
    library: Library,
    settings: Settings,
    clean_engine: Engine,
    recorder: Recorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Downloads are kept between runs, and a wheel that an earlier run built would be taken.
    monkeypatch.setattr(source_builds, "RECIPE", str(tmp_path))
    pip = (pip_requirement("cowsay==5.0"),)
    image = Image(base="base.example/with-pip:1")
    mirrors = {**settings.mirror_images, "base.example/with-pip": WITH_PIP}
    certificates = os.environ.get("SSL_CERT_FILE", "")
    here = replace(settings, mirror_images=mirrors, build_network="host", ca_certificates=certificates)
    library.versions.register(Environment("inside", Python(version="3.11", pip=pip), image))
    done = build(library, here, "inside", options=BuildOptions(consent=ALLOWED), report=recorder)
    assert "building cowsay 5.0 in a container of the base image" in recorder.text
    assert "runs its code on this machine" not in recorder.text
    assert not clean_engine.labelled({LABEL_PART: ""})
    command = ["python", "-c", "import cowsay; print(cowsay.__file__)"]
    assert (
        run(library, here, "inside", command, target="docker", image=done.image.image_id, report=recorder).exit_code
        == 0
    )
    assert "/opt/env/lib/python3.11/site-packages/cowsay" in recorder.text


def test_a_base_without_pip_builds_on_this_machine_and_says_so(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, recorder: Recorder, tmp_path: Path
) -> None:
    host = HostBuilder("linux-64", settings)
    package = sdist(tmp_path, "tidy", b"from setuptools import setup; setup(name='tidy', version='1.0')")
    found = bases.find(BASE, "linux/amd64", settings, clean_engine, recorder)
    with ContainerBuilder(clean_engine, found, base.python, host, settings, recorder) as builder:
        (made_wheel,) = with_wheels(
            [package], "linux-64", base.python, settings, recorder, consent=ALLOWED, builder=builder
        )
    assert made_wheel.file_name.startswith("tidy-1.0")
    assert "tidy is not built in a container: the base image has no pip" in recorder.text
    assert "warning: building tidy 1.0 runs its code on this machine" in recorder.text


def test_a_build_that_fails_is_told(settings: Settings, base: BaseImage, recorder: Recorder, tmp_path: Path) -> None:
    package = sdist(tmp_path, "broken", b"raise SystemExit('no')")
    with pytest.raises(BuildFailed, match=r"No wheel could be built of broken 1\.0"):
        with_wheels([package], "linux-64", base.python, settings, recorder, consent=ALLOWED)


def test_what_is_no_archive_is_rejected_before_anything_builds(
    settings: Settings, base: BaseImage, recorder: Recorder, tmp_path: Path
) -> None:
    archive = tmp_path / "broken-1.0.tar.gz"
    archive.write_bytes(b"not an archive")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    package = LockedPackage("broken", "1.0", "pip", archive.as_uri(), digest)
    with pytest.raises(UnsafeArchive, match="it is damaged"):
        with_wheels([package], "linux-64", base.python, settings, recorder, consent=ALLOWED)
