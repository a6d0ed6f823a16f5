"""Files are dragged by the mouse from another program onto the window: one is imported, of several it is asked."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from desktop import file_source
from desktop.driver import SECONDS, Desktop
from desktop.test_first_hour import start

from envstudio.library import Library

pytestmark = [pytest.mark.desktop, pytest.mark.xdist_group("desktop")]
BROWSER = (140, 400)
"""Where the list of environments is."""
STEPS = 12


@contextmanager
def dragged(desktop: Desktop, paths: list[Path], target: tuple[int, int], picture: str) -> Iterator[None]:
    """Drag files out of a program of their own to a point on the screen, and end it when they arrived."""
    source = desktop.start(sys.executable, file_source.__file__, *map(str, paths))
    number = desktop.wait_title(file_source.TITLE)
    location = dict(line.split("=") for line in desktop.xdotool("getwindowgeometry", "--shell", number).splitlines())
    begin = (int(location["X"]) + file_source.SIZE // 2, int(location["Y"]) + file_source.SIZE // 2)
    desktop.xdotool("mousemove", *map(str, begin))
    desktop.xdotool("mousedown", "1")
    for step in range(1, STEPS + 1):
        point = (round(a + (b - a) * step / STEPS) for a, b in zip(begin, target, strict=True))
        desktop.xdotool("mousemove", *map(str, point))
        time.sleep(0.05)
    # Both programs have to agree before the button is let go.
    desktop.wait_title(file_source.TAKEN)
    desktop.picture(picture)
    desktop.xdotool("mouseup", "1")
    yield
    # Not before: what was dropped is read from it.
    source.terminate()
    source.wait(SECONDS)


def wait_environments(desktop: Desktop, location: Path, names: list[str]) -> None:
    """Wait until the library has exactly these."""

    def found() -> list[str]:
        with Library.open(location) as library:
            return [info.name for info in library.environments.list()]

    desktop.wait(lambda: found() == names, lambda: f"The library has {found()}.")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_files_are_dropped_from_another_program(desktop: Desktop, tmp_path: Path) -> None:
    location = tmp_path / "library.sqlite"
    process = start(desktop, location, tmp_path / "log")
    conda = "name: {}\nchannels: [conda-forge]\ndependencies:\n  - python=3.12\n  - pip\n  - numpy>=2,<3\n"
    one = write(tmp_path / "one" / "environment.yml", conda.format("churn-train"))
    with dragged(desktop, [one], BROWSER, "one-over-the-browser"):
        desktop.wait_title("churn-train")
    desktop.wait_active("churn-train")
    wait_environments(desktop, location, ["churn-train"])
    desktop.picture("one-imported")
    folder = tmp_path / "project"
    write(folder / "ocr" / "environment.yml", conda.format("ocr"))
    write(folder / "serve" / "environment.yml", conda.format("serve"))
    write(folder / "broken" / "environment.yml", "name: [")
    with dragged(desktop, [folder], BROWSER, "a-folder-over-the-browser"):
        desktop.wait_title("Import")
    desktop.wait_active("Import")
    desktop.picture("preview")
    desktop.keys("Return")
    wait_environments(desktop, location, ["churn-train", "ocr", "serve"])
    desktop.picture("folder-imported")
    assert process.poll() is None
    log = (tmp_path / "log").read_text("utf-8")
    assert "Traceback" not in log
