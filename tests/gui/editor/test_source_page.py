"""The source page: form and text are two views of one value, and a text that cannot be read is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gui.waiting import handle_events
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio.domain.environment import Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.gui.editor.source_page import SourcePage
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.look import theme
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
    # An edit elsewhere is refused, and closing the tab leaves the text alone.
    source.document.edit("Add scipy", before.with_conda(conda_requirement("scipy")))
    assert source.document.environment == before
    assert window.notice.label.text().startswith("Not done: the page Source of churn-train")
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
    assert page.text.toPlainText() == text
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


def test_discarded_text_can_be_brought_back(window: MainWindow, source: SourcePage) -> None:
    broken = source.text.toPlainText() + "python: [half\n"
    source.text.set_text(broken)
    window.flush()
    next(button for button in source.banner.buttons if "Discard" in button.text()).click()
    assert source.text.toPlainText() != broken
    assert "discarded" in source.banner.label.text()
    source.banner.buttons[0].click()
    assert source.text.toPlainText() == broken
    assert source.text.marked_line
    assert "source" in source.document.invalid_inputs


def test_new_colours_and_fonts_edit_nothing(qapp: QApplication, window: MainWindow, source: SourcePage) -> None:
    view = window.current_view()
    assert view is not None
    view.show_page("Image")
    view.show_packages().add_lines(["scipy>=1.13"])
    edited = source.document.environment
    theme.apply(qapp, "dark")
    theme.apply_fonts(qapp, "14", "")
    handle_events()
    window.flush()
    theme.apply(qapp, "light")
    theme.apply_fonts(qapp, "", "")
    handle_events()
    window.flush()
    assert source.document.environment == edited
    assert source.document.undo_stack.undoText() == "Add scipy"


def test_what_is_missing_at_the_end_is_marked_at_the_last_line(window: MainWindow, source: SourcePage) -> None:
    bad = source.text.toPlainText() + "tags: [oops\n"
    source.text.set_text(bad)
    window.flush()
    last = len(bad.splitlines())
    assert source.text.marked_line == last
    assert source.banner.label.text().startswith(f"Line {last}: ")


@pytest.mark.parametrize("sign", ["\u00a0", "\u2028", "\u200b", "\u3000", "ä", "😀", "\t"])
def test_no_character_is_taken_for_another(qtbot: QtBot, source: SourcePage, sign: str) -> None:
    document = source.document
    about = replace(document.environment, description=f"10{sign}000 rows")
    document.edit("Describe", about)
    source.text.set_text(source.text.toPlainText().replace("numpy>=2.1,<3", "numpy>=2.2"))
    qtbot.waitUntil(lambda: "numpy>=2.2" in document.source())
    assert document.environment.description == f"10{sign}000 rows"


HAND = """\
# Ours.
name: churn-train

python:
  channels: ['conda-forge']   # no defaults
  pip: ["shap==0.46.0"]
  conda:
    - python=3.12   # as in production
    # arrays
    - "numpy>=2.1,<3"
    - pip
image: &image
  base: python:3.12-slim-bookworm
variables:
  OMP_NUM_THREADS: '4'  # cores
"""


@pytest.fixture
def by_hand(source: SourcePage, window: MainWindow) -> SourcePage:
    source.text.set_text(HAND)
    window.flush()
    assert source.document.source() == HAND
    return source


def test_an_edit_in_the_form_changes_its_own_line_only(by_hand: SourcePage) -> None:
    document = by_hand.document
    environment = document.environment
    document.edit("Cores", environment.with_variable(Variable("OMP_NUM_THREADS", "8")))
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    document.edit("Bound", document.environment.with_conda(conda_requirement("numpy>=2.2")))
    expected = HAND.replace("'4'", "'8'").replace("    - pip\n", "    - pip\n    - scipy\n").replace("2.1,<3", "2.2")
    assert by_hand.text.toPlainText() == expected
    for _ in range(3):
        document.undo_stack.undo()
    assert by_hand.text.toPlainText() == HAND


def test_a_fix_changes_its_own_line_only(by_hand: SourcePage, window: MainWindow) -> None:
    by_hand.text.set_text(HAND.replace("    - pip\n", ""))
    window.flush()
    next(button for button in by_hand.problems.fix_buttons if button.text() == "Add pip").click()
    assert by_hand.text.toPlainText() == HAND


def test_undo_brings_comments_back(by_hand: SourcePage, window: MainWindow) -> None:
    document = by_hand.document
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    before = document.source()
    after = before.replace("    # arrays\n", "").replace("'4'  # cores", "'5'")
    by_hand.text.set_text(after)
    window.flush()
    document.undo_stack.undo()
    assert document.source() == by_hand.text.toPlainText() == before
    document.undo_stack.redo()
    assert document.source() == by_hand.text.toPlainText() == after


def test_a_comment_alone_can_be_undone(by_hand: SourcePage, window: MainWindow) -> None:
    document = by_hand.document
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    with_scipy = document.source()
    by_hand.text.set_text(with_scipy + "# the end\n")
    window.flush()
    document.undo_stack.undo()
    assert by_hand.text.toPlainText() == with_scipy
    document.undo_stack.undo()
    assert by_hand.text.toPlainText() == HAND
    document.undo_stack.redo()
    document.undo_stack.redo()
    assert by_hand.text.toPlainText() == with_scipy + "# the end\n"


def test_a_comment_written_elsewhere_is_shown(by_hand: SourcePage, window: MainWindow, wait_jobs) -> None:
    document, library = by_hand.document, window.session.library
    document.flush()
    text = HAND.replace("# Ours.", "# Theirs.")
    library.versions.save_draft(document.environment, text=text)
    document.follow()
    assert by_hand.text.toPlainText() == text
    document.undo_stack.undo()
    assert by_hand.text.toPlainText() == HAND
    wait_jobs()


def test_comments_outlive_a_registering_that_makes_no_version(by_hand: SourcePage, wait_jobs) -> None:
    document = by_hand.document
    assert document.register("by hand").created
    commented = HAND + "# the end\n"
    document.write(document.environment, commented)
    assert not document.register("only a comment").created
    document.flush()
    assert document.library.versions.draft("churn-train").text == commented


def test_the_form_is_only_read_while_the_text_cannot_be(window: MainWindow) -> None:
    """A package that was added meanwhile would vanish when the text is corrected."""
    view = window.open_environment("churn-train")
    packages = view.show_packages()
    source = view.show_page("Source")
    assert isinstance(source, SourcePage)
    good = source.text.toPlainText()
    source.text.setPlainText(good + "\n: : :\n")
    source.commit()
    before = view.document.environment
    view.show_packages()
    assert not packages.isEnabled()
    assert view.frozen is not None
    assert view.frozen.isVisible()
    view.document.edit("Add", before.with_pip(pip_requirement("tqdm")))
    assert view.document.environment == before
    # The button leads to the line.
    view.frozen.buttons[0].click()
    assert view.page_title == "Source"
    assert not view.frozen.isVisible()
    source.text.setPlainText(good)
    source.commit()
    view.show_packages()
    assert packages.isEnabled()
    assert not view.frozen.isVisible()
    view.document.edit("Add", before.with_pip(pip_requirement("tqdm")))
    assert view.document.environment != before
