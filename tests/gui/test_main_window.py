"""The window as a whole: creating, opening, registering, palette, Go to, workspaces, errors, and what it remembers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from gui.waiting import come_to_rest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QHeaderView, QPushButton, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import InvalidInput
from envstudio.gui import app as app_module
from envstudio.gui.dialogs.new_environment import NewEnvironmentDialog
from envstudio.gui.dialogs.register import RegisterDialog
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.frame.welcome import StartRow
from envstudio.gui.locks.lock_page import LockPage
from envstudio.gui.look import theme
from envstudio.gui.model.command_table import commands_of
from envstudio.gui.model.session import Session
from envstudio.gui.model.window_state import WindowState
from envstudio.gui.pages.error_dialog import ErrorDialog, show_error
from envstudio.gui.settings.settings_page import SettingsPage
from envstudio.gui.widgets.ask import AskDialog
from envstudio.gui.widgets.quick_pick import Choice, ChoiceModel, QuickPick, score
from envstudio.library import Library
from envstudio.settings import Settings, load
from tests.pictures.screenshots import sample_window


def popup() -> QuickPick:
    found = QApplication.activePopupWidget()
    assert isinstance(found, QuickPick)
    return found


def test_the_toolbar_and_the_log_look_as_they_should_without_a_first_look(window: MainWindow, wait_jobs) -> None:
    assert not [command.id for command in commands_of("toolbar") if window.actions_of[command.id].icon().isNull()]
    window.session.jobs.run("Say", lambda report: report.line("said"))
    wait_jobs()
    assert window.console.log.painter.font == theme.monospace(window)


def test_welcome_is_shown_while_nothing_is_open(window: MainWindow) -> None:
    assert window.stack.currentWidget() is window.welcome
    button = next(item for item in window.welcome.findChildren(QPushButton) if item.text() == "New environment…")
    button.click()
    dialog = window.findChild(NewEnvironmentDialog)
    assert isinstance(dialog, NewEnvironmentDialog)
    dialog.reject()


def test_the_sample(window: MainWindow, library: Library, wait_jobs) -> None:
    assert window.welcome.sample.isHidden(), "who has environments has begun"
    window.session.apply(library.workspaces.create("empty"))
    window.session.switch_workspace("empty")
    assert window.welcome.sample.isVisible()
    window.welcome.sample.click()
    wait_jobs()
    assert window.session.library.workspace == "sample"
    view = window.current_view()
    assert view is not None
    wait_jobs()
    assert view.show_history().title.text() == "v2 → v3"
    assert view.show_history().timeline_model.rowCount() == 3
    window.notice.buttons[0].click()
    assert window.session.library.workspace == "empty"
    window.actions_of["sample"].trigger()
    wait_jobs()
    assert window.session.library.workspace == "sample"
    assert len(window.session.library.environments.list()) == 1, "it is made once"


@pytest.mark.parametrize("way", ["key", "menu"])
def test_new_environment(window: MainWindow, library: Library, way: str) -> None:
    if way == "key":
        QTest.keySequence(window, QKeySequence("Ctrl+N"))
    else:
        window.actions_of["new"].trigger()
    dialog = window.findChild(NewEnvironmentDialog)
    assert isinstance(dialog, NewEnvironmentDialog)
    assert not dialog.create_button.isEnabled()
    dialog.name.setText("churn-train")
    assert "already" in dialog.reason.text()
    dialog.name.setText("bad name")
    assert not dialog.create_button.isEnabled()
    dialog.name.setText("fresh")
    dialog.python.setCurrentText("3.13")
    dialog.create_button.click()
    environment = library.find("fresh").environment
    assert [item.text for item in environment.python.conda] == ["python=3.13", "pip"]
    view = window.current_view()
    assert view is not None
    assert view.document.name == "fresh"


def test_a_new_environment_proposes_the_python_of_the_base_image(window: MainWindow) -> None:
    window.session.settings = replace(window.session.settings, base_image="python:3.10.4-slim")
    window.actions_of["new"].trigger()
    dialog = window.findChild(NewEnvironmentDialog)
    assert isinstance(dialog, NewEnvironmentDialog)
    assert dialog.python.currentText() == "3.10.4"
    dialog.reject()


def test_the_tips_of_lock_and_build_say_which_environment(window: MainWindow, library: Library) -> None:
    library.versions.register(replace(library.find("churn-train").environment, name="other"))
    window.browser.reload()
    window.open_environment("churn-train")
    window.tabs.currentWidget().setFocus()
    assert window.actions_of["build"].toolTip().startswith("Build churn-train: build the image")
    window.browser.select("other")
    window.browser.list.setFocus()
    assert window.actions_of["lock"].toolTip().startswith("Lock churn-train: resolve")
    assert window.actions_of.of_selection("lock").toolTip().startswith("Lock other: resolve")
    assert "Ctrl+L" in window.actions_of["lock"].toolTip()


def test_duplicate(window: MainWindow, library: Library) -> None:
    window.open_environment("churn-train")
    window.tabs.setFocus()
    window.actions_of["duplicate"].trigger()
    dialog = window.findChild(NewEnvironmentDialog)
    assert isinstance(dialog, NewEnvironmentDialog)
    assert dialog.name.text() == "churn-train-copy"
    dialog.create_button.click()
    assert library.find("churn-train-copy").digest == library.find("churn-train").digest


def test_pages_by_key(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    for number, name in enumerate(PAGES, 1):
        QTest.keySequence(window, QKeySequence(f"Alt+{number % 10}"))
        assert view.tabs.tabText(view.tabs.currentIndex()) == name


def test_register(window: MainWindow, library: Library) -> None:
    view = window.open_environment("churn-train")
    QTest.keySequence(window, QKeySequence("Ctrl+S"))
    assert "Nothing to register" in window.notice.label.text()
    document = view.document
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    assert window.notice.isHidden()
    assert window.tabs.tabText(0) == "● churn-train"
    assert "draft of v2 · 1 change" in view.state.text()
    QTest.keySequence(window, QKeySequence("Ctrl+S"))
    dialog = window.findChild(RegisterDialog)
    assert isinstance(dialog, RegisterDialog)
    dialog.message.setText("with scipy")
    dialog.register.click()
    snapshot = library.find("churn-train")
    assert (snapshot.version, snapshot.message) == (3, "with scipy")
    assert window.tabs.tabText(0) == "churn-train"
    assert view.state.text() == "v3"


@pytest.mark.parametrize("way", ["menu", "button"])
def test_discard_can_be_undone(window: MainWindow, way: str) -> None:
    view = window.open_environment("churn-train")
    document = view.document
    assert view.discard.isHidden()
    edited = document.environment.with_conda(conda_requirement("scipy"))
    document.edit("Add scipy", edited)
    assert view.discard.isVisible()
    window.actions_of["discard"].trigger() if way == "menu" else view.discard.click()
    assert not document.changes()
    window.actions_of["undo"].trigger()
    assert document.environment == edited


def test_tabs(window: MainWindow) -> None:
    first = window.open_environment("churn-train")
    window.open_environment("ocr-gpu")
    assert window.open_environment("churn-train") is first
    assert window.tabs.count() == 2
    QTest.keySequence(window, QKeySequence("Ctrl+W"))
    assert [view.document.name for view in window.views()] == ["ocr-gpu"]
    assert set(window.session.documents) == {"ocr-gpu"}
    QTest.keySequence(window, QKeySequence("Ctrl+W"))
    assert window.stack.currentWidget() is window.welcome


def test_closing_a_tab_saves_its_draft(window: MainWindow, library: Library, wait_jobs) -> None:
    document = window.open_environment("churn-train").document
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    window.close_current()
    wait_jobs()
    assert library.versions.draft("churn-train").changed


def test_command_palette(window: MainWindow) -> None:
    window.open_environment("churn-train")
    QTest.keySequence(window, QKeySequence("Ctrl+Shift+P"))
    pick = popup()
    QTest.keyClicks(pick.edit, "history")
    assert pick.model.shown[0].text == "View: History"
    QTest.keyClick(pick.edit, Qt.Key.Key_Return)
    view = window.current_view()
    assert view is not None
    assert view.tabs.tabText(view.tabs.currentIndex()) == "History"


@pytest.mark.parametrize(("typed", "shown"), [("ocr", "ocr-gpu"), ("pandas", "pandas")])
def test_go_to(window: MainWindow, typed: str, shown: str) -> None:
    window.open_environment("churn-train")
    window.tool_bar.go_to.click()
    pick = popup()
    QTest.keyClicks(pick.edit, typed)
    assert pick.model.shown[0].text == shown
    QTest.keyClick(pick.edit, Qt.Key.Key_Return)
    view = window.current_view()
    assert view is not None
    if typed == "ocr":
        assert view.document.name == "ocr-gpu"
    else:
        assert view.page("Packages").table.currentIndex().data() == "pandas"  # type: ignore[attr-defined]


def test_a_setting_is_found_by_its_name(window: MainWindow) -> None:
    window.actions_of["palette"].trigger()
    popup = window.findChild(QuickPick)
    QTest.keyClicks(popup.edit, "mirrors, chan")
    assert [choice.text for choice in popup.model.shown] == ["Settings: Mirrors, Channels"]
    QTest.keyClick(popup.edit, Qt.Key.Key_Return)
    page = window.tabs.currentWidget()
    assert isinstance(page, SettingsPage)
    assert page.fields["mirror_channels"].edit.hasFocus()


def test_escape_closes_the_palette(window: MainWindow) -> None:
    window.actions_of["palette"].trigger()
    pick = popup()
    QTest.keyClicks(pick.edit, "zzzz")
    assert not pick.model.shown
    QTest.keyClick(pick.edit, Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None


def test_scores() -> None:
    assert score("train", "churn-train") == 6
    assert score("ct", "churn-train") is not None
    assert score("xyz", "churn-train") is None
    assert (score("c", "churn") or 0) < (score("n", "churn") or 0)


def test_choice_model(watch_model) -> None:
    model = ChoiceModel([Choice(text, "", "", lambda: None) for text in ("one", "two", "three")])
    watch_model(model)
    for text in ("t", "", "none", "three"):
        model.filter(text)
    assert [choice.text for choice in model.shown] == ["three"]


def test_workspaces(window: MainWindow, library: Library) -> None:
    window.open_environment("churn-train")
    window.actions_of["new_workspace"].trigger()
    dialog = window.findChild(AskDialog)
    assert isinstance(dialog, AskDialog)
    dialog.edit.setText("team")
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert window.session.library.workspace == "team"
    assert window.tabs.count() == 0
    assert all(info.kind == "curated" for info in window.browser.model.infos())
    window.tool_bar.workspace_menu.aboutToShow.emit()
    window.tool_bar.workspace_menu.actions()[0].trigger()
    assert window.session.library.workspace == "default"
    assert window.browser.model.find("churn-train") is not None


def test_saving_leaves_the_person_where_they_were(window: MainWindow) -> None:
    window.activateWindow()
    page = window.open_environment("churn-train").show_packages()
    page.add_line.edit.setFocus()
    QTest.keySequence(window, QKeySequence("Ctrl+S"))
    assert QApplication.focusWidget() is page.add_line.edit
    page.table.setFocus()
    page.table.setCurrentIndex(page.proxy.index(1, 1))
    page.table.edit(page.proxy.index(1, 1))
    editor = QApplication.focusWidget()
    assert editor is not page.table
    QTest.keyClicks(editor, ">=9")
    window.commit_editors()
    assert QApplication.focusWidget() is page.table
    assert page.proxy.index(1, 1).data() == ">=9"


def test_lock_page(window: MainWindow, library: Library, qtbot: QtBot) -> None:
    view = window.open_environment("churn-train")
    page = view.show_page("Lock")
    assert isinstance(page, LockPage)
    assert page.stack.currentWidget() is page.empty
    packages = (
        LockedPackage("numpy", "2.1.3", "conda", "https://c.example/numpy.conda", "0" * 64, requested=True, size=10),
        LockedPackage("openssl", "3.4.0", "conda", "https://c.example/openssl.conda", "1" * 64),
    )
    lock = Lock(view.document.digest(), ("conda-forge",), (PlatformLock("linux-64", "3.12.7", packages),))
    window.session.apply(library.locks.save("churn-train", lock))
    assert page.view.packages.proxy.rowCount() == 2
    assert page.banner.isHidden()
    page.view.filter.setText("open")
    assert page.view.packages.proxy.rowCount() == 1
    view.document.edit("Add", view.document.environment.with_conda(conda_requirement("scipy")))
    assert not page.banner.isHidden()
    qtbot.waitUntil(lambda: window.browser.model.find("churn-train").lock == "locked")  # type: ignore[union-attr]


def test_theme_is_kept(window: MainWindow, config: Path) -> None:
    window.actions_of["theme_dark"].trigger()
    assert load().theme == "dark"
    assert window.palette().base().color().lightness() < 128
    window.actions_of["theme_system"].trigger()
    assert load() == Settings()


def test_state_comes_back(qapp: QApplication, window: MainWindow, session: Session) -> None:
    window.open_environment("churn-train").show_page("History")
    window.open_environment("ocr-gpu")
    window.open_environment("churn-train")
    window.fold_console(False)
    window.flush()
    window.keeper.save()
    second_session = Session(session.library, session.settings)
    second = MainWindow(second_session)
    try:
        assert [view.document.name for view in second.views()] == ["churn-train", "ocr-gpu"]
        view = second.current_view()
        assert view is not None
        assert view.document.name == "churn-train"
        assert view.tabs.tabText(view.tabs.currentIndex()) == "History"
        assert not second.console_folded
    finally:
        second.close()
        second.deleteLater()
        second_session.deleteLater()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _is_inner_part(widget: QWidget) -> bool:
    """Return whether a widget is a part that Qt itself puts into another control."""
    above = widget
    while above is not None and not isinstance(above, QComboBox):
        above = above.parentWidget()
    return isinstance(widget, QHeaderView) or (above is not None and above is not widget)


def test_every_control_has_a_name(window: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QPlainTextEdit, QToolButton

    view = window.open_environment("churn-train")
    for name in PAGES:
        view.show_page(name)
    nameless = [
        widget
        for kind in (QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit)
        for widget in window.findChildren(kind)
        if not widget.accessibleName() and not _is_inner_part(widget)
    ]
    assert nameless == []
    for button in window.findChildren(QToolButton):
        if isinstance(button.parent(), (QTabBar, QLineEdit)):
            continue
        assert button.accessibleName() or button.text() or button.toolTip() or button.objectName().startswith("qt_")


def test_error_dialog(window: MainWindow) -> None:
    dialog = show_error(window, InvalidInput("That is no name.", "Use letters.", "at 3"))
    assert isinstance(dialog, ErrorDialog)
    assert dialog.details.isHidden()
    dialog.fold.click()
    assert dialog.details.isVisible()
    assert dialog.details.toPlainText() == "at 3"
    dialog.copy.click()
    assert QApplication.clipboard().text() == "That is no name.\n\nUse letters.\n\nat 3"
    dialog.close()


def test_the_error_dialog_explains_the_code(window: MainWindow) -> None:
    dialog = show_error(window, InvalidInput("churn is not locked.", "Lock it.", code="not-locked"))
    assert isinstance(dialog, ErrorDialog)
    assert dialog.page.isHidden()
    dialog.explain.click()
    assert dialog.page.isVisible()
    assert "The version has no lock" in dialog.page.text()
    dialog.copy.click()
    assert QApplication.clipboard().text().endswith("Code: not-locked")
    dialog.close()
    plain = show_error(window, InvalidInput("That is no name."))
    assert isinstance(plain, ErrorDialog)
    assert plain.explain.isHidden()
    plain.close()


def test_uncaught_exceptions_reach_the_dialog(
    qapp: QApplication, library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    application = app_module.Application(Settings(theme="light"))
    application.use(library)
    window = application.window
    window.show()
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    try:
        raise ZeroDivisionError("in a slot")
    except ZeroDivisionError as error:
        application.excepthook(type(error), error, error.__traceback__)
    dialog = window.findChild(ErrorDialog)
    assert isinstance(dialog, ErrorDialog)
    assert "ZeroDivisionError" in dialog.details.toPlainText()
    dialog.close()
    window.close()
    window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_main_runs_and_returns(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    from PySide6.QtCore import QTimer

    QTimer.singleShot(50, qapp.closeAllWindows)
    assert app_module.main(str(tmp_path / "new.sqlite"), "", Settings(theme="light")) == 0
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_go_to_a_version_of_any_environment(window: MainWindow, wait_jobs) -> None:
    window.open_environment("ocr-gpu")
    QTest.keySequence(window, QKeySequence("Ctrl+K"))
    popup = window.findChild(QuickPick)
    QTest.keyClicks(popup.edit, "churn-train:1")
    assert [choice.text for choice in popup.model.shown] == ["churn-train:1 first"]
    QTest.keyClick(popup.edit, Qt.Key.Key_Return)
    view = window.current_view()
    assert view is not None
    assert view.document.name == "churn-train"
    wait_jobs()
    assert view.show_history().title.text() == "nothing → v1"


def test_go_to_a_package_of_any_environment(window: MainWindow, wait_jobs) -> None:
    window.open_environment("ocr-gpu")
    window.actions_of["toggle_browser"].trigger()
    window.actions_of["go_to"].trigger()
    wait_jobs()
    popup = window.findChild(QuickPick)
    QTest.keyClicks(popup.edit, "pandas")
    assert (popup.model.shown[0].text, popup.model.shown[0].note) == ("pandas", "where it is used")
    QTest.keyClick(popup.edit, Qt.Key.Key_Return)
    wait_jobs()
    model = window.browser.model
    shown = [info.name for row in range(model.rowCount()) if (info := model.info(model.index(row, 0)))]
    assert [name for name in shown if not name.startswith("curated/")] == ["churn-train"]
    assert window.browser.isVisible()


def test_no_page_widens_a_window_on_a_small_screen(qapp: QApplication, tmp_path: Path) -> None:
    with sample_window(tmp_path / "sample", "light") as shown:
        shown.resize(1152, 720)
        view = shown.open_environment("churn-train")
        document = view.document
        tags = tuple((f"department-{number}", "retention") for number in range(12))
        document.edit("Tags", replace(document.environment, tags=tags))
        for name in PAGES:
            view.show_page(name)
            come_to_rest(shown.session.jobs)
            assert shown.width() == 1152, name
        chips = view.chips.widgets
        assert chips[0].isVisible()
        assert chips[-1].isHidden()
        assert "department-11=retention" in view.chips.toolTip()
        document.undo_stack.undo()


def test_a_long_name_leaves_the_window_as_narrow_as_it_was(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    window.open_environment("churn-train")
    before = window.minimumSizeHint().width()
    name = "-".join(["a-name-that-never-ends"] * 6)
    window.session.apply(library.versions.register(library.find("churn-train").environment.renamed(name)).change)
    view = window.open_environment(name)
    assert window.minimumSizeHint().width() <= before + 40
    assert view.name.text() == name
    qtbot.waitUntil(lambda: "…" in view.name.shown())
    assert view.name.toolTip() == name
    assert window.tabs.tabBar().tabRect(1).width() <= 360


def test_pages_stay_where_they_are_when_another_is_chosen(window: MainWindow) -> None:
    tabs = window.open_environment("churn-train").tabs
    navigation = []
    for number in range(tabs.count()):
        tabs.setCurrentIndex(number)
        navigation.append([tabs.tabRect(at) for at in range(tabs.count())])
    assert all(location == navigation[0] for location in navigation)


def test_notes_of_the_welcome_page_begin_at_one_place(window: MainWindow, library: Library) -> None:
    name = "notebooks-of-the-whole-department-with-a-name-that-never-ends"
    window.session.apply(library.versions.register(library.find("churn-train").environment.renamed(name)).change)
    window.welcome.reload()
    QApplication.processEvents()
    assert name in [row.name for row in window.welcome.recent.findChildren(StartRow)]
    for location in (window.welcome.recent, window.welcome.starts):
        rows = location.findChildren(StartRow)
        assert len(rows) > 1
        assert len({row.note.x() for row in rows}) == 1


def test_tabs_are_remembered_before_the_window_is_closed(qtbot: QtBot, window: MainWindow) -> None:
    """A program that is killed closes nothing."""
    window.open_environment("churn-train")
    window.open_environment("ocr-gpu")
    qtbot.waitUntil(lambda: WindowState().open_tabs == ["churn-train", "ocr-gpu"], timeout=3000)
    window.close_environment("ocr-gpu")
    qtbot.waitUntil(lambda: WindowState().open_tabs == ["churn-train"], timeout=3000)


@pytest.mark.parametrize("closed", ["churn-train", "curated/scikit-learn"])
def test_a_tab_that_is_closed_behind_another_is_not_remembered(qtbot: QtBot, window: MainWindow, closed: str) -> None:
    names = ["churn-train", "ocr-gpu", "curated/scikit-learn"]
    for name in names:
        window.open_environment(name)
    window.open_environment("ocr-gpu")
    qtbot.waitUntil(lambda: WindowState().open_tabs == names, timeout=3000)
    window.tabs.close_requested.emit(closed)
    left = [name for name in names if name != closed]
    qtbot.waitUntil(lambda: WindowState().open_tabs == left, timeout=3000)
    assert WindowState().shown_tab == "ocr-gpu"
