"""The source page: form and text are two views of one value, and a text that cannot be read is kept."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio.domain.requirement import conda_requirement
from envstudio.gui import theme
from envstudio.gui.editor.source_page import READ_MILLISECONDS, SourcePage
from envstudio.gui.main_window import MainWindow
from envstudio.gui.widgets.code_edit import CodeEdit


@pytest.fixture
def source(window: MainWindow) -> SourcePage:
    page = window.open_environment("churn-train").show_page("Source")
    assert isinstance(page, SourcePage)
    return page


def test_typed_text_becomes_the_value(source: SourcePage, qtbot: QtBot) -> None:
    text = source.text.toPlainText()
    source.text.set_text(text.replace("numpy>=2.1,<3", "numpy>=2.2,<3  # for the new dtype"))
    qtbot.waitUntil(lambda: "numpy>=2.2" in " ".join(item.text for item in source.document.environment.python.conda))
    assert "# for the new dtype" in source.document.source()
    assert source.document.undo_stack.undoText() == "Edit source"
    source.document.undo_stack.undo()
    assert source.text.toPlainText() == text


def test_unreadable_text_is_marked_and_kept(window: MainWindow, source: SourcePage) -> None:
    before = source.document.environment
    text = source.text.toPlainText()
    line = next(row for row, item in enumerate(text.splitlines(), 1) if "numpy" in item)
    bad = text.replace("numpy>=2.1,<3", "numpy >>> 2")
    source.text.set_text(bad)
    window.flush()
    assert source.document.environment == before
    assert source.text.marked_line == line
    assert source.banner.isVisible()
    assert source.banner.label.text().startswith(f"Line {line}: ")
    # An edit in the form leaves the text alone, and so does closing the tab.
    source.document.edit("Add scipy", before.with_conda(conda_requirement("scipy")))
    assert source.text.toPlainText() == bad
    window.close_current()
    page = window.open_environment("churn-train").show_page("Source")
    assert isinstance(page, SourcePage)
    assert page.text.toPlainText() == bad
    assert page.text.marked_line == line
    view = window.current_view()
    assert view is not None
    tabs, index = view.tabs, view.tabs.currentIndex()
    assert not tabs.tabIcon(index).isNull(), "it is told on the other pages too"
    assert "cannot be read" in tabs.tabToolTip(index)
    next(button for button in page.banner.buttons if "Discard" in button.text()).click()
    assert "scipy" in page.text.toPlainText()
    assert page.text.marked_line == 0
    assert tabs.tabIcon(index).isNull()
    assert tabs.tabToolTip(index) == "Source (Alt+6)"


def test_closing_at_once_loses_nothing(window: MainWindow, source: SourcePage, wait_jobs) -> None:
    source.text.set_text(source.text.toPlainText() + "gpu:\n  cuda: '12.4'\n")
    window.close_current()
    wait_jobs()
    assert window.session.library.versions.draft("churn-train").environment.cuda == "12.4"


def test_the_form_edits_the_text(source: SourcePage) -> None:
    document = source.document
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    assert "scipy" in source.text.toPlainText()


def test_another_name_in_the_text(source: SourcePage, qtbot: QtBot) -> None:
    source.text.set_text(source.text.toPlainText().replace("churn-train", "other"))
    qtbot.waitUntil(lambda: "F2" in source.note.text())
    assert source.document.environment.name == "churn-train"


def test_replacing_text_keeps_the_cursor(qtbot: QtBot) -> None:
    edit = CodeEdit()
    qtbot.addWidget(edit)
    edit.setPlainText("a: 😀\nb: 2\nc: 3\n")
    cursor = edit.textCursor()
    cursor.setPosition(2)
    edit.setTextCursor(cursor)
    edit.set_text("a: 😀\nb: 22\nc: 3\n")
    assert edit.toPlainText() == "a: 😀\nb: 22\nc: 3\n"
    assert edit.textCursor().position() == 2
    QTest.keyClick(edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert edit.toPlainText() == "a: 😀\nb: 2\nc: 3\n"


def test_discarded_text_can_be_brought_back(source: SourcePage) -> None:
    broken = source.text.toPlainText() + "python: [half\n"
    source.text.set_text(broken)
    source._timer.stop()
    source._read()
    next(button for button in source.banner.buttons if "Discard" in button.text()).click()
    assert source.text.toPlainText() != broken
    assert "discarded" in source.banner.label.text()
    source.banner.buttons[0].click()
    assert source.text.toPlainText() == broken
    assert source.text.marked_line
    assert "source" in source.document.unfinished


def test_new_colours_and_fonts_edit_nothing(qapp: QApplication, window: MainWindow, source: SourcePage, qtbot) -> None:
    view = window.current_view()
    assert view is not None
    view.show_page("Image")
    view.show_packages().add_lines(["scipy>=1.13"])
    edited = source.document.environment
    theme.apply(qapp, "dark")
    theme.apply_fonts(qapp, "14", "")
    qtbot.wait(2 * READ_MILLISECONDS)
    theme.apply(qapp, "light")
    theme.apply_fonts(qapp, "", "")
    qtbot.wait(2 * READ_MILLISECONDS)
    assert source.document.environment == edited
    assert source.document.undo_stack.undoText() == "Add scipy"


def test_what_is_missing_at_the_end_is_marked_at_the_last_line(window: MainWindow, source: SourcePage) -> None:
    bad = source.text.toPlainText() + "tags: [oops\n"
    source.text.set_text(bad)
    window.flush()
    last = len(bad.splitlines())
    assert source.text.marked_line == last
    assert source.banner.label.text().startswith(f"Line {last}: ")
