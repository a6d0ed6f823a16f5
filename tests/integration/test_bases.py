"""Base images that are made here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from real_parts import BaseImage, Recorder

from envstudio.builders import bases
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError, InvalidInput, Unavailable
from envstudio.settings import Settings


def test_the_same_archive_gives_the_same_bytes_whatever_the_environment(
    base: BaseImage, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bases.find(base.source, "linux/amd64", Settings(), None, recorder)
    assert first.python is not None
    assert first.python[1] == base.python
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("EDITOR", "vi")
    assert bases.find(base.source, "linux/amd64", Settings(), None, recorder).digest == first.digest


@pytest.mark.parametrize("source", ["mmdebstrap:", "mmdebstrap:../etc", "oci:nowhere"])
def test_malformed_sources_are_refused(source: str, recorder: Recorder) -> None:
    with pytest.raises(InvalidInput):
        bases.find(source, "linux/amd64", Settings(), None, recorder)


def test_a_suite_that_does_not_exist_is_said(base: BaseImage, recorder: Recorder) -> None:
    with pytest.raises(EnvStudioError, match="No base image could be made"):
        bases.find("mmdebstrap:nosuchsuite", "linux/amd64", Settings(), None, recorder)


def test_a_registry_that_cannot_be_reached_is_said(recorder: Recorder) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        bases.find("127.0.0.1:9/python:3.11", "linux/amd64", Settings(), None, recorder)


def test_an_image_made_here_is_not_looked_for_in_a_mirror_of_the_hub(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    command = ["docker", "build", "--quiet", "--tag", "envstudio-made-here:1", str(tmp_path)]
    subprocess.run(command, capture_output=True, check=True)
    settings = Settings(mirror_images={"docker.io": "mirror.example/hub"})
    try:
        assert bases.mirrored("envstudio-made-here:1", settings, engine) == "envstudio-made-here:1"
        assert (
            bases.mirrored("envstudio-made-here:2", settings, engine)
            == "mirror.example/hub/library/envstudio-made-here:2"
        )
        written = Settings(mirror_images={"envstudio-made-here": "mirror.example/own"})
        assert bases.mirrored("envstudio-made-here:1", written, engine) == "mirror.example/own:1"
    finally:
        engine.remove_image("envstudio-made-here:1")


MAKER = """
import sys
from envstudio.builders import bases
from envstudio.report import silent
from envstudio.settings import Settings
bases.find(sys.argv[1], "linux/amd64", Settings(), None, silent())
"""


def test_what_a_killed_maker_mounted_is_swept_when_a_base_is_next_made(
    base: BaseImage, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = Path(tempfile.mkdtemp(prefix="envstudio-test-"))
    scratch.chmod(0o755)
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    maker = subprocess.Popen([sys.executable, "-c", MAKER, base.source])
    try:
        deadline = time.monotonic() + 120
        while not _mounted_below(scratch):
            assert maker.poll() is None, "made before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        # mmdebstrap leads a group of its own; both are gone before either can clean up.
        made_by = subprocess.run(["pgrep", "-P", str(maker.pid)], capture_output=True, text=True, check=True)
    finally:
        maker.kill()
        maker.wait()
    for group in made_by.stdout.split():
        os.killpg(int(group), signal.SIGKILL)
    assert _mounted_below(scratch)
    deadline = time.monotonic() + 10
    while bases.sweep() == 0 or _mounted_below(scratch):
        assert time.monotonic() < deadline, "a process that was killed holds the folder still"
        time.sleep(0.1)
    assert _mounted_below(scratch) == []
    assert list((tmp_path / "bases").iterdir()) == []
    scratch.rmdir()


def _mounted_below(folder: Path) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    return [line.split()[4] for line in lines if line.split()[4].startswith(f"{folder}/")]
