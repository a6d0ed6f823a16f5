"""A real X server with a window manager, and the real program in it, driven from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from desktop.driver import SECONDS, Desktop
from real_parts import ROOT, lacking

PROGRAMS = ("Xvfb", "openbox", "xdotool", "import")
SCREEN = "1440x900x24"
PICTURES = ROOT / "build" / "desktop"


@pytest.fixture
def desktop(request: pytest.FixtureRequest) -> Iterator[Desktop]:
    """Start an X server with a window manager; both end with the test."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing or sys.platform != "linux":
        lacking(f"The desktop tests need {', '.join(missing or ['Linux'])}.")
        return
    pictures = PICTURES / request.node.name
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.png"):
        old.unlink()
    reader, writer = os.pipe()
    # Without -noreset the server begins anew when its last client goes, and shuts out who comes at that moment.
    server = subprocess.Popen(
        ["Xvfb", "-noreset", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as file:
        number = file.readline().strip()
    env = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    env.pop("WAYLAND_DISPLAY", None)
    made = Desktop(f":{number}", env, pictures)
    try:
        made.start("openbox")
        made.wait_manager()
        yield made
    finally:
        for process in reversed(made.processes):
            if process.poll() is None:
                process.terminate()
                process.wait(SECONDS)
        server.terminate()
        server.wait(SECONDS)
