"""The row of buttons under the browser's list: what can be done with the environments selected there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from envstudio.gui.browser.list import ACTS_HEIGHT
from envstudio.gui.model.command_table import Needs, commands_of
from envstudio.gui.pages.actions import Actions
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.layouts import make_row
from envstudio.library.environment_info import EnvironmentInfo


class ActionBar(QWidget):
    """Made from the table of commands. `wanted` is emitted before a command runs, so that it is about the browser."""

    wanted = Signal()

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self.setProperty("line", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(ACTS_HEIGHT)
        row = make_row(0, (8, 1, 8, 0))
        self.buttons: dict[str, IconButton] = {}
        self._needs = {command.id: command.needs for command in commands_of("actions")}
        for command in commands_of("actions"):
            button = self.buttons[command.id] = IconButton(command.icon, command.text)
            button.setToolTip(actions[command.id].toolTip())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self._run, command.id))
            row.addWidget(button)
        row.addStretch(1)
        self.setLayout(row)
        self.fit(())

    def fit(self, chosen: Sequence[EnvironmentInfo]) -> None:
        """Enable what can be done with these environments."""
        own = [info for info in chosen if info.kind != "curated"]
        there = {Needs.ENVIRONMENT: bool(chosen), Needs.OWN: bool(own)}
        for name, button in self.buttons.items():
            button.setEnabled(there[self._needs[name]])
        self.buttons["archive"].setAccessibleName("Unarchive" if own and own[0].archived else "Archive")

    def _run(self, name: str, *_: object) -> None:
        self.wanted.emit()
        self._actions[name].trigger()
