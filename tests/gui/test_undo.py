"""What was done last is undone, whichever environment it was done to, and nothing is lost to a key."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from envstudio.domain.reference import Reference
from envstudio.domain.requirement import pip_requirement
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.model.document import Document
from envstudio.gui.model.labelling import label_taker
from envstudio.library import Library


def add(document: Document, package: str) -> None:
    document.edit(f"Add {package}", document.environment.with_pip(pip_requirement(package)))


def pip_of(document: Document) -> list[str]:
    return [item.name for item in document.environment.python.pip]


def press(window: MainWindow, keys: str) -> None:
    QTest.keySequence(QApplication.focusWidget() or window, QKeySequence(keys))


def front(window: MainWindow) -> str:
    view = window.current_view()
    return view.document.name if view is not None else ""


def undo_text(window: MainWindow) -> str:
    return window.actions_of["undo"].text()


@pytest.fixture(autouse=True)
def _active(window: MainWindow) -> None:
    window.activateWindow()
    window.browser.list.setFocus()


def test_edits_of_several_environments_are_undone_in_order(window: MainWindow) -> None:
    churn = window.open_environment("churn-train").document
    add(churn, "tqdm")
    ocr = window.open_environment("ocr-gpu").document
    add(ocr, "rich")
    add(churn, "six")
    assert undo_text(window) == "Undo Add six in churn-train"
    press(window, "Ctrl+Z")
    assert (front(window), "six" in pip_of(churn)) == ("churn-train", False)
    assert window.actions_of["redo"].text() == "Redo Add six"
    assert undo_text(window) == "Undo Add rich in ocr-gpu"
    press(window, "Ctrl+Z")
    assert (front(window), pip_of(ocr)) == ("ocr-gpu", [])
    press(window, "Ctrl+Z")
    assert (front(window), "tqdm" in pip_of(churn)) == ("churn-train", False)
    assert not window.actions_of["undo"].isEnabled()
    for _ in range(3):
        press(window, "Ctrl+Shift+Z")
    assert {"tqdm", "six"} <= set(pip_of(churn))
    assert pip_of(ocr) == ["rich"]
    # A new edit ends what could be done again, whichever environment it is of.
    press(window, "Ctrl+Z")
    add(ocr, "click")
    assert not window.actions_of["redo"].isEnabled()


def test_an_edit_is_undone_though_its_tab_was_closed(window: MainWindow, wait_jobs) -> None:
    document = window.open_environment("churn-train").document
    before = document.environment
    add(document, "tqdm")
    window.close_environment("churn-train")
    wait_jobs()
    assert undo_text(window) == "Undo Add tqdm in churn-train"
    press(window, "Ctrl+Z")
    assert front(window) == "churn-train"
    view = window.current_view()
    assert view is not None
    assert view.document.environment == before


def test_a_package_that_was_added_is_undone_by_the_key(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    line = view.show_packages().add_line.edit
    line.setFocus()
    QTest.keyClicks(line, "tqdm")
    press(window, "Ctrl+Z")
    # What is typed is the line's own, and was not taken yet.
    assert (line.text(), "tqdm" in pip_of(view.document)) == ("", False)
    QTest.keyClicks(line, "pip:tqdm")
    press(window, "Return")
    assert "tqdm" in pip_of(view.document)
    assert QApplication.focusWidget() is line
    press(window, "Ctrl+Z")
    assert (line.text(), "tqdm" in pip_of(view.document)) == ("", False)


def test_a_field_of_a_form_is_undone_as_the_edit_that_it_is(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    page = view.show_page("Image")
    field = page.description  # type: ignore[attr-defined]
    before = field.text()
    field.setFocus()
    QTest.keyClicks(field, "For the autumn")
    add(view.document, "tqdm")
    press(window, "Ctrl+Z")
    assert "tqdm" not in pip_of(view.document)
    assert "For the autumn" in field.text()
    press(window, "Ctrl+Z")
    assert field.text() == before


def test_a_repeated_key_deletes_one(window: MainWindow, library: Library) -> None:
    window.browser.select("churn-train")
    for _ in range(3):
        QTest.keySequence(window.browser.list, QKeySequence("Del"))
    assert {info.name for info in library.environments.list()} == {"ocr-gpu"}
    press(window, "Ctrl+Z")
    assert {info.name for info in library.environments.list()} == {"churn-train", "ocr-gpu"}
    press(window, "Ctrl+Shift+Z")
    assert {info.name for info in library.environments.list()} == {"ocr-gpu"}


def test_a_key_repeated_while_tabs_are_open_deletes_one(window: MainWindow, library: Library) -> None:
    window.open_environment("ocr-gpu")
    window.open_environment("churn-train")
    window.browser.list.setFocus()
    for _ in range(3):
        QTest.keySequence(window.browser.list, QKeySequence("Del"))
    assert {info.name for info in library.environments.list()} == {"ocr-gpu"}


def test_acts_of_the_library_are_undone(window: MainWindow, library: Library) -> None:
    commands = window.commands.environments
    commands.rename("ocr-gpu", "ocr")
    assert undo_text(window) == "Undo Rename ocr-gpu to ocr"
    label_taker(window.session, Reference("churn-train", 1))("prod")
    label_taker(window.session, Reference("churn-train", 2))("prod")
    window.browser.select("churn-train")
    window.actions_of.of_selection("archive").trigger()

    press(window, "Ctrl+Z")
    assert not library.environments.list(archived=True, names=["churn-train"])[0].archived
    assert undo_text(window) == "Undo Label churn-train:2 prod"
    press(window, "Ctrl+Z")
    assert dict(library.versions.labels("churn-train")) == {"prod": 1}
    press(window, "Ctrl+Z")
    assert dict(library.versions.labels("churn-train")) == {}
    press(window, "Ctrl+Z")
    assert library.environments.exists("ocr-gpu")
    for _ in range(3):
        press(window, "Ctrl+Shift+Z")
    assert dict(library.versions.labels("churn-train")) == {"prod": 2}
    assert library.environments.exists("ocr")


def test_what_changed_meanwhile_is_not_undone_and_said(window: MainWindow, library: Library) -> None:
    label_taker(window.session, Reference("churn-train", 1))("prod")
    window.session.apply(library.versions.label(Reference("churn-train", 2), "prod"))
    press(window, "Ctrl+Z")
    assert window.notice.label.text().startswith("That cannot be undone: The label prod of churn-train was moved")
    assert dict(library.versions.labels("churn-train")) == {"prod": 2}
    assert not window.actions_of["undo"].isEnabled()


def test_imports_are_undone(window: MainWindow, library: Library, tmp_path: Path, wait_jobs) -> None:
    file = tmp_path / "scoring.yml"
    for number in ("4.66", "4.67"):
        file.write_text(f"name: scoring\ndependencies:\n- python=3.12\n- tqdm={number}\n")
        window.commands.files.import_files([file])
        wait_jobs()
    first = library.find("scoring:1").environment
    assert undo_text(window) == "Undo Import scoring:2"
    press(window, "Ctrl+Z")
    assert (library.find("scoring").version, library.find("scoring").environment) == (3, first)
    assert undo_text(window) == "Undo Import scoring"
    # Versions that came since would be deleted with it.
    press(window, "Ctrl+Z")
    assert "That cannot be undone: scoring has more versions by now" in window.notice.label.text()
    assert library.environments.exists("scoring")

    file.write_text("name: ranking\ndependencies:\n- python=3.12\n")
    window.commands.files.import_files([file])
    wait_jobs()
    press(window, "Ctrl+Z")
    assert not library.environments.exists("ranking")
    assert window.view_of("ranking") is None
    press(window, "Ctrl+Shift+Z")
    assert library.environments.exists("ranking")


def test_a_restored_version_is_undone(window: MainWindow, library: Library, wait_jobs) -> None:
    view = window.open_environment("churn-train")
    page = view.show_history()
    wait_jobs()
    page.show_version(2)
    second = library.find("churn-train:2").environment
    window.actions_of["restore_version"].trigger()
    wait_jobs()
    first = library.find("churn-train:3").environment
    assert first == library.find("churn-train:1").environment
    for version, environment, keys in ((4, second, "Ctrl+Z"), (5, first, "Ctrl+Shift+Z"), (6, second, "Ctrl+Z")):
        press(window, keys)
        found = library.find("churn-train")
        assert (found.version, found.environment) == (version, environment)


def test_another_workspace_has_another_history(window: MainWindow, library: Library) -> None:
    add(window.open_environment("churn-train").document, "tqdm")
    window.session.apply(library.workspaces.create("team"))
    window.session.switch_workspace("team")
    assert not window.actions_of["undo"].isEnabled()
