"""The packages page: adding, editing, removing, pasting, fixing, by key, by menu and by button."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.gui.editor.packages_model import LOCKED, NAME, NEWEST, PROBLEM, SOURCE, TITLES, WANTED, PackagesModel
from envstudio.gui.editor.packages_page import ADD_KEY, PackagesPage
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.model.invalid_inputs import InvalidInputs
from envstudio.gui.model.session import Session
from envstudio.gui.model.window_state import FILE_NAME
from envstudio.library import Library
from envstudio.lockers.conda import gateway


@pytest.fixture
def page(window: MainWindow) -> PackagesPage:
    made = window.open_environment("churn-train").page("Packages")
    assert isinstance(made, PackagesPage)
    return made


def column(page: PackagesPage, number: int) -> list[str]:
    return [page.proxy.index(row, number).data() for row in range(page.proxy.rowCount())]


def type_line(page: PackagesPage, text: str) -> None:
    page.add_line.edit.clear()
    QTest.keyClicks(page.add_line.edit, text)
    QTest.keyClick(page.add_line.edit, Qt.Key.Key_Return)


def test_model_under_tester(watch_model, session: Session) -> None:
    document = session.open("churn-train")
    model = PackagesModel(document)
    watch_model(model)
    before = document.environment
    document.edit("Remove all", before.without_conda("numpy").without_conda("pandas").without_pip("shap"))
    assert model.rowCount() == 2
    document.undo_stack.undo()
    assert model.rowCount() == 5
    document.edit("Replace", before.without_conda("python").with_channels(["other"]))
    document.undo_stack.undo()
    assert [model.index(row, NAME).data() for row in range(5)] == ["python", "pip", "numpy", "pandas", "shap"]
    assert [model.headerData(number, Qt.Orientation.Horizontal) for number in range(6)] == list(TITLES)


def test_rows(page: PackagesPage) -> None:
    assert column(page, WANTED) == ["3.12.*", "(any)", ">=2.1,<3", "2.2.*", "==0.46.0"]
    assert column(page, SOURCE) == ["conda-forge"] * 4 + ["pip"]


def test_add_by_typing(page: PackagesPage) -> None:
    type_line(page, "scipy>=1.14")
    assert column(page, NAME) == ["python", "pip", "numpy", "pandas", "scipy", "shap"]
    assert page.add_line.edit.text() == ""
    assert page.document.undo_stack.undoText() == "Add scipy"


def test_add_to_pip(page: PackagesPage) -> None:
    page.manager.setCurrentText("pip")
    type_line(page, "mlflow-skinny")
    assert page.document.environment.python.pip[-1].name == "mlflow-skinny"
    type_line(page, "conda:scipy")
    assert page.document.environment.python.conda[-1].name == "scipy"


def test_what_is_not_understood_stays_with_its_reason(page: PackagesPage) -> None:
    type_line(page, "tensorflow=>2.17")
    assert page.add_line.edit.text() == "tensorflow=>2.17"
    assert page.add_line.reason.isVisible()
    assert "tensorflow" in page.add_line.reason.text()
    assert page.document.undo_stack.count() == 0
    QTest.keyClicks(page.add_line.edit, "x")
    assert not page.add_line.reason.isVisible()


def test_paste_many(page: PackagesPage) -> None:
    QGuiApplication.clipboard().setText("- scipy>=1.14\n- joblib  # small\n- broken=>1\n")
    page.add_line.edit.setFocus()
    QTest.keySequence(page.add_line.edit, QKeySequence(QKeySequence.StandardKey.Paste))
    assert {"scipy", "joblib"} <= set(column(page, NAME))
    assert page.add_line.edit.text() == "broken=>1"
    assert page.document.undo_stack.count() == 1


def test_paste_into_the_table(page: PackagesPage) -> None:
    QGuiApplication.clipboard().setText("scipy\njoblib")
    QTest.keySequence(page.table, QKeySequence(QKeySequence.StandardKey.Paste))
    assert page.document.undo_stack.undoText() == "Add 2 packages"


def test_copy_gives_requirement_lines(page: PackagesPage) -> None:
    page.table.selectAll()
    QTest.keySequence(page.table, QKeySequence(QKeySequence.StandardKey.Copy))
    assert QGuiApplication.clipboard().text().splitlines()[2:] == ["numpy>=2.1,<3", "pandas 2.2.*", "shap==0.46.0"]


def test_remove_by_key_and_undo_by_key_menu_and_button(window: MainWindow, page: PackagesPage) -> None:
    page.table.selectRow(2)
    page.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert "numpy" not in column(page, NAME)
    QTest.keySequence(window, QKeySequence("Ctrl+Z"))
    assert "numpy" in column(page, NAME)
    window.actions_of["redo"].trigger()
    assert "numpy" not in column(page, NAME)
    button = next(
        item for item in window.findChildren(QToolButton) if item.defaultAction() is window.actions_of["undo"]
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "numpy" in column(page, NAME)
    assert window.actions_of["redo"].text() == "Redo Remove numpy"


def test_edit_in_place(qtbot: QtBot, page: PackagesPage) -> None:
    index = page.proxy.index(2, WANTED)
    page.table.setCurrentIndex(index)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    editor = page.table.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.text() == ">=2.1,<3"
    editor.setText("2.2.*")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.document.environment.python.conda[2].text == "numpy 2.2.*")


def test_refused_edit_stays_in_the_cell(page: PackagesPage) -> None:
    index = page.model.index(2, WANTED)
    assert not page.model.setData(index, "=>2")
    assert index.data() == "=>2"
    assert "numpy=>2" in page.model.index(2, PROBLEM).data()
    assert page.document.undo_stack.count() == 0
    assert page.model.setData(index, ">=2")
    assert index.data() == ">=2"


def test_move_to_pip_in_place(page: PackagesPage) -> None:
    index = page.proxy.index(3, SOURCE)
    page.table.setCurrentIndex(index)
    page.table.edit(index)
    editor = next(item for item in page.table.findChildren(QComboBox) if item.accessibleName() == "From")
    assert [editor.itemText(row) for row in range(editor.count())] == ["conda", "conda-forge", "pip"]
    editor.setCurrentText("pip")
    editor.activated.emit(2)
    assert [item.text for item in page.document.environment.python.pip] == ["shap==0.46.0", "pandas==2.2.*"]


# Several at once


def choose(page: PackagesPage, *names: str) -> None:
    keys = [("conda" if page.model.row_of("conda", name) >= 0 else "pip", name) for name in names]
    page.select(keys)


def texts(page: PackagesPage) -> tuple[list[str], list[str]]:
    python = page.document.environment.python
    return [item.text for item in python.conda], [item.text for item in python.pip]


def test_several_are_moved_by_button_menu_and_key(window: MainWindow, page: PackagesPage) -> None:
    assert page.several.isHidden()
    before = texts(page)
    choose(page, "numpy", "pandas")
    assert page.several.isVisible()
    window.activateWindow()
    page.several.to_pip.setFocus()
    page.several.to_pip.click()
    assert QApplication.focusWidget() is page.table, "the button is not enabled any more"
    assert texts(page) == (["python=3.12", "pip"], ["shap==0.46.0", "numpy>=2.1,<3", "pandas==2.2.*"])
    assert [item.name for item in page.selected()] == ["numpy", "pandas"], "they stay selected"
    page.document.undo_stack.undo()
    assert texts(page) == before
    choose(page, "numpy", "pandas")
    QTest.keySequence(window, QKeySequence("Ctrl+Alt+P"))
    assert len(texts(page)[1]) == 3
    QTest.keySequence(window, QKeySequence("Ctrl+Alt+K"))
    assert len(texts(page)[1]) == 1
    choose(page, "shap")
    menu = page.several.menu()
    sources = next(action.menu() for action in menu.actions() if action.text() == "Take from")
    next(action for action in sources.actions() if action.text() == "conda-forge").trigger()
    menu.close()
    assert texts(page)[0][-1] == "conda-forge::shap==0.46.0"
    assert page.several.isHidden(), "one package needs no strip"


def test_several_get_one_bound_by_typing(page: PackagesPage) -> None:
    choose(page, "numpy", "pandas", "shap")
    index = page.table.currentIndex().siblingAtColumn(WANTED)
    assert page.model.setData(page.proxy.mapToSource(index), ">=2")
    assert texts(page) == (["python=3.12", "pip", "numpy>=2", "pandas>=2"], ["shap>=2"])
    assert page.document.undo_stack.undoText() == "Change 3 packages"
    choose(page, "numpy", "shap")
    page.several.remove.setFocus()
    page.several.remove.click()
    assert QApplication.focusWidget() is page.table
    assert texts(page) == (["python=3.12", "pip", "pandas>=2"], [])


def test_packages_are_pinned_to_what_is_locked(window: MainWindow, page: PackagesPage, library: Library) -> None:
    packages = tuple(
        LockedPackage(name, version, manager, f"https://index.example/{name}", "0" * 64)
        for name, version, manager in (("numpy", "2.2.0", "conda"), ("shap", "0.46.0", "pip"))
    )
    lock = Lock(page.document.digest(), ("conda-forge",), (PlatformLock("linux-64", "3.12.7", packages),))
    window.session.apply(library.locks.save("churn-train", lock))
    choose(page, "numpy", "shap", "pandas")
    window.actions_of["pin"].trigger()
    assert texts(page)[0] == ["python=3.12", "pip", "numpy==2.2.0", "pandas 2.2.*"]
    choose(page, "numpy")
    page.several.allow_any()
    assert texts(page)[0][2].strip() == "numpy"


def drop(page: PackagesPage, mime: QMimeData) -> None:
    location, button = QPointF(40, 200), Qt.MouseButton.LeftButton
    arguments = (Qt.DropAction.CopyAction, mime, button, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(location.toPoint(), *arguments)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(location, *arguments))


def test_a_list_is_dropped(page: PackagesPage) -> None:
    mime = QMimeData()
    mime.setText("dependencies:\n  - scipy>=1.13  # for tests\n  - polars\n")
    drop(page, mime)
    assert texts(page)[0][-2:] == ["scipy>=1.13", "polars"]
    assert page.document.undo_stack.count() == 1


def test_a_file_is_dropped(page: PackagesPage, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("torch==2.5.1\npillow>=10\n", "utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    drop(page, mime)
    qtbot.waitUntil(lambda: page.document.undo_stack.count() == 1)
    assert texts(page)[1] == ["shap==0.46.0", "torch==2.5.1", "pillow>=10"]
    assert page.document.undo_stack.undoText() == "Add 2 packages of requirements.txt"
    assert [item.name for item in page.selected()] == ["torch", "pillow"]


def drop_file(page: PackagesPage, file: Path, text: str, wait_jobs) -> None:
    file.write_text(text, "utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    drop(page, mime)
    wait_jobs()


def test_what_a_dropped_file_holds_beside_packages_is_told(page: PackagesPage, tmp_path: Path, wait_jobs) -> None:
    text = "channels: [pytorch, conda-forge]\ndependencies: [pytorch=2.5]\nvariables: {A: '1'}\n"
    drop_file(page, tmp_path / "environment.yml", text, wait_jobs)
    assert texts(page)[0][-1] == "pytorch=2.5"
    assert page.document.undo_stack.undoText() == "Add 1 package of environment.yml"
    messages = page.add_line.reason.text()
    assert messages == "Only the packages of environment.yml were taken, without its channel pytorch, 1 variable."


def test_options_of_a_dropped_file_come_along(page: PackagesPage, tmp_path: Path, wait_jobs) -> None:
    option = "--extra-index-url https://index.example/simple"
    drop_file(page, tmp_path / "requirements.txt", f"{option}\ntorch==2.5.1\n", wait_jobs)
    assert [item.line for item in page.document.environment.python.pip_options] == [option]
    assert page.add_line.reason.isHidden()
    page.document.undo_stack.undo()
    assert page.document.environment.python.pip_options == ()


def test_a_dropped_file_without_packages_is_told(page: PackagesPage, tmp_path: Path, wait_jobs) -> None:
    drop_file(page, tmp_path / "Dockerfile", "FROM base.example/linux:1\n", wait_jobs)
    assert page.add_line.reason.text() == "Dockerfile holds no packages."
    assert page.document.undo_stack.count() == 0
    drop_file(page, tmp_path / "requirements.txt", "--extra-index-url https://index.example/simple\n", wait_jobs)
    assert page.add_line.reason.text() == "requirements.txt holds no packages."
    assert page.document.undo_stack.count() == 0


def test_filter(window: MainWindow, page: PackagesPage) -> None:
    window.actions_of["find"].trigger()
    QTest.keyClicks(page.filter, "pan")
    assert column(page, NAME) == ["pandas"]
    page.show_package("pip", "shap")
    assert page.table.currentIndex().data() == "shap"


def test_escape_empties_the_filter_and_goes_back(window: MainWindow, page: PackagesPage) -> None:
    window.actions_of["find"].trigger()
    QTest.keyClicks(page.filter, "pan")
    QTest.keyClick(page.filter, Qt.Key.Key_Down)
    assert window.focusWidget() is page.table
    window.actions_of["find"].trigger()
    QTest.keyClick(page.filter, Qt.Key.Key_Escape)
    assert page.filter.text() == ""
    assert window.focusWidget() is page.filter
    QTest.keyClick(page.filter, Qt.Key.Key_Escape)
    assert window.focusWidget() is page.table


def test_channels(page: PackagesPage) -> None:
    page.channels.add_button.click()
    QTest.keyClicks(page.channels.edit, "pytorch")
    QTest.keyClick(page.channels.edit, Qt.Key.Key_Return)
    assert page.document.environment.python.channels == ("conda-forge", "pytorch")
    cross = next(item for item in page.channels.findChildren(QToolButton) if "conda-forge" in item.accessibleName())
    cross.click()
    assert page.document.environment.python.channels == ("pytorch",)


def test_a_fix_button_is_never_clipped(qtbot: QtBot, page: PackagesPage) -> None:
    page.document.edit("Remove python", page.document.environment.without_conda("python"))
    button = page.problems.fix_buttons[0]
    assert button.text().startswith("Add python")
    qtbot.waitUntil(lambda: button.width() > 0 and button.isVisible())
    assert button.width() >= button.sizeHint().width()


def test_fix_button(page: PackagesPage) -> None:
    assert not page.problems.fix_buttons
    page.document.edit("Remove pip", page.document.environment.without_conda("pip"))
    assert [button.text() for button in page.problems.fix_buttons] == ["Add pip"]
    page.problems.fix_buttons[0].click()
    assert any(item.name == "pip" for item in page.document.environment.python.conda)
    assert not page.problems.fix_buttons


def test_locked_versions(window: MainWindow, page: PackagesPage, library: Library) -> None:
    package = LockedPackage("numpy", "2.1.3", "conda", "https://c.example/conda-forge/linux-64/numpy.conda", "0" * 64)
    lock = Lock(page.document.digest(), ("conda-forge",), (PlatformLock("linux-64", "3.12.7", (package,)),))
    window.session.apply(library.locks.save("churn-train", lock))
    assert page.model.index(2, LOCKED).data() == "2.1.3"
    assert page.model.headerData(LOCKED, Qt.Orientation.Horizontal) == "Locked"
    type_line(page, "scipy")
    assert page.model.headerData(LOCKED, Qt.Orientation.Horizontal) == "Locked (stale)"


def test_refused_text_is_there_when_the_tab_is_opened_again(window: MainWindow) -> None:
    page = window.open_environment("churn-train").page("Packages")
    assert isinstance(page, PackagesPage)
    index = page.model.index(page.model.row_of("conda", "numpy"), WANTED)
    page.model.setData(index, ">=2,<<3")
    window.close_current()
    page = window.open_environment("churn-train").page("Packages")
    assert isinstance(page, PackagesPage)
    index = page.model.index(page.model.row_of("conda", "numpy"), WANTED)
    assert index.data() == ">=2,<<3"
    assert page.model.setData(index, ">=2,<3")
    window.close_current()
    page = window.open_environment("churn-train").page("Packages")
    assert isinstance(page, PackagesPage)
    assert page.model.index(page.model.row_of("conda", "numpy"), WANTED).data() == ">=2,<3"


def test_what_an_environment_remembers(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    page = view.page("Packages")
    assert isinstance(page, PackagesPage)
    page.filter.setText("num")
    view.show_page("Image")
    window.close_current()
    view = window.open_environment("churn-train")
    assert view.tabs.currentIndex() == PAGES.index("Image")
    page = view.page("Packages")
    assert isinstance(page, PackagesPage)
    assert page.proxy.rowCount() == 1


def test_sorting_and_widths_are_remembered(window: MainWindow, qtbot: QtBot, config: Path) -> None:
    page = window.open_environment("churn-train").page("Packages")
    assert isinstance(page, PackagesPage)
    assert page.proxy.index(0, 0).data() == "python"
    page.table.setColumnWidth(0, 333)
    page.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert page.proxy.index(0, 0).data() == "numpy"
    written = QSettings(str(config.with_name(FILE_NAME)), QSettings.Format.IniFormat)
    state = page.table.horizontalHeader().saveState()
    qtbot.waitUntil(lambda: state in [written.value(key) for key in written.allKeys()])
    window.close_current()
    page = window.open_environment("churn-train").page("Packages")
    assert isinstance(page, PackagesPage)
    assert page.table.columnWidth(0) == 333
    assert page.proxy.index(0, 0).data() == "numpy"


SHARED = Path(__file__).resolve().parents[4] / "shared" / "repodata" / "conda-forge"


@pytest.fixture
def known(page: PackagesPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_jobs) -> PackagesPage:
    """Have records of real packages in the cache, as after locking."""
    if not SHARED.is_dir():
        pytest.skip("the records of real packages are not here")
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    address = SHARED.as_uri()
    asyncio.run(gateway([address]).query([address], ["linux-64", "noarch"], ["numpy"], recursive=False))
    page.session.settings = replace(page.session.settings, mirror_channels={"conda-forge": address})
    page.available.look()
    wait_jobs()
    return page


def popup_rows(page: PackagesPage) -> list[str]:
    model = page.completer.completionModel()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_names_are_completed_by_keys(known: PackagesPage) -> None:
    edit = known.add_line.edit
    edit.setFocus()
    QTest.keyClicks(edit, "scikit-l")
    popup = known.completer.popup()
    assert popup is not None
    assert popup.isVisible()
    assert "scikit-learn" in popup_rows(known)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert edit.text() == "scikit-learn", "the first Enter takes the completion"
    assert "scikit-learn" not in column(known, NAME)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert "scikit-learn" in column(known, NAME)
    assert edit.text() == ""
    assert not popup.isVisible()


def test_completions_do_not_cover_why_a_line_was_refused(known: PackagesPage) -> None:
    edit = known.add_line.edit
    edit.setFocus()
    QTest.keyClicks(edit, "numpy=>")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert known.add_line.reason.isVisible()
    known.available.names_changed.emit()
    known.available.versions_changed.emit("conda", "numpy")
    popup = known.completer.popup()
    assert popup is None or not popup.isVisible()


def test_a_page_looks_again_after_other_settings(window: MainWindow, known: PackagesPage, qtbot: QtBot) -> None:
    assert known.available.names.conda
    known.session.settings = replace(known.session.settings, mirror_channels={"conda-forge": "file:///nowhere"})
    window.show_settings()
    window.tabs.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not known.available.names.conda)


def test_versions_are_completed_after_an_operator(known: PackagesPage, wait_jobs) -> None:
    edit = known.add_line.edit
    edit.setFocus()
    QTest.keyClicks(edit, "numpy>=2,<")
    wait_jobs()
    rows = popup_rows(known)
    assert rows[0].startswith("2.")
    QTest.keyClicks(edit, "1.2")
    assert popup_rows(known)
    assert all(version.startswith("1.2") for version in popup_rows(known))
    popup = known.completer.popup()
    assert popup is not None
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert edit.text().startswith("numpy>=2,<1.2")


def test_newest_has_a_sign_where_it_is_newer_than_locked(known: PackagesPage, library: Library) -> None:
    names = column(known, NAME)
    newest = dict(zip(names, column(known, NEWEST), strict=True))
    assert newest["numpy"].startswith("2.")
    assert newest["shap"] == "", "the index does not answer"
    package = LockedPackage("numpy", "2.0.0", "conda", "https://conda.example/numpy-2.0.0-0.conda", "00" * 32)
    digest = known.document.digest()
    lock = Lock(digest, ("conda-forge",), (PlatformLock("linux-64", "3.12.7", (package,)),))
    known.session.apply(library.locks.save("churn-train", lock))
    row = names.index("numpy")
    index = known.proxy.index(row, NEWEST)
    assert index.data().startswith("↑ 2.")
    assert "2.0.0 is locked" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_double_click_explains(page: PackagesPage, library: Library, wait_jobs, qtbot: QtBot) -> None:
    row = column(page, NAME).index("numpy")
    rect = page.table.visualRect(page.proxy.index(row, NAME))

    def double_click() -> None:
        QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
        QTest.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())

    double_click()
    assert "once the environment is locked" in page.reasons.panel.text.text()
    numpy = LockedPackage(
        "numpy", "2.0.0", "conda", "https://conda.example/numpy-2.0.0-0.conda", "00" * 32, size=5_000_000,
        license="BSD-3-Clause", requested=True, dependencies=("libblas >=3.9",),
    )  # fmt: skip
    pandas = LockedPackage(
        "pandas", "2.2.0", "conda", "https://conda.example/pandas-2.2.0-0.conda", "11" * 32, dependencies=("numpy",)
    )
    lock = Lock(page.document.digest(), (), (PlatformLock("linux-64", "3.12.7", (numpy, pandas)),))
    page.session.apply(library.locks.save("churn-train", lock))
    double_click()
    wait_jobs()
    assert page.reasons.panel.title.text() == "numpy 2.0.0"
    for part in ("BSD-3-Clause", "MB", "pandas", "libblas"):
        assert part in page.reasons.panel.text.text()
    page.reasons.panel.package_activated.emit("shap")
    assert "not in the lock" in page.reasons.panel.text.text()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.reasons.panel.isHidden()


def test_explain_by_key(page: PackagesPage, window: MainWindow) -> None:
    page.show_package("conda", "pandas")
    QTest.keySequence(window, QKeySequence("Ctrl+I"))
    assert page.reasons.panel.title.text() == "pandas"


def test_pasted_lines_that_are_refused_come_one_after_another(page: PackagesPage) -> None:
    text = "scipy>=1.13\nnumpy=>2\n--extra-index-url https://pip.example/simple\n-r other.txt\npandas=>1\n"
    QGuiApplication.clipboard().setText(text)
    line, edit = page.add_line, page.add_line.edit
    QTest.keySequence(edit, QKeySequence.StandardKey.Paste)
    python = page.document.environment.python
    assert "scipy>=1.13" in [item.text for item in python.conda]
    assert [item.line for item in python.pip_options] == ["--extra-index-url https://pip.example/simple"]
    assert edit.text() == "numpy=>2"
    assert "2 more after this" in line.reason.text()
    edit.selectAll()
    QTest.keyClicks(edit, "numpy>=2.2")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert "numpy>=2.2" in [item.text for item in page.document.environment.python.conda]
    assert edit.text() == "-r other.txt"
    assert "names another file" in line.reason.text()
    edit.clear()
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "pandas=>1"
    edit.clear()
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert not line.reason.isVisibleTo(page)


def test_the_key_that_adds_selects_what_was_refused(window: MainWindow, page: PackagesPage) -> None:
    page.add_lines(["numpy=>2"])
    window.actions_of["add_package"].trigger()
    QTest.keyClicks(page.add_line.edit, "scipy")
    assert page.add_line.edit.text() == "scipy"


def test_half_a_line_outlives_the_tab(window: MainWindow, page: PackagesPage, qtbot: QtBot) -> None:
    """And the program, if that is killed: it is written a moment after it was typed."""
    page.add_lines(["numpy=>2", "pandas=>1"])
    page.add_line.edit.selectAll()
    QTest.keyClicks(page.add_line.edit, "scip")
    kept = InvalidInputs(window.session.library)
    qtbot.waitUntil(lambda: kept.texts("churn-train") == {ADD_KEY: "scip\npandas=>1"})
    window.close_current()
    again = window.open_environment("churn-train").page("Packages")
    assert isinstance(again, PackagesPage)
    assert again.add_line.edit.text() == "scip"
    QTest.keyClick(again.add_line.edit, Qt.Key.Key_Return)
    assert again.add_line.edit.text() == "pandas=>1"
    again.add_line.edit.clear()
    QTest.keyClick(again.add_line.edit, Qt.Key.Key_Return)
    QTest.keyClicks(again.add_line.edit, "git+https://me:secret@git.example/x")
    again.commit()
    assert kept.texts("churn-train") == {}
