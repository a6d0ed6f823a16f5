"""Settings that the command line writes while the window is open are taken over, and not written over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.waiting import come_to_rest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from envstudio import settings
from envstudio.gui.frame.main_window import MainWindow

TIMEOUT = 4000


@pytest.fixture
def watched(window: MainWindow, wait_jobs) -> Iterator[MainWindow]:
    window.settings_watch.start()
    wait_jobs()
    yield window
    window.settings_watch.stop()


def command_line(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "envstudio", "settings", *words], check=True, timeout=60, capture_output=True)


def test_what_the_command_line_writes_is_shown_and_kept(watched: MainWindow, qtbot: QtBot) -> None:
    page = watched.show_settings()
    edit = page.fields["platforms"].edit
    assert isinstance(edit, QLineEdit)
    command_line("platforms", "linux-64,osx-arm64")
    qtbot.waitUntil(lambda: edit.text() == "linux-64, osx-arm64", timeout=TIMEOUT)
    assert watched.session.settings.platforms == ("linux-64", "osx-arm64")
    # What only this window was given stays.
    assert watched.session.settings.index == "file:///nowhere/simple"
    command_line("platforms", "")
    qtbot.waitUntil(lambda: edit.text() == "", timeout=TIMEOUT)
    command_line("mirror_images.docker.io", "registry.example")
    table = page.fields["mirror_images"]
    qtbot.waitUntil(lambda: table.text() == "docker.io = registry.example", timeout=TIMEOUT)
    command_line("mirror_images.docker.io", "")
    qtbot.waitUntil(lambda: table.text() == "", timeout=TIMEOUT)


def test_a_field_that_is_only_passed_writes_nothing(window: MainWindow) -> None:
    """Also before the window has heard of what another program wrote."""
    page = window.show_settings()
    command_line("timeout", "90")
    edit = page.fields["timeout"].edit
    assert isinstance(edit, QLineEdit)
    edit.editingFinished.emit()
    assert settings.load().timeout == "90"
    edit.setText("30")
    edit.editingFinished.emit()
    assert settings.load().timeout == "30"


def test_what_is_being_typed_stays(watched: MainWindow, qtbot: QtBot) -> None:
    page = watched.show_settings()
    watched.activateWindow()
    edit = page.fields["author"].edit
    edit.setFocus()
    qtbot.keyClicks(edit, "ana")
    command_line("timeout", "90")
    qtbot.waitUntil(lambda: page.fields["timeout"].text() == "90", timeout=TIMEOUT)
    assert page.fields["author"].text() == "ana"


def test_the_theme_follows(watched: MainWindow, qtbot: QtBot, qapp: QApplication) -> None:
    command_line("theme", "dark")
    qtbot.waitUntil(lambda: qapp.palette().window().color().lightness() < 100, timeout=TIMEOUT)
    assert watched.actions_of["theme_dark"].isChecked()


def test_a_file_that_cannot_be_read_changes_nothing(watched: MainWindow, qtbot: QtBot, config: Path) -> None:
    command_line("timeout", "90")
    qtbot.waitUntil(lambda: watched.session.settings.timeout == "90", timeout=TIMEOUT)
    config.write_text("timeout = ")
    come_to_rest(watched.session.jobs)
    watched.settings_watch.look()
    come_to_rest(watched.session.jobs)
    assert watched.session.settings.timeout == "90"
    config.write_text('timeout = "45"')
    qtbot.waitUntil(lambda: watched.session.settings.timeout == "45", timeout=TIMEOUT)
