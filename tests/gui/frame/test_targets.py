"""Each command's target in every state of tabs, selection and focus: the tab in front for all but the browser's own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel

from envstudio.gui.browser.model import CURATED_GROUP
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import ALL_COMMANDS
from envstudio.gui.model.command_table import Needs

TABS = (None, "churn-train", "curated/jupyter", "settings")
SELECTIONS: tuple[tuple[str, ...], ...] = ((), ("ocr-gpu",), ("curated/scikit-learn",), ("churn-train", "ocr-gpu"))


def put(window: MainWindow, tab: str | None, selection: tuple[str, ...], in_browser: bool) -> None:
    """Bring the window into a state, as by clicks."""
    window.activateWindow()
    window.browser.model.set_folded(CURATED_GROUP, False)
    if tab == "settings":
        window.open_environment("ocr-gpu")
        window.show_settings()
    elif tab is not None:
        window.open_environment(tab)
    window.browser.list.setFocus()
    window.browser.list.clearSelection()
    for name in selection:
        flag = QItemSelectionModel.SelectionFlag.Select
        window.browser.list.selectionModel().select(window.browser.model.index_of(name), flag)
    if not in_browser and (page := window.tabs.currentWidget()) is not None:
        page.setFocus()


@pytest.mark.parametrize("in_browser", [True, False], ids=["browser", "page"])
@pytest.mark.parametrize("selection", SELECTIONS, ids=["none", "one", "curated", "two"])
@pytest.mark.parametrize("tab", TABS, ids=["no tab", "own", "curated", "settings"])
def test_the_tab_in_front_is_the_target(
    window: MainWindow, tab: str | None, selection: tuple[str, ...], in_browser: bool
) -> None:
    put(window, tab, selection, in_browser)
    front = "" if tab in (None, "settings") else tab or ""
    assert [info.name for info in window.targets()] == ([front] if front else [])
    is_own = bool(front) and not front.startswith("curated/")
    for command in ALL_COMMANDS:
        action = window.actions_of[command.id]
        if command.needs is Needs.OWN:
            assert action.isEnabled() is is_own, command.id
        if command.needs is Needs.ENVIRONMENT:
            assert action.isEnabled() is bool(front), command.id
        if command.needs in (Needs.OWN, Needs.ENVIRONMENT):
            named = front if command.needs is Needs.ENVIRONMENT or is_own else ""
            assert action.text() == command.text_for(named), command.id
    chosen = [name for name in selection if not name.startswith("curated/")]
    for command in ALL_COMMANDS:
        if command.is_of_selection:
            about = chosen if command.needs is Needs.OWN else list(selection)
            fits = len(about) == 1 or (len(about) > 1 and command.several)
            assert window.actions_of.of_selection(command.id).isEnabled() is fits, command.id


def test_the_browser_follows_the_tab(window: MainWindow) -> None:
    for name in ("churn-train", "ocr-gpu"):
        window.open_environment(name)
    window.tabs.setCurrentWidget(window.view_of("churn-train"))
    assert [info.name for info in window.browser.selected()] == ["churn-train"]
