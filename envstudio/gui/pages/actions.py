"""The QActions of a window, and the menus that hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from envstudio.gui.look import theme
from envstudio.gui.look.theme import Colors
from envstudio.gui.model.command_table import MENUS, MNEMONICS, Command, CommandState, commands_of, native_keys


class Actions(QObject):
    """The QActions of one window, made from its commands. They do nothing until they are connected.

    What the browser offers has actions of its own there, since they are about what is selected in it.
    """

    def __init__(self, commands: Sequence[Command], parent: QObject) -> None:
        super().__init__(parent)
        self._commands = commands
        self._actions: dict[str, QAction] = {}
        self._drawn: set[str] = set()
        self._of_selection: dict[str, QAction] = {}
        self._shown: dict[QAction, CommandState] = {}
        for command in self._commands:
            self._actions[command.id] = self._made(command, command.id, "" if command.local else command.shortcut)
            if command.is_of_selection:
                name = f"selection_{command.id}"
                made = self._of_selection[command.id] = self._made(command, name, command.shortcut)
                # Where both are there, the key is that of the tab in front.
                made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _made(self, command: Command, name: str, shortcut: str) -> QAction:
        action = QAction(command.text, self)
        action.setIconText(command.text.removesuffix("…"))
        action.setObjectName(name)
        action.setCheckable(command.checkable)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        action.setToolTip(_with_keys(command.tip, action))
        action.setStatusTip(command.tip)
        return action

    def __getitem__(self, command: str) -> QAction:
        return self._actions[command]

    def of_selection(self, command: str) -> QAction:
        """Return the action of a command that is about what is selected in the browser."""
        return self._of_selection[command]

    def connect_to(
        self, handler: Callable[[str], Callable[[], None]], of_selection: Callable[[str], Callable[[], None]]
    ) -> None:
        """Let each action call what `handler`, or `of_selection` for the browser's, returns for its command's id."""
        for command in self._commands:
            self[command.id].triggered.connect(handler(command.id))
        for name, action in self._of_selection.items():
            action.triggered.connect(of_selection(name))

    def apply_theme(self, chosen: Colors, menu_id: str = "") -> None:
        """Draw the icons of a menu in a theme's colour; without one, those of all menus that were drawn before."""
        if menu_id:
            self._drawn.add(menu_id)
        for command in self._commands:
            if command.icon and (menu_id in command.where if menu_id else not self._drawn.isdisjoint(command.where)):
                icon = theme.icon(command.icon, chosen.text)
                self[command.id].setIcon(icon)
                if command.id in self._of_selection:
                    self.of_selection(command.id).setIcon(icon)

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
            menu.addAction(self.of_selection(command.id) if menu_id == "browser" else self[command.id])

    def show(self, states: Mapping[str, CommandState]) -> None:
        """Take over what differs from what was shown before."""
        for command in self._commands:
            self._show(command, self[command.id], states[command.id])

    def show_selection(self, states: Mapping[str, CommandState]) -> None:
        """Take over what the browser's actions are about now."""
        for command in self._commands:
            if command.id in states:
                self._show(command, self.of_selection(command.id), states[command.id])

    def _show(self, command: Command, action: QAction, state: CommandState) -> None:
        # What can be checked was perhaps toggled by Qt, which does so before it is reported.
        if state == self._shown.get(action) and not command.checkable:
            return
        self._shown[action] = state
        action.setEnabled(state.enabled)
        action.setText(state.text)
        if command.checkable:
            action.setChecked(state.checked)
        if state.target:
            tip = f"{command.tip[0].lower()}{command.tip[1:]}"
            action.setToolTip(_with_keys(f"{state.text.removesuffix('…')}: {tip}", action))
        else:
            action.setToolTip(_with_keys(command.tip, action))


def _with_keys(tip: str, action: QAction) -> str:
    keys = native_keys(action.shortcut())
    return f"{tip} ({keys})" if keys else tip
