"""A tray of the desktop shows how long work ended while the user was in another window, and leads back to it."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from desktop.driver import SECONDS, Desktop
from desktop.test_first_hour import start
from real_parts import lacking

from envstudio.domain.environment import Environment, Python
from envstudio.domain.requirement import conda_requirement
from envstudio.library import Library

pytestmark = [pytest.mark.desktop, pytest.mark.xdist_group("desktop")]
SLOW = 3.0
ELSEWHERE = """
from PySide6.QtWidgets import QApplication, QLabel
application = QApplication([])
label = QLabel("Elsewhere")
label.setWindowTitle("Elsewhere")
label.resize(400, 200)
label.show()
application.exec()
"""


class SlowChannel(BaseHTTPRequestHandler):
    """A channel that takes long to say that it has nothing."""

    def do_GET(self) -> None:
        time.sleep(SLOW)
        with contextlib.suppress(OSError):
            self.send_error(404)

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Say nothing: a client that has gone is no news."""


@pytest.fixture
def slow_channel() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowChannel)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/channel"
    server.shutdown()
    thread.join()
    server.server_close()


def windows_of(desktop: Desktop, pid: int) -> set[str]:
    return set(desktop.xdotool("search", "--all", "--onlyvisible", "--pid", str(pid), "--name", ".*").split())


def numbers(desktop: Desktop, window: str) -> dict[str, int]:
    lines = desktop.xdotool("getwindowgeometry", "--shell", window).splitlines()
    return {name: int(value) for name, _, value in (line.partition("=") for line in lines)}


def size(desktop: Desktop, window: str) -> tuple[int, int]:
    found = numbers(desktop, window)
    return found["WIDTH"], found["HEIGHT"]


def location(desktop: Desktop, window: str) -> tuple[int, int]:
    found = numbers(desktop, window)
    return found["X"], found["Y"]


def test_work_that_ends_while_one_is_elsewhere_is_told(desktop: Desktop, tmp_path: Path, slow_channel: str) -> None:
    if shutil.which("trayer") is None:
        lacking("A tray needs trayer of Debian or Ubuntu.")
        return
    desktop.env.pop("DBUS_SESSION_BUS_ADDRESS", None)
    desktop.env["ENVSTUDIO_CACHE"] = str(tmp_path / "cache")
    desktop.start("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "24")
    with Library.open(tmp_path / "one.sqlite") as library:
        python = Python(channels=(slow_channel,), conda=(conda_requirement("python=3.12"),))
        library.versions.register(Environment("churn-train", python))
    log = tmp_path / "log"
    process = start(desktop, tmp_path / "one.sqlite", log)
    desktop.keys("ctrl+k")
    desktop.type("churn-train")
    desktop.keys("Return")
    desktop.wait_active("churn-train")
    before = windows_of(desktop, process.pid)
    desktop.keys("ctrl+l")
    desktop.start(sys.executable, "-c", ELSEWHERE)
    desktop.wait_active("Elsewhere")
    desktop.wait(
        lambda: len(windows_of(desktop, process.pid) - before) >= 2,
        lambda: "There was never a sign in the tray with what it says.",
    )
    desktop.picture_at_rest("told")
    new = sorted(windows_of(desktop, process.pid) - before, key=lambda window: size(desktop, window))
    assert len(new) == 2, "a sign in the tray, and what it says"
    sign, messages = new
    assert size(desktop, sign)[0] <= 32
    assert location(desktop, messages)[1] > 600, "it points to the tray, which is at the bottom"
    assert desktop.xdotool("getactivewindow", "getwindowname") == "Elsewhere", "it takes no focus"
    desktop.xdotool("mousemove", "--window", messages, "60", "30", "click", "1")
    desktop.wait_active("churn-train")
    desktop.picture("back")
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
