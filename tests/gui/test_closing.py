"""Closing the window and leaving a workspace: nothing that was typed is lost, and a full disk is said."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from sqlite_connections import full_disk

from envstudio.gui.editor.packages_model import WANTED
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.model.document import Document
from envstudio.library import Library

LONG = "x" * 1_000_000


def describe(window: MainWindow, text: str) -> Document:
    """Make a draft that differs in its description."""
    document = window.open_environment("churn-train").document
    document.edit("Change description", replace(document.environment, description=text))
    return document


def test_drafts_are_written_behind_a_window_that_closes(window: MainWindow, library: Library, qtbot: QtBot) -> None:
    describe(window, "another")
    with qtbot.waitSignal(window.closed):
        window.close()
        assert window.isHidden()
    assert library.versions.draft("churn-train").environment.description == "another"


CLOSED_IN_THE_MIDST = """
import sys
from dataclasses import replace
from PySide6.QtCore import QTimer
from envstudio.gui.app import Application
from envstudio.settings import Settings

application = Application(Settings(theme="light", index="file:///nowhere/simple"))
application.open(sys.argv[1], "")

def edit_and_close():
    document = application.window.open_environment("churn-train").document
    document.edit("Change description", replace(document.environment, description="another"))
    application.window.close()

QTimer.singleShot(0, edit_and_close)
sys.exit(application.run())
"""


def test_the_program_ends_when_the_drafts_are_written(library: Library) -> None:
    words = [sys.executable, "-c", CLOSED_IN_THE_MIDST, library.location]
    subprocess.run(words, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, check=True, timeout=60)
    assert library.versions.draft("churn-train").environment.description == "another"


@pytest.mark.parametrize("then", ["room is made", "it is given up"])
def test_a_window_comes_back_whose_draft_cannot_be_written(
    window: MainWindow, library: Library, qtbot: QtBot, then: str
) -> None:
    document = describe(window, LONG)
    with full_disk(library.location):
        window.close()
        qtbot.waitUntil(lambda: not window.session.jobs.active())
        assert window.isVisible()
        assert "could not be saved" in window.notice.label.text()
        assert "disk is full" in window.console.banner.label.text()
        assert document.unsaved
        if then == "it is given up":
            with qtbot.waitSignal(window.closed):
                window.notice.buttons[0].click()
    if then == "room is made":
        with qtbot.waitSignal(window.closed):
            window.close()
    kept = library.versions.draft("churn-train").environment.description
    assert kept == (LONG if then == "room is made" else "Trains the model")


def test_what_is_typed_in_a_cell_is_kept_when_the_workspace_is_left(
    window: MainWindow, library: Library, wait_jobs
) -> None:
    window.session.apply(library.workspaces.create("team"))
    page = window.open_environment("churn-train").show_packages()
    page.table.setFocus()
    page.table.edit(page.proxy.index(page.model.row_of("conda", "numpy"), WANTED))
    editor = page.table.findChild(QLineEdit)
    assert QApplication.focusWidget() is editor
    editor.setText(">=2.2")
    window.session.switch_workspace("team")
    wait_jobs()
    assert "numpy>=2.2" in [item.text for item in library.versions.draft("churn-train").environment.python.conda]
