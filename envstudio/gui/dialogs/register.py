"""The box in which a draft becomes a version: what changed, and a message for those who come later."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from envstudio.gui import theme
from envstudio.gui.document import Document
from envstudio.gui.history.diff_view import DiffView
from envstudio.tasks.compare import Comparison


class RegisterDialog(QDialog):
    """Emits `message_given` when the person agrees."""

    message_given = Signal(str)

    def __init__(self, document: Document, latest: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Register")
        self.resize(680, 440)
        title = QLabel(f"{document.environment.name} v{latest + 1}")
        title.setFont(theme.title_font(self))
        changes = document.changes()
        words = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
        note = QLabel(f"{words} since v{document.base_version}")
        note.setProperty("tone", "muted")
        self.message = QLineEdit(placeholderText="What changed, and why")
        self.message.setAccessibleName("Message")
        self.view = DiffView()
        self.view.setAccessibleName("What changed")
        self.view.set_widths(120, 184)
        self.view.load(Comparison("", "", not changes, changes, (), False))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.register = buttons.addButton(f"Register v{latest + 1}", QDialogButtonBox.ButtonRole.AcceptRole)
        self.register.setProperty("primary", True)
        self.register.setDefault(True)
        buttons.accepted.connect(self._on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (title, note, self.message, self.view, buttons):
            layout.addWidget(widget)
        self.message.setFocus()

    @Slot()
    def _on_buttons_accepted(self) -> None:
        self.message_given.emit(self.message.text().strip())
        self.accept()
