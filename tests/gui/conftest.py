"""A real library and a real window, offscreen. Windows, threads, jobs and warnings that a test leaves fail it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import keyring
import pytest
from keyring.backends import fail
from PySide6.QtCore import QAbstractItemModel, QEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.look import theme
from envstudio.gui.model.session import Session
from envstudio.library import Library
from envstudio.settings import Settings

# What the offscreen platform cannot do is not a fault of the window.
OFFSCREEN = ("propagateSizeHints", "does not support raise", "does not support grabbing")


def churn() -> Environment:
    """Return an environment with packages of both managers, a variable and a base image."""
    return Environment(
        "churn-train",
        Python(
            channels=("conda-forge",),
            conda=tuple(conda_requirement(text) for text in ("python=3.12", "pip", "numpy>=2,<3", "pandas 2.2.*")),
            pip=(pip_requirement("shap==0.46.0"),),
        ),
        Image(base="python:3.12-slim-bookworm"),
        variables=(Variable("OMP_NUM_THREADS", "4"),),
        description="Trains the model",
        tags=(("team", "vision"),),
    )


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep settings and window state in the test's own folder."""
    path = tmp_path / "config" / "settings.toml"
    path.parent.mkdir()
    monkeypatch.setenv("ENVSTUDIO_CONFIG", str(path))
    return path


@pytest.fixture
def no_keyring() -> Iterator[None]:
    """Be on a machine without a keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Open a library with two environments."""
    with Library.open(tmp_path / "library.sqlite", who="ana") as opened:
        environment = churn()
        opened.versions.register(environment, "first")
        opened.versions.register(environment.with_conda(conda_requirement("numpy>=2.1,<3")), "newer numpy")
        opened.versions.register(Environment("ocr-gpu", Python(channels=("conda-forge",))), "empty")
        yield opened


@pytest.fixture
def session(qapp: QApplication, library: Library) -> Iterator[Session]:
    """Make a session; its jobs must be over and its threads joined in the end."""
    # An index that does not answer: what a test does not serve itself, the window finds nowhere.
    made = Session(library, Settings(theme="light", index="file:///nowhere/simple"))
    yield made
    made.shutdown()
    assert not made.jobs.active()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("lane ")]
    made.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, qtlog: object, session: Session) -> Iterator[MainWindow]:
    """Show a window; other windows and warnings that are left in the end fail the test."""
    qapp.setStyle("Fusion")
    theme.apply(qapp, "light")
    made = MainWindow(session)
    made.resize(1200, 800)
    made.show()
    yield made
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [widget for widget in qapp.topLevelWidgets() if widget.isVisible() and widget is not made]
    made.close()
    made.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not left
    records = qtlog.records  # type: ignore[attr-defined]
    warnings = [record.message for record in records if not any(text in record.message for text in OFFSCREEN)]
    assert not warnings


@pytest.fixture
def watch_model(qapp: QApplication, qtlog: object) -> Iterator[Callable[[QAbstractItemModel], None]]:
    """Return a function that puts a model under Qt's own tester; what that finds fails the test."""
    testers = []
    mode = QAbstractItemModelTester.FailureReportingMode.Warning

    def watch(model: QAbstractItemModel) -> None:
        testers.append(QAbstractItemModelTester(model, mode))

    yield watch
    assert not [record.message for record in qtlog.records if "FAIL!" in record.message]  # type: ignore[attr-defined]


@pytest.fixture
def wait_jobs(qtbot: QtBot, session: Session) -> Callable[[], None]:
    """Return a function that waits until no job waits or runs."""

    def wait() -> None:
        qtbot.waitUntil(lambda: not session.jobs.active(), timeout=60_000)

    return wait
