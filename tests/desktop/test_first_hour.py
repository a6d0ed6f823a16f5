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

from envstudio.library import Library

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


def register(desktop: Desktop, message: str) -> None:
    desktop.keys("ctrl+s")
    desktop.wait_active("Register")
    desktop.type(message)
    desktop.picture("register")
    desktop.keys("Return")
    desktop.wait_active("churn-train")


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
