"""The list of the browser as a view: what is painted first of all when the window appears."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from envstudio.gui.browser.delegate import BrowserDelegate
from envstudio.gui.browser.model import BrowserModel
from envstudio.gui.look import theme

FILTER_HINT = "Filter: name  pkg:numpy>=2  label:prod"
MARGINS = (8, 8, 8, 8)
"""What is left free around the filter above the list."""
ACTS_HEIGHT = 32
"""How high the row of buttons under the list is."""


class BrowserList(QTableView):
    """One column, in a table because that asks for no other rows than it shows.

    Enter opens, as a double click does; Left and Right fold a group and unfold it.
    """

    fold_requested = Signal(QModelIndex, bool)

    def __init__(self, model: BrowserModel) -> None:
        super().__init__()
        self.setAccessibleName("Environments")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setMinimumSectionSize(0)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        self.setModel(model)
        self.setItemDelegate(BrowserDelegate(self))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            self.activated.emit(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not editing:
            self.fold_requested.emit(self.currentIndex(), event.key() == Qt.Key.Key_Left)
        else:
            super().keyPressEvent(event)
