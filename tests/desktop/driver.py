"""Drives programs on an X display from outside, as a person does: by keys, looking at titles and pictures."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SECONDS = 30


@dataclass
class Desktop:
    """An X display. Keys go to the window that has the focus, as a person's do."""

    display: str
    env: dict[str, str]
    pictures: Path
    count: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, *command: str, env: dict[str, str] | None = None, log: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program on this display."""
        output = log.open("wb") if log else subprocess.DEVNULL
        process = subprocess.Popen(command, env={**self.env, **(env or {})}, stdout=output, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def xdotool(self, *words: str) -> str:
        """Run one xdotool command and return what it says."""
        done = subprocess.run(["xdotool", *words], env=self.env, capture_output=True, text=True, timeout=SECONDS)
        return done.stdout.strip()

    def wait_manager(self) -> None:
        """Wait for the window manager; a window that is there before it never gets the focus."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            # Without a manager it is 0, or nothing at all.
            if self.xdotool("get_num_desktops").strip("0").isdigit():
                return
            time.sleep(0.1)
        pytest.fail("The window manager did not start.")

    def wait_title(self, text: str) -> str:
        """Wait for a visible window whose title holds a text; return its number."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = self.xdotool("search", "--onlyvisible", "--name", text)
            if found:
                return found.splitlines()[0]
            time.sleep(0.1)
        self.picture("failed")
        pytest.fail(f"No window with the title {text!r}; see {self.pictures}.")

    def wait_active(self, text: str) -> None:
        """Wait until the window that has the focus has a text in its title."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if text in self.xdotool("getactivewindow", "getwindowname"):
                return
            time.sleep(0.1)
        self.picture("failed")
        pytest.fail(f"The active window never had {text!r} in its title; see {self.pictures}.")

    def keys(self, *names: str) -> None:
        """Press keys, one after the other."""
        for name in names:
            self.xdotool("key", "--clearmodifiers", name)
            time.sleep(0.15)

    def type(self, text: str) -> None:
        """Type a text."""
        self.xdotool("type", "--delay", "12", text)
        time.sleep(0.15)

    def picture(self, name: str) -> Path:
        """Save what the screen shows."""
        self.count += 1
        path = self.pictures / f"{self.count:02}-{name}.png"
        subprocess.run(["import", "-window", "root", str(path)], env=self.env, check=True, timeout=SECONDS)
        return path
