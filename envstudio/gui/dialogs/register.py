"""The box in which a draft becomes a version: what changed, and a message for those who come later."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from envstudio.domain.amounts import amount_text
from envstudio.domain.comparison import Comparison
from envstudio.domain.diff import compare
from envstudio.gui.history.diff_view import DiffView
from envstudio.gui.look import theme
from envstudio.gui.model.document import Document
from envstudio.gui.widgets.label import Label
from envstudio.library import Snapshot

NO_VERSION = "Description and tags are kept with the version that there is, so no new version is created."
TAKES_BACK = "The draft was made from v{}, so it undoes what was registered after that."


class RegisterDialog(QDialog):
    """Emits `message_given` when the user agrees. What is shown is what differs from the last version.

    That may be another than the draft started from, where someone registered meanwhile.
    """

    message_given = Signal(str)

    def __init__(self, document: Document, latest: Snapshot, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Register")
        self.resize(680, 440)
        makes_version = document.digest() != latest.digest
        number = latest.version + 1 if makes_version else latest.version
        title = Label(f"{document.environment.name} v{number}")
        title.setFont(theme.title_font(self))
        changes = compare(latest.environment, document.environment)
        note = Label(f"{amount_text(len(changes), 'change')} since v{latest.version}", wordWrap=True)
        note.setProperty("tone", "muted")
        warning = Label(TAKES_BACK.format(document.base_version), wordWrap=True)
        warning.setProperty("tone", "changed")
        warning.setVisible(makes_version and document.base_version != latest.version)
        self.message = QLineEdit(placeholderText="What changed, and why")
        self.message.setAccessibleName("Message")
        if not makes_version:
            note.setText(f"{note.text()}. {NO_VERSION}")
            self.message.hide()
        self.view = DiffView()
        self.view.setAccessibleName("What changed")
        self.view.set_widths(120, 184)
        self.view.load(Comparison("", "", not changes, changes, (), False))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.register = buttons.addButton(
            f"Register v{number}" if makes_version else f"Keep in v{number}", QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.register.setProperty("primary", True)
        self.register.setDefault(True)
        buttons.accepted.connect(self._on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (title, note, warning, self.message, self.view, buttons):
            layout.addWidget(widget)
        (self.message if makes_version else self.register).setFocus()

    @Slot()
    def _on_buttons_accepted(self) -> None:
        self.message_given.emit(self.message.text().strip())
        self.accept()
