"""The browser: its tree model, the filter with the query language, and what can be done from it."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pytest
from gui.waiting import handle_events
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from envstudio.domain.query import Query
from envstudio.domain.reference import Reference
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.browser.model import ARCHIVED, CURATED_GROUP, ENVIRONMENTS, BrowserModel, group_of, states
from envstudio.gui.browser.name_edit import NameEdit
from envstudio.gui.dialogs.new_environment import NewEnvironmentDialog
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.model.command_table import commands_of
from envstudio.gui.pages.error_dialog import ErrorDialog
from envstudio.gui.widgets.quick_pick import QuickPick
from envstudio.library import Library


def names(window: MainWindow, group: int = ENVIRONMENTS) -> list[str]:
    model = window.browser.model
    model.set_folded(group, False)
    infos = (model.info(model.index(row)) for row in range(model.rowCount()))
    return [info.name for info in infos if info is not None and group_of(info) == group]


def test_model(watch_model, library: Library) -> None:
    model = BrowserModel()
    watch_model(model)
    model.load(library.environments.list(), Query(), None)
    assert model.count(ENVIRONMENTS) == 2
    library.environments.archive("ocr-gpu")
    model.refresh(["ocr-gpu"], library.environments.list(archived=True, names=["ocr-gpu"]))
    assert (model.count(ENVIRONMENTS), model.count(ARCHIVED)) == (1, 1)
    library.environments.rename("churn-train", "a-new-name")
    model.refresh(["churn-train", "a-new-name"], library.environments.list(names=["a-new-name"]))
    assert not model.index_of("churn-train").isValid()
    assert model.index_of("a-new-name").isValid()
    model.refresh(["a-new-name"], [])
    assert model.count(ENVIRONMENTS) == 0
    model.filter(Query(words=("ocr",)), None)
    assert model.count(ARCHIVED) == 1


def test_states_are_words_too(window: MainWindow, library: Library) -> None:
    info = window.browser.model.find("churn-train")
    assert info is not None
    assert states(info) == ["version 2", "not locked", "no image"]
    index = window.browser.model.index_of("churn-train")
    assert "not locked" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "team=vision" in index.data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["churn-train", "ocr-gpu"]),
        ("churn", ["churn-train"]),
        ("vision", ["churn-train"]),
        ("pkg:numpy>=2", ["churn-train"]),
        ("pkg:numpy<2", []),
        ("label:prod", ["ocr-gpu"]),
        ("var:OMP_NUM_THREADS", ["churn-train"]),
        ("tag:team=vision churn", ["churn-train"]),
        ("nothing-like-this", []),
    ],
)
def test_filter(window: MainWindow, library: Library, wait_jobs, text: str, found: list[str]) -> None:
    window.session.apply(library.versions.label(Reference("ocr-gpu"), "prod"))
    QTest.keyClicks(window.browser.filter, text)
    wait_jobs()
    assert names(window) == found


def test_a_search_for_packages_finds_what_was_registered_meanwhile(
    window: MainWindow, library: Library, wait_jobs
) -> None:
    window.browser.filter.setText("pkg:scipy")
    wait_jobs()
    assert names(window) == []
    environment = library.find("churn-train").environment.with_conda(conda_requirement("scipy"))
    window.session.apply(library.versions.register(environment, "scipy").change)
    wait_jobs()
    assert names(window) == ["churn-train"]


def test_malformed_filter_is_marked_and_keeps_the_rows(window: MainWindow) -> None:
    window.browser.filter.setText("pkg:numpy>=")
    assert window.browser.filter.property("invalid")
    assert "pkg:" in window.browser.reason.text()
    assert names(window) == ["churn-train", "ocr-gpu"]
    window.browser.filter.setText("churn")
    assert not window.browser.filter.property("invalid")


def test_enter_opens(window: MainWindow) -> None:
    window.browser.select("churn-train")
    QTest.keyClick(window.browser.list, Qt.Key.Key_Return)
    view = window.current_view()
    assert view is not None
    assert view.document.name == "churn-train"


def test_double_click_opens(window: MainWindow) -> None:
    rect = window.browser.list.visualRect(window.browser.model.index_of("ocr-gpu"))
    viewport = window.browser.list.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=rect.center())
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=rect.center())
    view = window.current_view()
    assert view is not None
    assert view.document.name == "ocr-gpu"


def test_rename_in_place(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    window.open_environment("churn-train")
    window.browser.select("churn-train")
    window.browser.list.setFocus()
    window.actions_of.of_selection("rename").trigger()
    editor = window.browser.list.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.setText("churn")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: library.environments.exists("churn"))
    assert names(window) == ["churn", "ocr-gpu"]
    assert window.tabs.tabText(0) == "churn"


@pytest.mark.parametrize(("wrong", "why"), [("ocr-gpu", "already"), ("not a name!", "beginning with a letter")])
def test_a_name_that_will_not_do_stays_in_its_row(window: MainWindow, library: Library, wrong: str, why: str) -> None:
    window.browser.select("churn-train")
    window.browser.list.setFocus()
    window.actions_of.of_selection("rename").trigger()
    editor = window.browser.list.findChild(NameEdit)
    assert isinstance(editor, NameEdit)
    editor.setText(wrong)
    assert why in editor.reason
    assert editor.accessibleDescription() == editor.reason
    QTest.keyClick(editor, Qt.Key.Key_Return)
    handle_events()
    assert editor.isVisible()
    assert editor.text() == wrong
    assert not window.findChildren(ErrorDialog)
    editor.setText("churn")
    assert not editor.reason
    editor.setText(wrong)
    window.browser.filter.setFocus()
    handle_events()
    assert names(window) == ["churn-train", "ocr-gpu"]
    assert library.environments.exists("churn-train")
    assert not window.findChildren(ErrorDialog)


def test_delete_by_key_and_undo_from_the_banner(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    window.open_environment("churn-train")
    window.browser.select("churn-train")
    window.activateWindow()
    window.browser.list.setFocus()
    QTest.keyClick(window.browser.list, Qt.Key.Key_Delete)
    assert not library.environments.exists("churn-train")
    assert window.tabs.count() == 0
    assert names(window) == ["ocr-gpu"]
    window.notice.buttons[0].click()
    assert names(window) == ["churn-train", "ocr-gpu"]


def test_archive_from_the_menu(window: MainWindow, library: Library) -> None:
    window.browser.select("ocr-gpu")
    window.browser.list.setFocus()
    window.actions_of.of_selection("archive").trigger()
    assert names(window, ARCHIVED) == ["ocr-gpu"]
    window.notice.buttons[0].click()
    assert names(window, ARCHIVED) == []


def test_dropped_file_is_imported(window: MainWindow, library: Library, tmp_path, wait_jobs) -> None:
    path = tmp_path / "envstudio.yml"
    path.write_text("schema: 1\nname: dropped\npython:\n  channels: [conda-forge]\n  conda: [python=3.12]\n")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    arguments = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window.browser, QDragEnterEvent(QPoint(5, 5), *arguments))
    QApplication.sendEvent(window.browser, QDropEvent(QPointF(5, 5), *arguments))
    wait_jobs()
    assert len(names(window)) == 3


def test_copy_reference(window: MainWindow) -> None:
    window.browser.select("churn-train")
    window.browser.list.setFocus()
    window.actions_of.of_selection("copy_reference").trigger()
    assert QGuiApplication.clipboard().text() == "churn-train:2"


def test_a_change_reloads_only_what_it_names(window: MainWindow, library: Library) -> None:
    touched = []
    window.browser.model.dataChanged.connect(lambda first, last: touched.append(first.data()))
    window.session.apply(library.versions.label(Reference("ocr-gpu"), "prod"))
    assert "churn-train" not in touched
    assert "ocr-gpu" in touched


def test_groups_fold_by_click_and_by_key(window: MainWindow) -> None:
    model, view = window.browser.model, window.browser.list
    heading = model.index(0)
    assert heading.data() == "Environments"
    count = model.rowCount()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(heading).center())
    assert model.rowCount() == count - 2
    view.setCurrentIndex(model.index(0))
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert model.rowCount() == count
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert model.is_folded(ENVIRONMENTS)


def test_curated_unfold_while_searching(window: MainWindow) -> None:
    assert window.browser.model.count(CURATED_GROUP)
    assert window.browser.model.is_folded(CURATED_GROUP)
    window.browser.filter.setText("python")
    assert not window.browser.model.is_folded(CURATED_GROUP)


def test_filter_completes_terms_and_their_values(window: MainWindow, library: Library, wait_jobs) -> None:
    panel = window.browser
    window.session.apply(library.versions.label(Reference("ocr-gpu"), "prod"))
    panel.filter.setFocus()
    wait_jobs()

    def offered(text: str) -> list[str]:
        panel.filter.clear()
        QTest.keyClicks(panel.filter, text)
        model = panel.completer.completionModel()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    assert offered("churn la") == ["label:"]
    assert offered("label:") == ["label:prod"]
    assert offered("tag:t") == ["tag:team=vision"]
    assert "pkg:numpy" in offered("pkg:n")
    assert offered("churn var:OMP") == ["var:OMP_NUM_THREADS"]
    popup = panel.completer.popup()
    assert popup is not None
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert panel.filter.text() == "churn var:OMP_NUM_THREADS"
    wait_jobs()
    assert names(window) == ["churn-train"]
    assert offered("churn") == []


def select_all(window: MainWindow) -> None:
    window.browser.list.setFocus()
    window.browser.list.selectAll()


def test_several_are_exported_into_folders(window: MainWindow, tmp_path, wait_jobs) -> None:
    select_all(window)
    window.actions_of.of_selection("export").trigger()
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    QTest.keyClick(pick.edit, Qt.Key.Key_Return)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    wait_jobs()
    assert (tmp_path / "churn-train").is_dir()
    assert any((tmp_path / "ocr-gpu").iterdir())
    assert "2 environments" in window.notice.label.text()


def test_several_are_compared_archived_and_brought_back(window: MainWindow, wait_jobs) -> None:
    select_all(window)
    window.actions_of.of_selection("compare").trigger()
    wait_jobs()
    view = window.current_view()
    assert view is not None
    assert view.page("History").title.text() == "churn-train:2 → ocr-gpu:1"  # type: ignore[attr-defined]
    select_all(window)
    window.actions_of.of_selection("archive").trigger()
    assert names(window, ARCHIVED) == ["churn-train", "ocr-gpu"]
    assert "2 environments" in window.notice.label.text()
    window.notice.buttons[0].click()
    assert names(window) == ["churn-train", "ocr-gpu"]


def test_busy_is_a_word_too(window: MainWindow) -> None:
    window.browser.model.set_busy({"churn-train": "build"})
    index = window.browser.model.index_of("churn-train")
    assert "building" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "building now" in index.data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("chosen", [["churn-train"], ["churn-train", "ocr-gpu"]])
def test_what_is_selected_stays_selected_when_it_changes(window: MainWindow, library: Library, chosen) -> None:
    window.browser.list.clearSelection()
    for name in chosen:
        rows = window.browser.list.selectionModel()
        rows.select(window.browser.model.index_of(name), QItemSelectionModel.SelectionFlag.Select)
    window.session.apply(
        library.versions.register(library.find("churn-train").environment.with_channels(["x"]), "x").change
    )
    assert [info.name for info in window.browser.selected()] == chosen
    window.session.apply(library.versions.label(Reference("churn-train"), "prod"))
    assert [info.name for info in window.browser.selected()] == chosen


def test_a_command_with_ctrl_leaves_the_open_one_selected(window: MainWindow) -> None:
    window.open_environment("churn-train").setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+D"))
    assert [info.name for info in window.browser.selected()] == ["churn-train"]


def test_what_is_folded_away_leaves_none_selected(window: MainWindow) -> None:
    window.browser.select("churn-train")
    window.open_environment("curated/scikit-learn")
    assert window.browser.selected() == []


def test_archiving_goes_to_the_row_that_follows_and_does_not_select_it(window: MainWindow) -> None:
    window.activateWindow()
    window.browser.select("churn-train")
    window.browser.list.setFocus()
    window.actions_of.of_selection("archive").trigger()
    assert window.browser.selected() == []
    current = window.browser.model.info(window.browser.list.currentIndex())
    assert current is not None
    assert current.name == "ocr-gpu"


@pytest.mark.parametrize("many", [1, 80])
def test_what_is_selected_stays_selected_when_others_come_and_go(
    window: MainWindow, library: Library, watch_model, wait_jobs, many: int
) -> None:
    """A row that took its place would be what Delete deletes."""
    watch_model(window.browser.model)
    window.browser.select("churn-train")
    environment = library.find("churn-train").environment
    made = [f"{'d' if number % 2 else 'a'}-{number:02}" for number in range(many)]
    changes = [library.versions.register(environment.renamed(name), "x").change for name in made]
    changes.append(library.versions.register(environment.with_channels(["x"]), "x").change)
    together = reduce(or_, changes)
    window.session.apply_from_elsewhere(together)
    wait_jobs()
    assert [info.name for info in window.browser.selected()] == ["churn-train"]
    assert window.browser.list.currentIndex() == window.browser.model.index_of("churn-train")
    for name in made:
        together |= library.environments.delete(name)
    window.session.apply_from_elsewhere(together)
    wait_jobs()
    assert [info.name for info in window.browser.selected()] == ["churn-train"]
    assert names(window) == ["churn-train", "ocr-gpu"]


def press(window: MainWindow, name: str) -> None:
    QTest.mouseClick(window.browser.action_bar.buttons[name], Qt.MouseButton.LeftButton)


def test_acts_by_button(window: MainWindow, library: Library, qtbot: QtBot, wait_jobs) -> None:
    """They are about what is selected in the browser, though one was writing in another environment."""
    buttons = window.browser.action_bar.buttons
    assert list(buttons) == [command.id for command in commands_of("actions")]
    window.activateWindow()
    window.open_environment("ocr-gpu").current_page().setFocus()
    window.browser.select("churn-train")
    press(window, "rename")
    editor = window.browser.list.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "churn-train"
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    press(window, "duplicate")
    dialog = window.findChild(NewEnvironmentDialog)
    assert isinstance(dialog, NewEnvironmentDialog)
    assert dialog.start.currentData() == "churn-train"
    dialog.reject()
    press(window, "archive")
    assert library.environments.list(archived=True, names=["churn-train"])[0].archived
    window.notice.buttons[0].click()
    window.browser.select("churn-train")
    press(window, "delete")
    assert not library.environments.exists("churn-train")
    window.notice.buttons[0].click()
    window.browser.select("churn-train")
    press(window, "compare")
    wait_jobs()
    view = window.current_view()
    assert view is not None
    assert (view.document.name, view.tabs.currentIndex()) == ("churn-train", PAGES.index("History"))
    press(window, "export")
    files = window.findChild(QFileDialog)
    assert isinstance(files, QFileDialog)
    files.reject()


def test_acts_are_enabled_where_they_fit(window: MainWindow) -> None:
    buttons = window.browser.action_bar.buttons
    window.browser.list.clearSelection()
    assert not any(button.isEnabled() for button in buttons.values())
    window.browser.model.set_folded(CURATED_GROUP, False)
    window.browser.select("curated/scikit-learn")
    able = {name for name, button in buttons.items() if button.isEnabled()}
    assert able == {"export", "compare", "duplicate"}
    window.browser.select("churn-train")
    assert all(button.isEnabled() for button in buttons.values())
    assert all(button.accessibleName() and button.toolTip() for button in buttons.values())
    window.actions_of.of_selection("archive").trigger()
    window.browser.model.set_folded(ARCHIVED, False)
    window.browser.select("churn-train")
    assert buttons["archive"].accessibleName() == "Unarchive churn-train"


def test_archive_by_key(window: MainWindow, library: Library) -> None:
    window.open_environment("ocr-gpu").setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+Shift+A"))
    assert library.environments.list(archived=True, names=["ocr-gpu"])[0].archived


def test_the_heading_of_a_group_is_drawn(window: MainWindow) -> None:
    view = window.browser.list
    area = view.visualRect(view.model().index(0, 0))
    # Behind the chevron and before the count.
    words = area.adjusted(28, 0, -40, 0)
    image = view.viewport().grab(words).toImage()
    colors = {image.pixel(x, y) for x in range(image.width()) for y in range(2, image.height() - 2)}
    assert len(colors) > 2
