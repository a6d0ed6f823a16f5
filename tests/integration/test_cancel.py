"""A direct build stops within two seconds in each of its stages, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from real_parts import BASE, BaseImage, Recorder

from envstudio import paths
from envstudio.builders.assembly.layers import FragmentCache
from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.image import LABEL_PART
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.engine import Engine
from envstudio.errors import Cancelled
from envstudio.library import Library
from envstudio.packages.cache_files import LEFT_BEHIND_SECONDS
from envstudio.report import Event, StageStarted
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build
from envstudio.tasks.lock import lock

STOPS_WITHIN_SECONDS = 2.0
OTHERS_END_WITHIN_SECONDS = 60


class Impatient(Recorder):
    """Cancels some time after a stage began."""

    def __init__(self, stage: str, after: float) -> None:
        super().__init__()
        self._stage, self._after = stage, after
        self.requested_at = 0.0

    def emit(self, event: Event) -> None:
        super().emit(event)
        if isinstance(event, StageStarted) and event.name == self._stage:
            threading.Timer(self._after, self.ask).start() if self._after else self.ask()

    def ask(self) -> None:
        self.requested_at = time.monotonic()
        self.cancel()


@pytest.fixture
def cold_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "layers"
    monkeypatch.setattr("envstudio.builders.direct.FragmentCache", lambda: FragmentCache(folder))
    return folder


@pytest.fixture
def environment(base: BaseImage, channel: Path, request: pytest.FixtureRequest) -> Environment:
    if getattr(request, "param", "") == "conda":
        python = Python(
            channels=(channel.as_uri(),), conda=tuple(map(conda_requirement, ("python", "choice", "packaging")))
        )
    else:
        python = Python(version=base.python, pip=(pip_requirement("scikit-learn"),))
    return Environment("stopped", python, Image(base=BASE))


@pytest.mark.parametrize(
    ("environment", "stage", "after", "output"),
    [
        ("pip", "resolve base", 0.0, "docker"),
        ("pip", "download wheels", 0.0, "docker"),
        ("pip", "find interpreter", 0.0, "docker"),
        ("pip", "unpack wheels", 0.0, "docker"),
        ("pip", "unpack wheels", 0.8, "docker"),
        ("conda", "link conda packages", 0.1, "docker"),
        ("pip", "layer", 0.0, "docker"),
        ("pip", "load", 0.0, "docker"),
        ("pip", "load", 0.1, "docker"),
        ("pip", "write", 0.05, "oci"),
        ("pip", "write", 0.05, "oci-archive"),
        ("pip", "write", 0.05, "docker-archive"),
    ],
    indirect=["environment"],
)
def test_a_build_stops_soon_and_leaves_nothing(
    library: Library,
    settings: Settings,
    environment: Environment,
    clean_engine: Engine,
    recorder: Recorder,
    cold_layers: Path,
    tmp_path: Path,
    stage: str,
    after: float,
    output: str,
) -> None:
    library.versions.register(environment)
    lock(library, settings, "stopped", report=recorder)
    for image in clean_engine.labelled({"io.envstudio.environment": "stopped"}):
        clean_engine.remove_image(image.image_id, force=True)
    before = _engine_holds(clean_engine)
    target = "docker" if output == "docker" else f"{output}:{tmp_path / 'target' / 'image'}"
    report = Impatient(stage, after)
    with pytest.raises(Cancelled):
        build(library, settings, "stopped", options=BuildOptions(output=target), report=report)
    assert time.monotonic() - report.requested_at < STOPS_WITHIN_SECONDS
    for thread in threading.enumerate():
        # An engine finishes what it was given; then the nameless image goes too.
        if thread.name == "engine-load":
            thread.join(30)
    assert clean_engine.find("envstudio/stopped:1") is None
    _wait_for_others(clean_engine, _engine_holds(clean_engine) - before)
    assert list(cold_layers.glob("*.part")) == []
    assert list(paths.cache_dir("work").glob("envstudio-link-*")) == []
    assert [path for path in (tmp_path / "target").rglob("*") if path.suffix in (".part", ".tar")] == []
    assert list((tmp_path / "target").glob(".envstudio-*")) == []
    assert _compilers() == []


def _engine_holds(engine: Engine) -> set[str]:
    """Return the containers and the nameless parts of images."""
    listed = subprocess.run(["docker", "ps", "--all", "--quiet"], capture_output=True, text=True, check=True)
    return {*listed.stdout.split(), *(image.image_id for image in engine.labelled({LABEL_PART: ""}))}


def _wait_for_others(engine: Engine, added: set[str]) -> None:
    """Wait for what others on the same engine have begun meanwhile to go; what we left would stay."""
    deadline = time.monotonic() + OTHERS_END_WITHIN_SECONDS
    while added & _engine_holds(engine):
        assert time.monotonic() < deadline, added & _engine_holds(engine)
        time.sleep(0.2)


def _compilers() -> list[str]:
    """Return the processes of this one that compile."""
    command = ["ps", "--ppid", str(os.getpid()), "--format", "args="]
    listed = subprocess.run(command, capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if "compile_server" in line]


def test_what_a_killed_build_left_is_swept_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / "old.part", tmp_path / "young.part"
    for path in (old, young):
        path.write_bytes(b"x")
    long_ago = time.time() - LEFT_BEHIND_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    with FragmentCache(tmp_path).write("key", "name") as writer:
        writer.add_bytes("opt/x", b"x")
    assert not old.exists()
    assert young.exists()
