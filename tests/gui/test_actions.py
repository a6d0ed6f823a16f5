"""The table of commands: each has its method, its place and its own shortcut, and the window offers all of them."""

from __future__ import annotations

from collections import Counter

from PySide6.QtWidgets import QMenu

from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import ALL_COMMANDS, PAGES
from envstudio.gui.frame.page_table import ENTRIES
from envstudio.gui.model.command_table import MENUS, commands_of


def test_ids_and_shortcuts_are_unique() -> None:
    assert max(Counter(command.id for command in ALL_COMMANDS).values()) == 1
    assert max(Counter(command.shortcut for command in ALL_COMMANDS if command.shortcut).values()) == 1


def test_every_command_has_a_method_and_a_menu(window: MainWindow) -> None:
    for command in ALL_COMMANDS:
        assert callable(window.commands.handler(command.id))
        assert any(location in MENUS for location in command.where), command.id


def test_every_page_is_made() -> None:
    assert tuple(entry.title for entry in ENTRIES) == PAGES


def test_menu_bar_holds_every_command(window: MainWindow) -> None:
    held = {action.objectName() for menu in window.menuBar().findChildren(QMenu) for action in menu.actions() if action}
    assert {command.id for command in ALL_COMMANDS} <= held


def test_browser_menu_comes_from_the_table(window: MainWindow) -> None:
    menu = QMenu()
    window.actions_of.fill_menu(menu, "browser")
    ids = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    assert ids == [f"selection_{command.id}" for command in commands_of("browser")]


def test_each_menu_opens_by_a_letter_of_its_own(window: MainWindow) -> None:
    titles = [action.text() for action in window.menuBar().actions()]
    letters = [title[title.index("&") + 1].lower() for title in titles]
    assert [title.replace("&", "") for title in titles] == list(MENUS)
    assert len(set(letters)) == len(MENUS)


def test_each_act_on_an_environment_has_a_key() -> None:
    assert all(command.shortcut for location in ("actions", "toolbar") for command in commands_of(location))
