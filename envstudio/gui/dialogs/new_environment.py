"""The box that makes an environment: a name, and what it starts as."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from envstudio.domain.base_python import python_in_tag
from envstudio.domain.check_packages import PYTHON_VERSION
from envstudio.domain.reference import checked_name
from envstudio.errors import EnvStudioError
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label
from envstudio.library import Registered, curated
from envstudio.tasks.create import create
from envstudio.tasks.edit import Edits

EMPTY = "Empty"
PYTHONS = ("3.12", "3.13", "3.11", "3.10")


class NewEnvironmentDialog(QDialog):
    """Says while one types whether the name will do. Emits `created` with the name."""

    created = Signal(str)

    def __init__(self, session: Session, parent: QWidget, base: str = "", source: str = "") -> None:
        """Propose a name after `base`, and to start from `source`: an environment or one of its versions."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New environment")
        self.setMinimumWidth(480)
        self._session = session
        self._names = {info.name for info in session.library.environments.list(archived=True)}
        self.name = QLineEdit(placeholderText="churn-train")
        self.name.setAccessibleName("Name")
        self.name.textChanged.connect(self._on_name_text_changed)
        self.reason = Label(wordWrap=True)
        self.reason.setProperty("tone", "error")
        # Room for two lines, so that nothing moves when there is something to say.
        self.reason.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.start = QComboBox()
        self.start.setAccessibleName("Start from")
        self.start.addItem(EMPTY, "")
        for name in sorted(self._names):
            self.start.addItem(name, name)
        for info in curated.infos():
            self.start.addItem(info.name, info.name)
        self.start.currentIndexChanged.connect(self._on_start_current_index_changed)
        self.python = QComboBox(editable=True)
        self.python.setAccessibleName("Python")
        self.python.addItems(PYTHONS)
        if in_base := python_in_tag(session.settings.base_image):
            self.python.setCurrentText(in_base)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.create_button = self.buttons.addButton("Create", QDialogButtonBox.ButtonRole.AcceptRole)
        self.create_button.setProperty("primary", True)
        self.create_button.setEnabled(False)
        self.create_button.setDefault(True)
        self.python.currentTextChanged.connect(self._on_python_current_text_changed)
        self.buttons.accepted.connect(self._on_buttons_accepted)
        self.buttons.rejected.connect(self.reject)

        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Name", self.name)
        form.addRow("Start from", self.start)
        form.addRow("Python", self.python)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.reason)
        layout.addWidget(self.buttons)
        if source:
            if self.start.findData(source) < 0:
                self.start.insertItem(1, source, source)
            self.start.setCurrentIndex(self.start.findData(source))
            base = base.rpartition("/")[2]
            self.name.setText(base if base not in self._names else f"{base}-copy")
            self.name.selectAll()

    @Slot(int)
    def _on_start_current_index_changed(self, index: int) -> None:
        self.python.setEnabled(index == 0)
        self._on_name_text_changed(self.name.text())

    @Slot(str)
    def _on_python_current_text_changed(self, _text: str) -> None:
        self._on_name_text_changed(self.name.text())

    @Slot(str)
    def _on_name_text_changed(self, text: str) -> None:
        reason = ""
        try:
            checked_name(text.strip())
        except EnvStudioError as error:
            reason = message_of(error) if text else ""
        if not self.start.currentData() and not PYTHON_VERSION.fullmatch(self.python.currentText().strip()):
            reason = "Choose a version of Python, such as 3.12."
        if text.strip() in self._names:
            reason = f"An environment named {text.strip()!r} already exists. Choose another name."
        self.reason.setText(reason)
        self.name.setProperty("invalid", bool(reason))
        self.name.style().polish(self.name)
        self.create_button.setEnabled(bool(text.strip()) and not reason)

    @Slot()
    def _on_buttons_accepted(self) -> None:
        try:
            registered = self._create()
        except EnvStudioError as error:
            self.reason.setText(message_of(error))
            return
        self._session.apply(registered.change)
        self.created.emit(registered.name)
        self.accept()

    def _create(self) -> Registered:
        """Create what the form describes. Raises `EnvStudioError`."""
        name, source = self.name.text().strip(), self.start.currentData() or ""
        python = "" if source else self.python.currentText().strip()
        # Python and pip come from conda, so that packages can be added from both sides.
        edits = Edits() if source else Edits(add=("pip",))
        return create(self._session.library, self._session.settings, name, source=source, python=python, edits=edits)
