"""A few buttons side by side of which one is down: how something is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from envstudio.gui.widgets.layouts import make_row


class Segments(QWidget):
    """`chosen` carries the key of the button that was pressed."""

    chosen = Signal(str)

    def __init__(self, name: str, titles: Mapping[str, str], tips: Mapping[str, str], current: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        row = make_row(4)
        for key, title in titles.items():
            button = QToolButton()
            button.setText(title)
            button.setToolTip(tips[key])
            button.setCheckable(True)
            button.setChecked(key == current)
            button.setObjectName(key)
            button.clicked.connect(partial(self._choose, key))
            self._group.addButton(button)
            row.addWidget(button)
        if self._group.checkedButton() is None:
            self.buttons()[0].setChecked(True)
        self.setLayout(row)

    def buttons(self) -> list[QToolButton]:
        """Return the buttons, from the left."""
        return [button for button in self._group.buttons() if isinstance(button, QToolButton)]

    @property
    def current(self) -> str:
        """Return the key of the button that is down."""
        button = self._group.checkedButton()
        return button.objectName() if button is not None else ""

    def _choose(self, key: str, *_: object) -> None:
        self.chosen.emit(key)
