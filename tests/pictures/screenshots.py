"""Pictures of the window with a library of invented but realistic environments, in light and dark.

`python -m tests.pictures.screenshots build/screenshots` writes them at 100 %, and at 200 % in `200`; the README
shows the best.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from envstudio.gui.model.engine_watch import EngineState
from envstudio.library import Library
from envstudio.settings import Settings
from tests.pictures.sample_library import clock, fill

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QWidget

    from envstudio.gui.frame.main_window import MainWindow

SIZE = (1440, 900)
THEMES = ("light", "dark")
NO_INDEX = "file:///nowhere/simple"
ENGINE = EngineState(True, "Engine 28.5", "containerd image store, linux/amd64")

# The pictures


def make(folder: Path) -> list[Path]:
    """Write all pictures into a folder and return their paths."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if "QT_SCALE_FACTOR" not in os.environ:
        _make_at_200_percent(folder / "200")
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory() as location:
        for choice in THEMES:
            for empty in (False, True):
                made += _shoot(folder, Path(location) / f"{choice}-{empty}", choice, empty=empty)
    return made


def _make_at_200_percent(folder: Path) -> None:
    """Qt takes its scale when it starts, so that these are made by another process."""
    env = {**os.environ, "QT_SCALE_FACTOR": "2"}
    subprocess.run([sys.executable, "-m", "tests.pictures.screenshots", str(folder)], env=env, check=True)


def _shoot(folder: Path, location: Path, choice: str, *, empty: bool) -> list[Path]:
    from PySide6.QtTest import QTest

    from tests.pictures.scenes import scenes

    made: list[Path] = []
    with sample_window(location, choice, empty=empty) as window:
        window.resize(*SIZE)
        for name in scenes(window, empty=empty):
            QTest.qWait(120)
            while window.session.jobs.active():
                QTest.qWait(20)
            # What the last job brought is laid out by now.
            QTest.qWait(80)
            path = folder / f"{name}-{choice}.png"
            _picture(window).save(str(path))
            made.append(path)
    return made


@contextmanager
def sample_window(location: Path, choice: str, *, empty: bool = False) -> Iterator[MainWindow]:
    """Show a window with the invented library, or an empty one, in a theme; its files are in the folder `location`."""
    from PySide6.QtCore import QEvent

    from envstudio.gui.app import Application

    location.mkdir()
    with (
        patch.dict(os.environ, {"ENVSTUDIO_CONFIG": str(location / "settings.toml")}),
        Library.open(location / "library.sqlite", who="ana") as library,
    ):
        shown = library
        if not empty:
            library.workspaces.create("vision-team")
            shown = library.in_workspace("vision-team")
            with clock(), Library.open(location / "library.sqlite", workspace="vision-team", who="bo") as colleague:
                fill(shown, colleague)
        application = Application(Settings(theme=choice, author="ana", index=NO_INDEX))
        application.use(shown)
        window = application.window
        window.status.library.setText("~/.local/share/envstudio/library.sqlite")
        window.engine_watch.changed.emit(ENGINE)
        window.show()
        try:
            yield window
        finally:
            # A window with an unsaved draft waits for that before it goes.
            window.flush()
            window.close()
            window.deleteLater()
            application.qt.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _picture(window: QWidget) -> QPixmap:
    """Return the window as it looks, an open popup or dialog over it."""
    from PySide6.QtGui import QColor, QPainter
    from PySide6.QtWidgets import QApplication

    picture = window.grab()
    above = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if above is not None:
        painter = QPainter(picture)
        if above.isModal():
            painter.fillRect(picture.rect(), QColor(0, 0, 0, 96))
            location = window.rect().center() - above.rect().center()
        else:
            location = above.pos() - window.pos()
        painter.drawPixmap(location, above.grab())
        painter.end()
    return picture


if __name__ == "__main__":
    for written in make(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")):
        print(written)
