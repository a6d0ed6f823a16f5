"""What the user does in the first hour, on the real program by keys alone, with a picture at each step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from desktop.driver import SECONDS, Desktop
from real_parts import BASE, CACHE, BaseImage

from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.image import LABEL_ENVIRONMENT
from envstudio.engine import Engine
from envstudio.library import BuildRecord, Library

pytestmark = [pytest.mark.desktop, pytest.mark.xdist_group("desktop")]


def start(desktop: Desktop, location: Path, log: Path) -> subprocess.Popen[bytes]:
    process = desktop.start(sys.executable, "-m", "envstudio", "--library", str(location), log=log)
    desktop.wait_active("EnvStudio")
    # A dialog comes once the library is open; until then keys wait.
    desktop.keys("ctrl+n")
    desktop.wait_active("New environment")
    desktop.keys("Escape")
    desktop.wait_active("EnvStudio")
    return process


def open_environment(desktop: Desktop, name: str) -> None:
    desktop.keys("ctrl+k")
    desktop.type(name)
    desktop.keys("Return")
    desktop.wait_active(name)


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
    location, log = tmp_path / "library.sqlite", tmp_path / "log"
    process = start(desktop, location, log)
    desktop.picture_at_rest("welcome")
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
    packages = desktop.picture_at_rest("registered")
    desktop.keys("ctrl+d")
    compared = desktop.picture_at_rest("compare", unlike=packages)
    report = tmp_path / "comparison.html"
    desktop.keys("ctrl+alt+e")
    desktop.wait_active("Export")
    desktop.keys("ctrl+a")
    desktop.type(str(report))
    desktop.keys("Return")
    desktop.wait(lambda: report.exists() and report.read_text().endswith("</html>\n"), lambda: "No comparison.")
    desktop.wait_active("churn-train")
    desktop.keys("alt+6")
    desktop.picture_at_rest("source", unlike=compared)
    desktop.keys("ctrl+End")
    desktop.type("# typed by hand")
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0, log.read_text()
    text = unescape(report.read_text())
    assert "numpy" in text
    assert ">=2,<3" in text
    assert ">=2.1,<3" in text
    assert "Traceback" not in log.read_text()
    with Library.open(location) as library:
        found = [(info.number, info.message) for info in library.versions.list("churn-train")]
        assert found == [(3, "newer numpy"), (2, "first packages"), (1, "Created")]
        conda = [item.text for item in library.find("churn-train").environment.python.conda]
        assert "numpy>=2.1,<3" in conda
        assert library.versions.draft("churn-train").text.endswith("# typed by hand")


def wait_build(desktop: Desktop, location: Path, seconds: float) -> BuildRecord:
    """Wait until the build that was started is over."""
    with Library.open(location) as library:
        (record,) = desktop.wait(
            lambda: [record for record in library.builds.list("hello") if record.status != "running"],
            lambda: "The build did not end.",
            seconds,
        )
    return record


@pytest.mark.engine
def test_build_on_a_real_engine(desktop: Desktop, tmp_path: Path, engine: Engine, base: BaseImage) -> None:
    """New environment, packages, register, change, compare, build, success: all of it seen on the screen."""
    location, log, config = tmp_path / "library.sqlite", tmp_path / "log", tmp_path / "settings.toml"
    config.write_text(f'base_image = "{BASE}"\n\n[mirror_images]\n"{BASE}" = "{base.source}"\n')
    desktop.env |= {"ENVSTUDIO_CONFIG": str(config), "ENVSTUDIO_CACHE": str(CACHE)}
    with Library.open(location) as library:
        made = Environment("hello", Python(version=base.python), Image(base=BASE))
        library.versions.register(made, "Created")
    process = start(desktop, location, log)
    open_environment(desktop, "hello")
    add(desktop, "pip:iniconfig==2.0.0")
    desktop.picture("packages")
    register(desktop, "a package", "hello")
    add(desktop, "pip:iniconfig==2.1.0")
    register(desktop, "a newer package", "hello")
    packages = desktop.picture_at_rest("registered")
    desktop.keys("ctrl+d")
    compared = desktop.picture_at_rest("compare", unlike=packages)
    desktop.keys("ctrl+b")
    desktop.picture("building")
    record = wait_build(desktop, location, 240)
    desktop.keys("alt+9")
    desktop.picture_at_rest("built", unlike=compared)
    assert record.status == "done", (record.error, log.read_text())
    assert record.version == 3
    assert engine.labelled({LABEL_ENVIRONMENT: "hello"})
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_killed_program_loses_nothing(desktop: Desktop, tmp_path: Path) -> None:
    location, log = tmp_path / "library.sqlite", tmp_path / "log"
    process = start(desktop, location, log)
    desktop.keys("ctrl+n")
    desktop.wait_active("New environment")
    desktop.type("churn-train")
    desktop.keys("Return")
    desktop.wait_active("churn-train")
    add(desktop, "scipy>=1.13")
    with Library.open(location) as library:
        desktop.wait(lambda: library.versions.draft("churn-train").changed, lambda: "The draft was not written.")
    os.kill(process.pid, signal.SIGKILL)
    process.wait(SECONDS)
    with Library.open(location) as library:
        draft = library.versions.draft("churn-train")
        assert draft.changed
        assert "scipy>=1.13" in [item.text for item in draft.environment.python.conda]
    process = start(desktop, location, log)
    open_environment(desktop, "churn-train")
    desktop.picture("after-kill")
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0, log.read_text()


def test_keys_typed_before_the_library_is_open_are_not_lost(desktop: Desktop, tmp_path: Path) -> None:
    location, log = tmp_path / "library.sqlite", tmp_path / "log"
    with Library.open(location) as library:
        library.versions.register(Environment("churn-train", Python(channels=("conda-forge",))))
    process = desktop.start(sys.executable, "-m", "envstudio", "--library", str(location), log=log)
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
    with Library.open(location) as library:
        assert library.environments.exists("typed-early")
