"""What the acts of the browser do to several environments, to those one does not see, and what Undo brings back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from envstudio.domain.reference import Reference
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.browser.model import ARCHIVED, CURATED_GROUP, DELETED
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.widgets.quick_pick import QuickPick
from envstudio.library import Library

SELECT = QItemSelectionModel.SelectionFlag.Select


def choose(window: MainWindow, *names: str) -> None:
    """Select environments in an order, as by Ctrl and clicks."""
    window.activateWindow()
    window.browser.list.setFocus()
    window.browser.list.clearSelection()
    for name in names:
        window.browser.list.selectionModel().select(window.browser.model.index_of(name), SELECT)


def archived(library: Library) -> set[str]:
    return {info.name for info in library.environments.list(archived=True) if info.archived}


def test_undoing_an_archiving_leaves_what_was_archived_before(window: MainWindow, library: Library) -> None:
    window.session.apply(library.environments.archive("ocr-gpu"))
    window.browser.model.set_folded(ARCHIVED, False)
    choose(window, "churn-train", "ocr-gpu")
    window.actions_of.of_selection("archive").trigger()
    assert archived(library) == {"churn-train", "ocr-gpu"}
    assert window.notice.label.text() == "Archived churn-train."
    window.notice.buttons[0].click()
    assert archived(library) == {"ocr-gpu"}


def test_undoing_a_deletion_opens_the_tabs_again(window: MainWindow, library: Library, wait_jobs) -> None:
    for name in ("churn-train", "curated/scikit-learn", "ocr-gpu"):
        window.open_environment(name)
    window.open_environment("churn-train").show_page("History")
    wait_jobs()
    choose(window, "churn-train", "ocr-gpu")
    window.actions_of.of_selection("delete").trigger()
    assert [view.document.name for view in window.views()] == ["curated/scikit-learn"]
    assert window.notice.label.text() == "Deleted 2 environments."
    window.notice.buttons[0].click()
    assert {info.name for info in library.environments.list()} == {"churn-train", "ocr-gpu"}
    assert {view.document.name for view in window.views()} == {"churn-train", "curated/scikit-learn", "ocr-gpu"}
    view = window.current_view()
    assert view is not None
    assert view.document.name == "churn-train"
    assert view.tabs.tabText(view.tabs.currentIndex()) == "History"


def test_undoing_a_deletion_brings_the_draft_back(window: MainWindow, library: Library) -> None:
    document = window.open_environment("churn-train").document
    document.edit("Add", document.environment.with_conda(conda_requirement("scipy")))
    choose(window, "churn-train")
    QTest.keySequence(window.browser.list, QKeySequence("Del"))
    window.notice.buttons[0].click()
    view = window.open_environment("churn-train")
    assert "scipy" in [item.name for item in view.document.environment.python.conda]


def test_a_name_that_was_taken_meanwhile_keeps_only_that_one_away(window: MainWindow, library: Library) -> None:
    """Undo stays on offer for it."""
    choose(window, "churn-train", "ocr-gpu")
    window.actions_of.of_selection("delete").trigger()
    taken = replace(library.find("curated/jupyter").environment, name="churn-train")
    window.session.apply(library.versions.register(taken).change)
    window.notice.buttons[0].click()
    assert library.environments.exists("ocr-gpu")
    assert window.notice.isVisible()
    assert "An environment named 'churn-train' already exists" in window.notice.label.text()
    window.session.apply(library.environments.rename("churn-train", "jupyter"))
    window.notice.buttons[0].click()
    assert library.find("churn-train").version == 2
    assert not window.notice.isVisible()


def test_what_a_filter_finds_later_is_shown(window: MainWindow, library: Library) -> None:
    window.browser.filter.setText("scoring")
    assert window.browser.stack.currentIndex() == 1
    environment = replace(library.find("ocr-gpu").environment, name="scoring")
    window.session.apply(library.versions.register(environment).change)
    assert window.browser.stack.currentWidget() is window.browser.list
    assert window.browser.model.index_of("scoring").isValid()
    window.session.apply(library.environments.delete("scoring"))
    # It is among the deleted ones, until it is removed for ever.
    assert window.browser.model.count(DELETED) == 1
    window.session.apply(library.deleted.remove(library.deleted.find("scoring").number))
    window.browser.read_deleted()
    window.browser.filter.setText("scorin")
    assert window.browser.stack.currentIndex() == 1


def test_curated_environments_are_found_by_what_they_ask_for(window: MainWindow, wait_jobs) -> None:
    window.browser.filter.setText("pkg:jupyterlab")
    wait_jobs()
    model = window.browser.model
    shown = [info.name for row in range(model.rowCount()) if (info := model.info(model.index(row, 0)))]
    assert shown == ["curated/jupyter"]
    assert model.count(CURATED_GROUP) == 1


@pytest.mark.parametrize("hidden", ["collapsed", "filtered", "browser"])
def test_what_is_not_seen_is_shown_to_be_renamed(
    qtbot: QtBot, window: MainWindow, library: Library, hidden: str
) -> None:
    window.activateWindow()
    if hidden == "collapsed":
        window.session.apply(library.environments.archive("ocr-gpu"))
    view = window.open_environment("ocr-gpu")
    if hidden == "filtered":
        window.browser.filter.setText("churn")
    if hidden == "browser":
        window.actions_of["toggle_browser"].trigger()
    view.setFocus()
    window.actions_of["rename"].trigger()
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    assert editor.isVisible()
    assert editor.text() == "ocr-gpu"
    editor.setText("ocr")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: library.environments.exists("ocr"))


def test_one_of_ones_own_is_meant_where_a_curated_one_is_selected_too(window: MainWindow, wait_jobs) -> None:
    """The tip of the button names it."""
    window.browser.model.set_folded(CURATED_GROUP, False)
    choose(window, "curated/jupyter", "ocr-gpu")
    assert window.actions_of.of_selection("lock").toolTip().startswith("Lock ocr-gpu")
    window.actions_of.of_selection("lock").trigger()
    titles = [job.title for job in window.session.jobs.jobs]
    for job in window.session.jobs.active():
        window.session.jobs.cancel(job)
    wait_jobs()
    assert "Lock ocr-gpu" in titles


def test_more_than_two_cannot_be_compared_and_it_is_said(window: MainWindow, wait_jobs) -> None:
    window.browser.model.set_folded(CURATED_GROUP, False)
    choose(window, "curated/jupyter", "ocr-gpu", "churn-train")
    window.actions_of.of_selection("compare").trigger()
    assert window.notice.label.text() == "3 environments are selected. Select two to compare them."
    assert window.views() == []


def test_keys_and_the_palette_are_about_the_tab_in_front(window: MainWindow, library: Library) -> None:
    window.open_environment("churn-train").setFocus()
    choose(window, "ocr-gpu")
    QTest.keySequence(window.browser.list, QKeySequence("Ctrl+Shift+A"))
    assert archived(library) == {"churn-train"}
    choose(window, "ocr-gpu")
    QTest.keySequence(window, QKeySequence("Ctrl+Shift+P"))
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    QTest.keyClicks(pick.edit, "environment: unarchive")
    QTest.keyClick(pick.edit, Qt.Key.Key_Return)
    assert archived(library) == set()


def test_what_another_program_deleted_is_said_and_can_be_brought_back(window: MainWindow, library: Library) -> None:
    window.open_environment("churn-train")
    window.session.apply_from_elsewhere(library.environments.delete("churn-train"))
    assert window.views() == []
    assert window.notice.label.text() == "churn-train was deleted elsewhere."
    window.notice.buttons[0].click()
    assert library.environments.exists("churn-train")
    view = window.current_view()
    assert view is not None
    assert view.document.name == "churn-train"


def test_the_close_button_of_a_tab_follows_a_renaming(window: MainWindow, library: Library) -> None:
    from PySide6.QtWidgets import QTabBar

    window.open_environment("churn-train")
    window.session.apply(library.environments.rename("churn-train", "churn"))
    button = window.tabs.tabBar().tabButton(0, QTabBar.ButtonPosition.RightSide)
    assert button.accessibleName() == "Close churn"


def test_a_search_for_a_label_follows_it(window: MainWindow, library: Library) -> None:
    window.session.apply(library.versions.label(Reference("churn-train", 1), "prod"))
    window.browser.filter.setText("label:prod")
    assert window.browser.model.index_of("churn-train").isValid()
    window.session.apply(library.versions.unlabel("churn-train", "prod"))
    assert not window.browser.model.index_of("churn-train").isValid()
    assert window.browser.stack.currentIndex() == 1


def test_a_value_of_several_words_completes_to_a_search_that_finds_it(
    window: MainWindow, library: Library, wait_jobs
) -> None:
    tagged = replace(library.find("ocr-gpu").environment, tags=(("owner", 'data "A" science'),))
    window.session.apply(library.versions.register(tagged).change)
    window.activateWindow()
    edit = window.browser.filter
    edit.setFocus()
    wait_jobs()
    QTest.keyClicks(edit, "ocr tag:own")
    completer = window.browser.completer
    offered = [completer.model().index(row, 0).data() for row in range(completer.model().rowCount())]
    assert 'tag:owner=data "A" science' in offered
    index = completer.model().index(offered.index('tag:owner=data "A" science'), 0)
    edit.setText(completer.pathFromIndex(index))
    completer.popup().hide()
    wait_jobs()
    model = window.browser.model
    shown = [info.name for row in range(model.rowCount()) if (info := model.info(model.index(row)))]
    assert shown == ["ocr-gpu"]


def test_what_is_no_name_of_a_package_is_not_offered_to_search_for(
    window: MainWindow, library: Library, wait_jobs
) -> None:
    from envstudio.domain.requirement import pip_requirement

    environment = library.find("churn-train").environment
    environment = environment.with_pip(pip_requirement("git+https://git.example/tools.git"))
    window.session.apply(library.versions.register(environment).change)
    window.actions_of["go_to"].trigger()
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    wait_jobs()
    QTest.keyClicks(pick.edit, "git.example")
    assert [choice.text for choice in pick.model.shown if choice.note == "where it is used"] == []
    pick.close()


@pytest.mark.parametrize(
    ("home", "location", "shown"),
    [
        ("/home/ana", "/home/ana/lib.sqlite", "~/lib.sqlite"),
        ("/home/ana", "/home/anastasia/lib.sqlite", "/home/anastasia/lib.sqlite"),
        ("/home/ana", "/mnt/home/ana/lib.sqlite", "/mnt/home/ana/lib.sqlite"),
        ("/home/ana", "postgresql://db.example/envs", "postgresql://db.example/envs"),
    ],
)
def test_the_place_of_the_library_is_told_shortly(home: str, location: str, shown: str) -> None:
    from pathlib import PurePosixPath

    from envstudio.gui.frame.status_bar import short_path

    assert short_path(location, PurePosixPath(home)) == shown


def test_work_on_an_environment_of_another_workspace_is_not_shown_here(
    window: MainWindow, library: Library, wait_jobs
) -> None:
    """It may have the same name."""
    import threading

    release = threading.Event()
    window.session.jobs.run(
        "Build",
        lambda report: release.wait(10),
        lane="build",
        key=JobKey("build", "churn-train"),
        workspace_ref=window.session.workspace_ref,
    )

    def messages() -> str:
        index = window.browser.model.index_of("churn-train")
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole))

    assert "building" in messages()
    window.session.apply(library.workspaces.create("team"))
    with Library.open(library.location, workspace="team") as team:
        team.versions.register(library.find("churn-train").environment)
    window.session.switch_workspace("team")
    assert "building" not in messages()
    window.session.switch_workspace("default")
    assert "building" in messages()
    release.set()
    wait_jobs()
    assert "building" not in messages()
