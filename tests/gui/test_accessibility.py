"""Every screen can be used by keys and by a screen reader: names of controls, the way of Tab, visible focus."""

from __future__ import annotations

from pathlib import Path

from gui.waiting import come_to_rest, handle_events
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

from envstudio.gui.console.log_view import LogView
from envstudio.gui.frame.focus_order import stops
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.images.treemap import Treemap
from envstudio.gui.widgets.code_edit import CodeEdit
from envstudio.gui.widgets.frozen_column import FrozenColumn
from envstudio.gui.widgets.quick_pick import QuickPick
from tests.pictures.scenes import scenes
from tests.pictures.screenshots import sample_window

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit, QAbstractItemView, QTabBar, LogView, Treemap)
MOST_LINKS = 60
MOUSE_ONLY = ("ScrollLeftButton", "ScrollRightButton", "qt_toolbar_ext_button")
"""Parts that Qt adds for the mouse; by keys one reaches what they lead to without them."""


def is_inner(widget: QWidget) -> bool:
    """Return whether a widget is a part that Qt puts into another control, which has the name and the focus."""
    parent = widget.parentWidget()
    if isinstance(widget, (QHeaderView, QScrollBar, QMenuBar)) or widget.objectName() in MOUSE_ONLY:
        return True
    if isinstance(widget, FrozenColumn):
        # A part of the table that it lies over, which has the keys.
        return True
    while parent is not None:
        if isinstance(parent, (QComboBox, QLineEdit)):
            return True
        parent = parent.parentWidget()
    return False


def controls(root: QWidget) -> list[QWidget]:
    """Return the controls that are seen."""
    found = (widget for kind in CONTROLS for widget in root.findChildren(kind))
    return [widget for widget in dict.fromkeys(found) if widget.isVisible() and not is_inner(widget)]


def name_of(widget: QWidget) -> str:
    """Return what a screen reader calls a control."""
    buddies = (label.text() for label in widget.window().findChildren(QLabel) if label.buddy() is widget)
    text = widget.text() if isinstance(widget, (QAbstractButton, QLabel)) else ""
    return widget.accessibleName() or text or next(buddies, "")


def reached(root: QWidget, key: Qt.Key) -> set[QWidget]:
    """Return the controls that Tab, or Shift+Tab, stops at, and those that arrow keys reach within a group of buttons.

    From a widget the way is always the same, so that it ends if one comes a second time.
    """
    found: set[QWidget] = set()
    start = root.focusWidget()
    here = start or root
    links = 0
    while here not in found or links:
        found.add(here)
        if isinstance(here, CodeEdit):
            # Its description says so.
            QTest.keyClick(here, Qt.Key.Key_Escape)
        before = here
        QTest.keyClick(here, key)
        here = root.focusWidget() or root
        # A text with links lets Tab go from link to link first.
        links = links + 1 if here is before and isinstance(here, QLabel) and links < MOST_LINKS else 0
    if start is not None:
        start.setFocus()
    for widget in list(found):
        group = widget.group() if isinstance(widget, QAbstractButton) else None
        found |= set(group.buttons()) if group is not None and group.exclusive() else set()
    return found


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {name_of(widget)!r} in {type(widget.parentWidget()).__name__}"


def shows_focus(window: MainWindow, widget: QWidget) -> bool:
    """Return whether a control looks another way when the keys go to it."""
    elsewhere = window.tool_bar.go_to if widget is not window.tool_bar.go_to else window.browser.filter
    elsewhere.setFocus()
    before = widget.grab().toImage()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    return widget.grab().toImage() != before


def is_led_by_its_field(widget: QWidget) -> bool:
    """Return whether a list is moved through by the arrow keys in the field above it, and so needs no focus."""
    return isinstance(widget.parentWidget(), QuickPick) and isinstance(widget, QAbstractItemView)


def test_on_every_screen_controls_have_names_are_reached_by_tab_and_show_it(qapp: QApplication, tmp_path: Path) -> None:
    nameless: dict[str, str] = {}
    unreached: dict[str, str] = {}
    unseen: dict[str, str] = {}
    looked_at: set[str] = set()
    seen = set()
    with sample_window(tmp_path / "sample", "light") as window:
        for scene in scenes(window, empty=False):
            seen.add(scene)
            come_to_rest(window.session.jobs)
            root = QApplication.activePopupWidget() or QApplication.activeModalWidget() or window
            found = dict.fromkeys([*controls(root), *stops(root)])
            nameless |= {described(widget): scene for widget in found if not name_of(widget)}
            for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                by_keys = reached(root, key)
                for widget in controls(root):
                    if widget.isEnabled() and widget not in by_keys and not is_led_by_its_field(widget):
                        unreached.setdefault(f"{described(widget)} by {key.name}", scene)
            if root is window:
                window.activateWindow()
                handle_events()
                new = [widget for widget in stops(window) if described(widget) not in looked_at]
                unseen |= {described(widget): scene for widget in new if not shows_focus(window, widget)}
                looked_at |= {described(widget) for widget in new}
    assert len(seen) > 40
    assert nameless == {}
    assert unseen == {}
    assert not unreached, "\n".join(f"{scene}: {what}" for what, scene in unreached.items())


def test_tab_goes_as_one_reads(window: MainWindow) -> None:
    page = window.open_environment("churn-train").show_packages()
    window.activateWindow()
    page.filter.setFocus()
    way = []
    for _ in range(4):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        way.append(window.focusWidget().accessibleName())
    assert way == ["Add a pip option", "Packages", "Add a package", "Add with"]
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Backtab)
    assert window.focusWidget() is page.add_line.edit


def test_tab_indents_the_source_and_escape_leaves_it(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    text = view.show_page("Source").text  # type: ignore[attr-defined]
    text.set_text("name: churn-train\n")
    text.setFocus()
    text.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(text, "a:")
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClick(text, Qt.Key.Key_Tab)
    QTest.keyClicks(text, "b: 1")
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClicks(text, "c: 2")
    assert text.toPlainText() == "name: churn-train\na:\n  b: 1\n  c: 2"
    text.moveCursor(QTextCursor.MoveOperation.PreviousBlock, QTextCursor.MoveMode.KeepAnchor)
    QTest.keyClick(text, Qt.Key.Key_Backtab)
    assert text.toPlainText().splitlines()[-2:] == ["b: 1", "c: 2"]
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert text.toPlainText().splitlines()[-2:] == ["  b: 1", "  c: 2"]
    assert window.focusWidget() is text
    QTest.keyClick(text, Qt.Key.Key_Escape)
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert window.focusWidget() is not text
    view.document.undo_stack.undo()
