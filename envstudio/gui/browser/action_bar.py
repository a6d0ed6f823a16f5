"""The row of buttons under the browser's list: what can be done with the environments selected there."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from envstudio.gui.browser.list import ACTS_HEIGHT
from envstudio.gui.model.command_table import commands_of
from envstudio.gui.pages.actions import Actions
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.layouts import make_row


class ActionBar(QWidget):
    """Made from the table of commands; each button follows the browser's action of its command."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setProperty("line", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(ACTS_HEIGHT)
        row = make_row(0, (8, 1, 8, 0))
        self.buttons: dict[str, IconButton] = {}
        for command in commands_of("actions"):
            button = self.buttons[command.id] = IconButton(command.icon, command.text)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            action = actions.of_selection(command.id)
            button.clicked.connect(action.trigger)
            action.changed.connect(partial(self._follow, button, action))
            self._follow(button, action)
            row.addWidget(button)
        row.addStretch(1)
        self.setLayout(row)

    def _follow(self, button: IconButton, action: QAction) -> None:
        button.setEnabled(action.isEnabled())
        button.setToolTip(plain_tip(action.toolTip()))
        button.setAccessibleName(action.text())
