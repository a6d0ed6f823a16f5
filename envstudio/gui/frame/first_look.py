"""What the window shows until the library is open: its first rows where they will be, the rest still empty.

It loads as little as it can, because it is what a start waits for.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QFrame, QLineEdit, QSplitter, QWidget

from envstudio.gui.browser.list import ACTS_HEIGHT, FILTER_HINT, MARGINS, BrowserList
from envstudio.gui.browser.model import BrowserModel
from envstudio.gui.widgets.layouts import make_column
from envstudio.library.glance import Glance

WIDTHS = [288, 1152]


class FirstLook(QSplitter):
    """The browser as it will be, beside an empty middle."""

    def __init__(self, seen: Glance, state: QByteArray) -> None:
        super().__init__(handleWidth=1, childrenCollapsible=False)
        column = QWidget()
        column.setMinimumWidth(200)
        column.setProperty("surface", "base")
        box = make_column(0)
        above = make_column(4, MARGINS)
        above.addWidget(QLineEdit(placeholderText=FILTER_HINT))
        box.addLayout(above)
        model = BrowserModel(self)
        model.show_first(seen.infos, seen.total)
        self.list = BrowserList(model)
        box.addWidget(self.list, 1)
        below = QFrame()
        below.setProperty("line", "top")
        below.setFixedHeight(ACTS_HEIGHT)
        box.addWidget(below)
        column.setLayout(box)
        middle = QFrame()
        middle.setProperty("surface", "base")
        self.addWidget(column)
        self.column = column
        self.addWidget(middle)
        self.setStretchFactor(1, 1)
        self.setSizes(WIDTHS)
        if not state.isEmpty():
            self.restoreState(state)
