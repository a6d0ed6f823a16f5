"""The group Deleted of the browser: from there environments are restored, or removed for ever after a question."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox

from envstudio.gui.browser.model import DELETED
from envstudio.gui.frame.main_window import MainWindow
from envstudio.library import Library


def row_of(window: MainWindow, name: str) -> int:
    """Return the row of a deleted environment, its group unfolded."""
    model = window.browser.model
    model.set_folded(DELETED, False)
    rows = (model.deleted(model.index(row)) for row in range(model.rowCount()))
    return next(number for number, item in enumerate(rows) if item is not None and item.name == name)


def menu_of(window: MainWindow, name: str) -> dict[str, QAction]:
    """Open the menu of a deleted environment by a right click."""
    view = window.browser.list
    row = row_of(window, name)
    view.scrollTo(view.model().index(row, 0))
    position: QPoint = view.visualRect(view.model().index(row, 0)).center()
    view.customContextMenuRequested.emit(position)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    menu.hide()
    return actions


def delete(window: MainWindow, name: str) -> None:
    window.browser.select(name)
    window.browser.list.setFocus()
    QTest.keySequence(window.browser.list, QKeySequence("Del"))


def test_deleted_ones_are_restored_from_their_group(window: MainWindow, library: Library) -> None:
    assert window.browser.model.count(DELETED) == 0
    for name in ("churn-train", "ocr-gpu"):
        delete(window, name)
    assert window.browser.model.count(DELETED) == 2
    actions = menu_of(window, "churn-train")
    assert list(actions) == ["Restore churn-train", "Remove churn-train for ever…"]
    actions["Restore churn-train"].trigger()
    assert {info.name for info in library.environments.list()} == {"churn-train"}
    assert window.browser.model.count(DELETED) == 1
    view = window.current_view()
    assert view is not None
    assert view.document.name == "churn-train"
    # Restoring can be undone as well.
    assert window.actions_of["undo"].text() == "Undo Restore churn-train"


def test_what_is_removed_for_ever_is_asked_for_first(window: MainWindow, library: Library) -> None:
    delete(window, "churn-train")
    menu_of(window, "churn-train")["Remove churn-train for ever…"].trigger()
    box = window.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    assert box.text() == "Remove churn-train for ever?"
    assert box.informativeText().startswith("2 versions, 0 locks and the records of 0 images are removed with it.")
    # Enter is no.
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert [item.name for item in library.deleted.list()] == ["churn-train"]
    menu_of(window, "churn-train")["Remove churn-train for ever…"].trigger()
    box = next(item for item in window.findChildren(QMessageBox) if item.isVisible())
    next(button for button in box.buttons() if button.text() == "Remove for ever").click()
    assert library.deleted.list() == ()
    assert window.browser.model.count(DELETED) == 0
    # What was the last thing done cannot be undone any more, and says so.
    window.actions_of["undo"].trigger()
    assert window.notice.label.text().startswith("That cannot be undone")


def test_a_name_that_is_taken_is_said(window: MainWindow, library: Library) -> None:
    delete(window, "churn-train")
    window.session.apply(library.versions.register(library.find("ocr-gpu").environment.renamed("churn-train")).change)
    menu_of(window, "churn-train")["Restore churn-train"].trigger()
    assert "already exists" in window.notice.label.text()


def test_keys_of_the_list_are_not_about_deleted_ones(window: MainWindow, library: Library) -> None:
    delete(window, "churn-train")
    view = window.browser.list
    view.setCurrentIndex(view.model().index(row_of(window, "churn-train"), 0))
    QTest.keySequence(view, QKeySequence("Del"))
    assert [item.name for item in library.deleted.list()] == ["churn-train"]
    assert window.browser.selected() == []
    assert not any(button.isEnabled() for button in window.browser.action_bar.buttons.values())
    window.browser.filter.setText("churn")
    assert row_of(window, "churn-train")
    window.browser.filter.setText("ocr")
    assert window.browser.model.count(DELETED) == 0
