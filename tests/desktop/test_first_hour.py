"""What a person does in the first hour, on the real program by keys alone, with a picture at each step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from desktop.driver import SECONDS, Desktop
from real_parts import BASE, CACHE, BaseImage

from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.image import LABEL_ENVIRONMENT
from envstudio.engine import Engine
from envstudio.library import BuildRecord, Library

pytestmark = [pytest.mark.desktop, pytest.mark.xdist_group("desktop")]


def start(desktop: Desktop, place: Path, log: Path) -> subprocess.Popen[bytes]:
    process = desktop.start(sys.executable, "-m", "envstudio", "--library", str(place), log=log)
    desktop.wait_title("EnvStudio")
    desktop.wait_active("EnvStudio")
    time.sleep(0.5)
    return process


def add(desktop: Desktop, text: str) -> None:
    desktop.keys("ctrl+e")
    desktop.type(text)
    desktop.keys("Return")


def register(desktop: Desktop, message: str, name: str = "churn-train") -> None:
    desktop.keys("ctrl+s")
    desktop.wait_active("Register")
    desktop.type(message)
    desktop.picture("register")
    desktop.keys("Return")
    desktop.wait_active(name)


def test_first_hour(desktop: Desktop, tmp_path: Path) -> None:
    place, log = tmp_path / "library.sqlite", tmp_path / "log"
    process = start(desktop, place, log)
    desktop.picture("welcome")
    desktop.keys("ctrl+n")
    desktop.wait_active("New environment")
    desktop.type("churn-train")
    desktop.picture("new")
    desktop.keys("Return")
    desktop.wait_active("churn-train")
    for text in ("numpy>=2,<3", "pandas 2.2.*", "pip:shap==0.46.0"):
        add(desktop, text)
    desktop.picture("packages")
    register(desktop, "first packages")
    add(desktop, "numpy>=2.1,<3")
    register(desktop, "newer numpy")
    desktop.keys("ctrl+d")
    time.sleep(1)
    desktop.picture("compare")
    desktop.keys("alt+6")
    time.sleep(0.5)
    desktop.picture("source")
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
    with Library.open(place) as library:
        found = [(info.number, info.message) for info in library.versions.list("churn-train")]
        assert found == [(3, "newer numpy"), (2, "first packages"), (1, "First version")]
        conda = [item.text for item in library.find("churn-train").environment.python.conda]
        assert "numpy>=2.1,<3" in conda
    pictures = sorted(path.name for path in desktop.pictures.glob("*.png"))
    assert len(pictures) == 7
    assert all((desktop.pictures / name).stat().st_size > 10_000 for name in pictures)


def wait_build(place: Path, seconds: float) -> BuildRecord:
    """Wait until the build that was started is over."""
    deadline = time.monotonic() + seconds
    with Library.open(place) as library:
        while time.monotonic() < deadline:
            records = library.builds.list("hello")
            if records and records[0].status != "running":
                return records[0]
            time.sleep(0.2)
    pytest.fail("The build did not end.")


@pytest.mark.engine
def test_build_on_a_real_engine(desktop: Desktop, tmp_path: Path, engine: Engine, base: BaseImage) -> None:
    """New environment, packages, register, change, compare, build, success: all of it seen on the screen."""
    place, log, config = tmp_path / "library.sqlite", tmp_path / "log", tmp_path / "settings.toml"
    config.write_text(f'base_image = "{BASE}"\n\n[mirror_images]\n"{BASE}" = "{base.source}"\n')
    desktop.env |= {"ENVSTUDIO_CONFIG": str(config), "ENVSTUDIO_CACHE": str(CACHE)}
    with Library.open(place) as library:
        made = Environment("hello", Python(version=base.python), Image(base=BASE))
        library.versions.register(made, "First version")
    process = start(desktop, place, log)
    desktop.keys("ctrl+k")
    desktop.type("hello")
    desktop.keys("Return")
    desktop.wait_active("hello")
    add(desktop, "pip:iniconfig==2.0.0")
    desktop.picture("packages")
    register(desktop, "a package", "hello")
    add(desktop, "pip:iniconfig==2.1.0")
    register(desktop, "a newer package", "hello")
    desktop.keys("ctrl+d")
    time.sleep(1)
    desktop.picture("compare")
    desktop.keys("ctrl+b")
    time.sleep(1)
    desktop.picture("building")
    record = wait_build(place, 240)
    time.sleep(1)
    desktop.keys("alt+9")
    time.sleep(1)
    desktop.picture("built")
    assert record.status == "done", (record.error, log.read_text())
    assert record.version == 3
    assert engine.labelled({LABEL_ENVIRONMENT: "hello"})
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
    assert len(list(desktop.pictures.glob("*.png"))) == 6


def test_a_killed_program_loses_nothing(desktop: Desktop, tmp_path: Path) -> None:
    place, log = tmp_path / "library.sqlite", tmp_path / "log"
    process = start(desktop, place, log)
    desktop.keys("ctrl+n")
    desktop.wait_active("New environment")
    desktop.type("churn-train")
    desktop.keys("Return")
    desktop.wait_active("churn-train")
    add(desktop, "scipy>=1.13")
    time.sleep(1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(SECONDS)
    with Library.open(place) as library:
        draft = library.versions.draft("churn-train")
        assert draft.changed
        assert "scipy>=1.13" in [item.text for item in draft.environment.python.conda]
    process = start(desktop, place, log)
    desktop.picture("after-kill")
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0, log.read_text()


def test_keys_typed_before_the_library_is_open_are_not_lost(desktop: Desktop, tmp_path: Path) -> None:
    place, log = tmp_path / "library.sqlite", tmp_path / "log"
    with Library.open(place) as library:
        library.versions.register(Environment("churn-train", Python(channels=("conda-forge",))))
    process = desktop.start(sys.executable, "-m", "envstudio", "--library", str(place), log=log)
    desktop.wait_title("EnvStudio")
    desktop.xdotool("key", "ctrl+n")
    desktop.picture("first-look")
    desktop.wait_active("New environment")
    desktop.type("typed-early")
    desktop.keys("Return")
    desktop.wait_active("typed-early")
    desktop.picture("typed-early")
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0
    assert log.read_text() == ""
    with Library.open(place) as library:
        assert library.environments.exists("typed-early")
