"""Drives programs on an X display from outside, as the user does: by keys, looking at titles and pictures."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtGui import QImage

SECONDS = 30
CARET_LINES = 40
"""A caret that blinks and a tip of one line are no movement."""

PAGE_LINES = 150
"""In how many lines of pixels two pages differ at least."""

Found = TypeVar("Found")


@dataclass
class Desktop:
    """An X display. Keys go to the window that has the focus, as the user's do."""

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

    def wait(self, condition: Callable[[], Found], failure: Callable[[], str], seconds: float = SECONDS) -> Found:
        """Ask until the answer is true, and return it; after a while the test fails, with a picture and a reason."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > deadline:
                self.picture("failed")
                pytest.fail(f"{failure()} See {self.pictures}.")
            time.sleep(0.1)
        return found

    def wait_manager(self) -> None:
        """Wait for the window manager; a window that is there before it never gets the focus."""
        # Without a manager it is 0, or nothing at all.
        self.wait(
            lambda: self.xdotool("get_num_desktops").strip("0").isdigit(), lambda: "The window manager did not start."
        )

    def wait_title(self, text: str) -> str:
        """Wait for a visible window whose title holds a text; return its number."""
        found = self.wait(
            lambda: self.xdotool("search", "--onlyvisible", "--name", text),
            lambda: f"No window with the title {text!r}.",
        )
        return found.splitlines()[0]

    def wait_active(self, text: str) -> None:
        """Wait until the window that has the focus has a text in its title."""
        self.wait(
            # The manager names the active window a moment before keys go to it.
            lambda: (
                text in self.xdotool("getactivewindow", "getwindowname")
                and self.xdotool("getactivewindow") == self.xdotool("getwindowfocus")
            ),
            lambda: f"The active window never had {text!r} in its title.",
        )

    def keys(self, *names: str) -> None:
        """Press keys one after the other, at the pace of the user."""
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
        return self._take(path)

    def picture_at_rest(self, name: str, *, unlike: Path | None = None) -> Path:
        """Wait until the screen is at rest and shows another page than an earlier picture; save it."""
        self.count += 1
        path, last = self.pictures / f"{self.count:02}-{name}.png", self.pictures / "last.png"
        self._take(path)

        def at_rest() -> bool:
            path.replace(last)
            still = differing_lines(last, self._take(path)) <= CARET_LINES
            return still and (unlike is None or differing_lines(unlike, path) > PAGE_LINES)

        self.wait(at_rest, lambda: f"The screen is not at rest, or like {unlike}.")
        last.unlink()
        return path

    def _take(self, path: Path) -> Path:
        subprocess.run(["import", "-window", "root", str(path)], env=self.env, check=True, timeout=SECONDS)
        return path


def differing_lines(one: Path, other: Path) -> int:
    """Return in how many lines of pixels two pictures of the screen differ."""
    first, second = QImage(str(one)), QImage(str(other))
    return sum(bytes(first.constScanLine(y)) != bytes(second.constScanLine(y)) for y in range(first.height()))
