"""A field for a text, which says below why it cannot take it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.plain_text import whole_text

WIDTH = 560
LINES_HEIGHT = 96


class TextField(QWidget):
    """One line, or several, with room for a reason, and what is to be known about it below."""

    typed = Signal(str)

    def __init__(self, name: str, hint: str, *, lines: bool = False, width: int = WIDTH, note: str = "") -> None:
        super().__init__()
        self._loading = False
        self.edit: QLineEdit | QPlainTextEdit
        if lines:
            self.edit = QPlainTextEdit(placeholderText=hint)
            self.edit.setProperty("field", True)
            self.edit.setTabChangesFocus(True)
            self.edit.setFixedHeight(LINES_HEIGHT)
        else:
            self.edit = QLineEdit(placeholderText=hint)
        self.edit.setAccessibleName(name)
        self.edit.setFixedWidth(width)
        self.edit.textChanged.connect(self._on_edit_text_changed)
        self.reason = Label(wordWrap=True)
        self.reason.setProperty("tone", "error")
        self.reason.setFixedWidth(WIDTH)
        self.reason.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.edit)
        layout.addWidget(self.reason)
        if note:
            self.edit.setToolTip(note)
            note_label = Label(note)
            note_label.setProperty("tone", "muted")
            layout.addWidget(note_label)

    def text(self) -> str:
        """Return what is in the field."""
        return self.edit.text() if isinstance(self.edit, QLineEdit) else whole_text(self.edit)

    def set_text(self, text: str) -> None:
        """Show a text; the cursor stays where the field says the same already."""
        if text.strip() != self.text().strip():
            self._loading = True
            if isinstance(self.edit, QLineEdit):
                self.edit.setText(text)
            else:
                self.edit.setPlainText(text)
            self._loading = False

    def refuse(self, reason: str) -> None:
        """Mark the field with a reason; an empty one takes the mark away."""
        self.reason.setText(reason)
        # A layout in a form gives a text that wraps one line.
        self.reason.setMinimumHeight(max(0, self.reason.heightForWidth(WIDTH)))
        self.reason.setVisible(bool(reason))
        self.edit.setProperty("invalid", bool(reason))
        self.edit.setAccessibleDescription(reason)
        font = self.edit.font()
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)
        # Which a new style takes away.
        self.edit.setFont(font)

    @Slot()
    def _on_edit_text_changed(self) -> None:
        if not self._loading:
            self.typed.emit(self.text())
