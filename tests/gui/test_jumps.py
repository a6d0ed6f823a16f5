"""Ctrl+K: the version that was typed is the one that opens, and one is there with the keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from envstudio.domain.environment import Variable
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.widgets.quick_pick import Choice, ChoiceModel, QuickPick
from envstudio.library import Library


def jump(window: MainWindow, text: str) -> None:
    QTest.keySequence(window, QKeySequence("Ctrl+K"))
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    QTest.keyClicks(pick.edit, text)
    assert pick.model.shown, text
    QTest.keyClick(pick.edit, Qt.Key.Key_Return)


@pytest.mark.parametrize("number", [1, 2, 11, 12])
def test_a_version_is_found_by_its_whole_number(window: MainWindow, library: Library, wait_jobs, number: int) -> None:
    for value in range(3, 13):
        environment = library.find("churn-train").environment
        library.versions.register(environment.with_variable(Variable("N", str(value))), f"run {value}")
    window.open_environment("ocr-gpu")
    jump(window, f"churn-train:{number}")
    view = window.current_view()
    assert view is not None
    wait_jobs()
    assert view.show_history().version_number() == number


@pytest.mark.parametrize(
    ("typed", "first"), [("numpy", "numpy"), ("app:1", "app:1 x"), ("app:1 x", "app:1 x"), ("nump", "numpy-base")]
)
def test_a_whole_name_comes_before_longer_ones(typed: str, first: str) -> None:
    model = ChoiceModel([Choice(text, "", "", lambda: None) for text in ("app:12 x", "numpy-base", "numpy", "app:1 x")])
    model.filter(typed)
    assert model.shown[0].text == first


@pytest.mark.parametrize("location", ["curated/jupyter", "ocr-gpu", "churn-train:1", "pandas"])
def test_one_is_there_with_the_keys(window: MainWindow, wait_jobs, location: str) -> None:
    window.activateWindow()
    window.open_environment("churn-train")
    window.browser.list.setFocus()
    jump(window, location)
    wait_jobs()
    view = window.current_view()
    widget = window.focusWidget()
    assert view is not None
    assert widget is not None
    assert view.isAncestorOf(widget)


def test_what_is_archived_says_so(window: MainWindow, library: Library) -> None:
    window.session.apply(library.environments.archive("ocr-gpu"))
    window.actions_of["go_to"].trigger()
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    notes = {choice.text: choice.note for choice in pick.model.shown}
    assert (notes["ocr-gpu"], notes["churn-train"]) == ("v1, archived", "v2")
    pick.close()


@pytest.mark.parametrize("typed", ["churn:1", "Churn-Train:1", "train:1"])
def test_versions_are_found_by_a_part_of_the_name(window: MainWindow, library: Library, wait_jobs, typed: str) -> None:
    for value in range(3, 13):
        environment = library.find("churn-train").environment
        library.versions.register(environment.with_variable(Variable("N", str(value))), f"run {value}")
    window.open_environment("ocr-gpu")
    jump(window, typed)
    view = window.current_view()
    assert view is not None
    assert view.document.name == "churn-train"
    wait_jobs()
    assert view.show_history().version_number() == 1


def palette(window: MainWindow, text: str) -> QuickPick:
    QTest.keySequence(window, QKeySequence("Ctrl+Shift+P"))
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    QTest.keyClicks(pick.edit, text)
    return pick


def test_the_palette_says_what_a_command_would_do_now(window: MainWindow, library: Library) -> None:
    view = window.open_environment("churn-train")
    window.session.apply(library.environments.archive("churn-train"))
    view.setFocus()
    pick = palette(window, "archive")
    texts = [choice.text for choice in pick.model.shown]
    assert texts[0] == "Environment: Unarchive churn-train"
    assert not any(text.startswith("Environment: Archive") for text in texts)
    pick.close()
    view.document.edit("Add SEED", view.document.environment.with_variable(Variable("SEED", "1")))
    pick = palette(window, "undo")
    assert pick.model.shown[0].text == "Edit: Undo Add SEED"
    pick.close()


@pytest.mark.parametrize(
    ("typed", "there"), [("openssl", True), ("openssl<3", False), ("openssl>=3", True), ("zzz", False)]
)
def test_a_package_that_only_a_lock_holds_is_found(
    window: MainWindow, library: Library, wait_jobs, typed: str, there: bool
) -> None:
    package = LockedPackage("openssl", "3.4.0", "conda", "https://c.example/openssl.conda", "0" * 64)
    platform = PlatformLock("linux-64", "3.12.7", (package,))
    library.locks.save("churn-train", Lock(library.find("churn-train").digest, (), (platform,)))
    window.actions_of["go_to"].trigger()
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    QTest.keyClicks(pick.edit, typed)
    wait_jobs()
    found = [(choice.text, choice.note) for choice in pick.model.shown]
    assert ((typed, "where it is used") in found) is there
    if not there:
        pick.close()
        return
    QTest.keyClick(pick.edit, Qt.Key.Key_Return)
    wait_jobs()
    assert window.browser.filter.text() == f"pkg:{typed}"
    assert window.browser.model.index_of("churn-train").isValid()


def test_a_package_is_offered_once(window: MainWindow, wait_jobs) -> None:
    window.actions_of["go_to"].trigger()
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    QTest.keyClicks(pick.edit, "pandas")
    wait_jobs()
    assert [(choice.text, choice.note) for choice in pick.model.shown] == [("pandas", "where it is used")]
    pick.close()


def test_a_message_of_several_lines_is_one_row(window: MainWindow, library: Library) -> None:
    environment = library.find("ocr-gpu").environment
    library.versions.register(environment.with_variable(Variable("N", "1")), "why\n\nand how")
    window.open_environment("ocr-gpu")
    window.actions_of["go_to"].trigger()
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    assert "ocr-gpu:2 why and how" in [choice.text for choice in pick.model.shown]
    pick.close()


def test_what_is_put_away_comes_last(window: MainWindow, library: Library) -> None:
    window.session.apply(library.environments.archive("churn-train"))
    QTest.keySequence(window, QKeySequence("Ctrl+K"))
    pick = QApplication.activePopupWidget()
    assert isinstance(pick, QuickPick)
    names = [choice.text for choice in pick.model.shown if choice.icon in ("environment", "curated")]
    assert names[0] == "ocr-gpu"
    assert names[-1] == "churn-train"
    pick.close()
