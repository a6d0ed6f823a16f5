"""What something would change, in a table, and the buttons that decide about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from envstudio.gui.look import theme
from envstudio.gui.widgets.elided_label import ElidedLabel
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.rows_model import RowsModel
from envstudio.gui.widgets.table import Table

TABLE, NOTHING = range(2)


class ProposalView(QWidget):
    """Nothing happens before one of its buttons is pressed. A subclass fills it and adds its own buttons."""

    closed = Signal()

    def __init__(self, title: str, leave: str, table: Table, model: RowsModel, nothing: EmptyPage) -> None:
        """Show a model in a table, or `nothing` if there is no row; `leave` is the button that changes nothing."""
        super().__init__()
        self.title = Label(title)
        self.title.setFont(theme.title_font(self))
        self.summary = ElidedLabel()
        self.summary.setProperty("tone", "muted")
        self._head = make_row(8, (16, 8, 8, 8))
        self._head.addWidget(self.title)
        self._head.addSpacing(4)
        self._head.addWidget(self.summary, 1)
        self.close_button = self._add_button(leave)
        self.close_button.clicked.connect(self.closed)
        self.table = table
        self.table.setModel(model)
        self.nothing = nothing
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.nothing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._head)
        layout.addWidget(self.stack, 1)
        self.setFocusProxy(self.table)

    def _add_button(self, text: str, *, primary: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("primary", primary)
        button.setProperty("small", True)
        self._head.addWidget(button)
        return button
