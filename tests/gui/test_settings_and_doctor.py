"""The pages for settings and for the installation, and the engine's state in the status bar."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from envstudio import settings
from envstudio.gui.main_window import MainWindow


def test_settings_are_written(window: MainWindow) -> None:
    QTest.keySequence(window, QKeySequence("Ctrl+,"))
    page = window.show_settings()
    assert window.tabs.count() == 1
    edit = page.fields["platforms"].edit
    assert isinstance(edit, QLineEdit)
    edit.setText("linux-64, osx-arm64")
    edit.editingFinished.emit()
    assert settings.load().platforms == ("linux-64", "osx-arm64")
    assert window.session.settings.platforms == ("linux-64", "osx-arm64")
    edit.clear()
    edit.editingFinished.emit()
    assert settings.load().platforms == ("linux-64",)
    page.take("builder", "direct")
    assert window.session.settings.builder == "direct"


def test_mirrors(window: MainWindow) -> None:
    page = window.show_settings()
    page.take_mirrors("mirror_images", "docker.io = registry.example\nquay.io")
    assert "quay.io" in page.fields["mirror_images"].reason.text()
    assert not settings.load().mirror_images
    page.take_mirrors("mirror_images", "docker.io = registry.example\nquay.io = q.example")
    assert settings.load().mirror_images == {"docker.io": "registry.example", "quay.io": "q.example"}
    page.take_mirrors("mirror_images", "quay.io = q.example")
    assert settings.load().mirror_images == {"quay.io": "q.example"}


def test_theme(window: MainWindow) -> None:
    page = window.show_settings()
    page.theme.textActivated.emit("dark")
    assert window.session.settings.theme == "dark"
    page.theme.textActivated.emit("light")


def test_doctor(
    window: MainWindow, wait_jobs: Callable[[], None], watch_model: Callable[[QAbstractItemModel], None]
) -> None:
    window.actions_of["doctor"].trigger()
    page = window.show_doctor()
    watch_model(page.model)
    wait_jobs()
    names = {item.name for item in page.model.findings}
    assert {"library", "engine", "keyring"} <= names
    assert page.again.isEnabled()
    QTest.keySequence(window, QKeySequence("Ctrl+W"))
    assert window.stack.currentWidget() is window.welcome


def test_engine_state(window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    window.session.settings = settings.assign("engine", "unix:///nowhere/docker.sock")
    window.engine_watch.look()
    window.engine_watch.look()
    wait_jobs()
    assert len([job for job in window.session.jobs.jobs if job.lane == "watch"]) == 1
    assert window.engine.text() == "No engine answers"
    assert not window.running.text()
