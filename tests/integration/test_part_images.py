"""Nameless images that go ahead of a build: a prune leaves those of running builds, and takes those of killed ones."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from envstudio.builders.assembly.part_images import sweep_parts
from envstudio.domain.image import LABEL_PART
from envstudio.engine import Engine

BUILD = """
import io, os, sys, tarfile, time
from pathlib import Path
from envstudio.builders.assembly.loading import AHEAD_BYTES, Loader
from envstudio.builders.assembly.oci import file_layer
from envstudio.builders.bases import Base
from envstudio.engine import connect
from envstudio.report import Report

path = Path(sys.argv[1])
with tarfile.open(path, "w") as archive:
    member = tarfile.TarInfo(path.name)
    member.size = AHEAD_BYTES
    archive.addfile(member, io.BytesIO(os.urandom(AHEAD_BYTES)))
with Loader(connect(), Base("scratch", "", {}, (), None), "none", Report()) as loader:
    loader.ahead([file_layer(path, "layer")])
    print("begun", flush=True)
    sys.stdin.read()
"""
SOON_SECONDS = 30


def parts(engine: Engine, owners: Path) -> list[str]:
    """Return the nameless images of the builds whose locks are in a folder."""
    names = {path.name for path in owners.glob("*")}
    return [image.image_id for image in engine.labelled({LABEL_PART: ""}) if image.labels[LABEL_PART] in names]


@pytest.mark.parametrize("killed", [False, True], ids=["ended", "killed"])
def test_a_part_of_a_running_build_stays_until_the_build_is_gone(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    if engine.info().containerd_store:
        pytest.skip("nothing goes ahead to this kind of image store")
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    owners = tmp_path / "parts"
    command = [sys.executable, "-c", BUILD, str(tmp_path / f"{uuid4().hex}.tar")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as build:
        assert build.stdout is not None
        assert build.stdout.readline() == b"begun\n"
        deadline = time.monotonic() + SOON_SECONDS
        while not (made := parts(engine, owners)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert sweep_parts(engine) == 0
        assert parts(engine, owners) == made
        if killed:
            build.kill()
    assert (parts(engine, owners) == made) is killed
    assert sweep_parts(engine) == int(killed)
    assert engine.find(made[0]) is None
    assert list(owners.iterdir()) == []


def test_a_part_of_another_machine_stays(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    (tmp_path / "content").write_text(uuid4().hex)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY content /\n")
    command = ["docker", "build", "--quiet", "--label", f"{LABEL_PART}={uuid4().hex}", str(tmp_path)]
    image = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    try:
        assert sweep_parts(engine) == 0
        assert engine.find(image) is not None
    finally:
        engine.remove_image(image)
