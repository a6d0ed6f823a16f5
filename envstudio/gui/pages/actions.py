"""The QActions of a window, and the menus that hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from envstudio.gui.look import theme
from envstudio.gui.look.theme import Colors
from envstudio.gui.model.command_table import AIMED, MENUS, MNEMONICS, Command, CommandState, commands_of, native_keys


class Actions(QObject):
    """The QActions of one window, made from its commands. They do nothing until they are connected."""

    def __init__(self, commands: Sequence[Command], parent: QObject) -> None:
        super().__init__(parent)
        self._commands = commands
        self._actions: dict[str, QAction] = {}
        self._drawn: set[str] = set()
        self._shown: dict[str, CommandState] = {}
        for command in self._commands:
            action = QAction(command.text, self)
            action.setObjectName(command.id)
            action.setCheckable(command.checkable)
            if command.shortcut:
                action.setShortcut(QKeySequence(command.shortcut))
            if command.local:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setToolTip(_with_keys(command.tip, action))
            action.setStatusTip(command.tip)
            self._actions[command.id] = action

    def __getitem__(self, command: str) -> QAction:
        return self._actions[command]

    def connect_to(self, handler: Callable[[str], Callable[[], None]]) -> None:
        """Let each action call what `handler` returns for its command's id."""
        for command in self._commands:
            self[command.id].triggered.connect(handler(command.id))

    def apply_theme(self, chosen: Colors, menu_id: str = "") -> None:
        """Draw the icons of a menu in a theme's colour; without one, those of all menus that were drawn before."""
        if menu_id:
            self._drawn.add(menu_id)
        for command in self._commands:
            if command.icon and (menu_id in command.where if menu_id else not self._drawn.isdisjoint(command.where)):
                self[command.id].setIcon(theme.icon(command.icon, chosen.text))

    def fill_menu_bar(self, bar: QMenuBar) -> None:
        """Put every command into its menu; the icons are drawn when a menu is opened."""
        for title in MENUS:
            menu = bar.addMenu(MNEMONICS.get(title, f"&{title}"))
            menu.aboutToShow.connect(partial(self._apply_theme_to_menu, menu, title))
            self.fill_menu(menu, title)

    def _apply_theme_to_menu(self, menu: QMenu, menu_id: str) -> None:
        self.apply_theme(theme.colors(menu.palette()), menu_id)

    def fill_menu(self, menu: QMenu, menu_id: str) -> None:
        """Put the commands of one menu id into a menu, its sections parted."""
        previous = None
        for command in commands_of(menu_id, self._commands):
            if previous is not None and command.section != previous:
                menu.addSeparator()
            previous = command.section
            menu.addAction(self[command.id])

    def show(self, states: Mapping[str, CommandState]) -> None:
        """Take over what differs from what was shown before."""
        for command in self._commands:
            state, action = states[command.id], self[command.id]
            # What can be checked was perhaps toggled by Qt, which does so before it is reported.
            if state == self._shown.get(command.id) and not command.checkable:
                continue
            self._shown[command.id] = state
            action.setEnabled(state.enabled)
            action.setText(state.text)
            if command.checkable:
                action.setChecked(state.checked)
            if command.id in AIMED:
                tip = f"{command.tip[0].lower()}{command.tip[1:]}"
                tip = f"{command.text} {state.target}: {tip}" if state.target else command.tip
                action.setToolTip(_with_keys(tip, action))


def _with_keys(tip: str, action: QAction) -> str:
    keys = native_keys(action.shortcut())
    return f"{tip} ({keys})" if keys else tip
