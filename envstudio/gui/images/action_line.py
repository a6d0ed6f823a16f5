"""A line that requests one text and does something with it, instead of a dialog."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from envstudio.errors import EnvStudioError
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.small_button import SmallButton


class ActionLine(QFrame):
    """Hidden until it is opened. What `take` refuses by an `EnvStudioError` stays in the line, with the reason."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._take: Callable[[str], None] = _nothing
        self.setProperty("banner", "info")
        self.label = Label()
        self.edit = QLineEdit()
        self.edit.setAccessibleName("Name or command")
        self.edit.setMinimumWidth(320)
        self.edit.returnPressed.connect(self.accept)
        self.edit.textChanged.connect(self._on_edit_text_changed)
        self.button = SmallButton("OK", self.accept)
        self.reason = Label(wordWrap=True)
        self.reason.setProperty("tone", "error")
        self.close_button = IconButton("close", "Close (Esc)")
        self.close_button.clicked.connect(self.hide)
        row = make_row(8, (16, 6, 8, 6))
        row.addWidget(self.label)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button)
        row.addWidget(self.reason)
        row.addWidget(self.close_button)
        self.setLayout(row)
        self.hide()

    def open(self, label: str, verb: str, hint: str, text: str, take: Callable[[str], None]) -> None:
        """Ask."""
        self._take = take
        self.label.setText(label)
        self.edit.setAccessibleName(label)
        self.edit.setPlaceholderText(hint)
        self.edit.setFont(theme.monospace(self))
        self.edit.setText(text)
        self.button.setText(verb)
        self._on_edit_text_changed(text)
        self.show()
        self.edit.setFocus()
        self.edit.selectAll()

    @Slot()
    def accept(self) -> None:
        """Do it, unless the text will not do."""
        text = self.edit.text().strip()
        if not text:
            return
        try:
            self._take(text)
        except EnvStudioError as error:
            self.reason.setText(message_of(error))
            self.reason.show()
        else:
            self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    @Slot(str)
    def _on_edit_text_changed(self, text: str) -> None:
        self.button.setEnabled(bool(text.strip()))
        self.reason.hide()


def _nothing(text: str) -> None:
    """Take a text of a line that was never opened."""
