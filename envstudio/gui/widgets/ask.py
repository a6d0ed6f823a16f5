"""A small box that requests one short text, and says at once if that text will not do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from envstudio.domain.reference import checked_name
from envstudio.errors import EnvStudioError
from envstudio.gui.look.error_text import message_of
from envstudio.gui.widgets.label import Label


class AskDialog(QDialog):
    """Calls `take` with the text; what that refuses stays, with the reason."""

    def __init__(self, parent: QWidget, title: str, what: str, hint: str, take: Callable[[str], None]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(360)
        self._what, self._take = what, take
        self.edit = QLineEdit(placeholderText=hint)
        self.edit.setAccessibleName(what)
        self.edit.textChanged.connect(self._on_edit_text_changed)
        self.reason = Label(wordWrap=True)
        self.reason.setProperty("tone", "error")
        # Room for two lines, so that nothing moves when there is something to say.
        self.reason.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._on_buttons_accepted)
        self.buttons.rejected.connect(self.reject)
        self._ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setEnabled(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(Label(title))
        layout.addWidget(self.edit)
        layout.addWidget(self.reason)
        layout.addWidget(self.buttons)

    @Slot(str)
    def _on_edit_text_changed(self, text: str) -> None:
        try:
            checked_name(text.strip(), self._what.lower())
        except EnvStudioError as error:
            self._refuse(message_of(error) if text else "")
        else:
            self._refuse("")
        self._ok.setEnabled(bool(text.strip()) and not self.reason.text())

    def _refuse(self, reason: str) -> None:
        self.reason.setText(reason)
        self.edit.setProperty("invalid", bool(reason))
        self.edit.style().polish(self.edit)

    @Slot()
    def _on_buttons_accepted(self) -> None:
        try:
            self._take(self.edit.text().strip())
        except EnvStudioError as error:
            self._refuse(message_of(error))
        else:
            self.accept()


def ask(parent: QWidget, title: str, what: str, hint: str, take: Callable[[str], None]) -> AskDialog:
    """Ask without waiting."""
    dialog = AskDialog(parent, title, what, hint, take)
    dialog.open()
    return dialog
