"""Two libraries that hold the same, one for the window and one for the command line, offline and without an engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from faces.acting import CommandLine, Window, filled
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.model.session import Session
from envstudio.library import Library
from envstudio.settings import load

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'no-engine.sock'}")
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, NOWHERE)


@pytest.fixture
def command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[CommandLine]:
    """Yield the command line on a library of its own."""
    location = tmp_path / "of-commands.sqlite"
    with filled(location) as library:
        yield CommandLine(library, location, capsys)


@pytest.fixture
def window(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Window]:
    """Yield a window on a library of its own."""
    with filled(tmp_path / "of-window.sqlite") as library:
        yield from _shown(library, qapp, qtbot)


def _shown(library: Library, qapp: QApplication, qtbot: QtBot) -> Iterator[Window]:
    session = Session(library, load())
    shown = MainWindow(session)
    shown.show()
    yield Window(shown, qtbot)
    shown.close()
    session.shutdown()
    shown.deleteLater()
    session.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
