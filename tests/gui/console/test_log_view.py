"""The view of a log: bounded, following, searched, selected."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from envstudio.gui.console.log_lines import SLACK, LogLines
from envstudio.gui.console.log_search import LogSearch
from envstudio.gui.console.log_view import LogView
from envstudio.gui.jobs.job import MAX_LINES
from envstudio.report import Line


@pytest.fixture
def view(qtbot: QtBot) -> LogView:
    made = LogView("Log")
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    made.append([Line(f"line {number}") for number in range(1000)])
    return made


def test_it_follows_until_scrolled_up(view: LogView) -> None:
    bar = view.verticalScrollBar()
    assert view.following
    assert bar.value() == bar.maximum()
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert not view.following
    held = bar.value()
    view.append([Line("more")])
    assert bar.value() == held
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.following
    view.append([Line("still more")])
    assert bar.value() == bar.maximum()


def test_only_the_newest_lines_are_kept(view: LogView) -> None:
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    for start in range(1000, 3 * MAX_LINES, 10_000):
        view.append([Line(f"line {number}") for number in range(start, start + 10_000)])
    assert MAX_LINES <= len(view.lines) <= MAX_LINES + SLACK
    assert view.lines.shown(view.lines.end - 1) == f"line {view.lines.end - 1}"
    assert view.toPlainText().splitlines()[0] == f"line {view.lines.first}"
    view.show_line(0)
    assert view.marked == -1
    view.grab()


def test_search(view: LogView, qtbot: QtBot) -> None:
    view.append([Line("\x1b[31mERROR\x1b[0m: one"), Line("fine"), Line("error: two", "err")])
    search = LogSearch(view)
    qtbot.addWidget(search)
    search.open()
    search.edit.setText("Error: ")
    QTest.keyClick(search.edit, Qt.Key.Key_Return)
    assert view.found == [1000, 1002]
    assert search.count.text() == "1 of 2 lines"
    QTest.keyClick(search.edit, Qt.Key.Key_Return)
    assert view.current == 1002
    QTest.keyClick(search.edit, Qt.Key.Key_Return)
    assert view.current == 1000
    QTest.keyClick(search.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view.current == 1002
    view.append([Line("error: three")])
    assert search.count.text() == "2 of 3 lines"
    assert not view.following
    search.edit.setText("nothing like it")
    search.before.click()
    assert search.count.text() == "nowhere"
    assert not search.next.isEnabled()
    QTest.keyClick(search.edit, Qt.Key.Key_Escape)
    assert search.isHidden()
    assert view.wanted == ""


def test_copy(view: LogView) -> None:
    view.load(LogLines([Line("uv pip compile", "command"), Line("\x1b[32mgreen\x1b[0m"), Line("last")]))
    view.select_all()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "$ uv pip compile\ngreen\nlast"
    height = view.painter.height
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, height + height // 2 + 4))
    assert view.selected_text() == "green"
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected_text() == "green\nlast"


def test_a_line_is_shown(view: LogView) -> None:
    view.show_line(500)
    assert view.marked == 500
    assert not view.following
    top = view.verticalScrollBar().value()
    assert top < 500 < top + view.verticalScrollBar().pageStep()


def test_a_screen_reader_is_told_the_lines_that_are_seen(view: LogView, qtbot: QtBot) -> None:
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface.text(QAccessible.Text.Name) == "Log"

    def messages() -> list[str]:
        return interface.text(QAccessible.Text.Description).splitlines()

    view.append([Line("\x1b[31mthe end\x1b[0m")])
    qtbot.waitUntil(lambda: messages()[-1:] == ["the end"])
    assert 5 < len(messages()) < 30
    QTest.keyClick(view, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: messages()[:2] == ["line 0", "line 1"])
