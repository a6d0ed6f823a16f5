"""The fields for the registry of a private base image. The keyring has its password, the definition names it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QWidget

from envstudio.domain.environment import Registry
from envstudio.errors import EnvStudioError
from envstudio.gui.editor.secrets_command import SecretsCommand
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.gui.widgets.text_field import TextField
from envstudio.tasks.registry_password import KeptPassword, keep_registry_password

WIDTH = 280
KEPT = "In the keyring as {}"
NONE = "None: images are pulled without a login"


class RegistryForm(QObject):
    """Adds its rows to a form and edits the document."""

    def __init__(self, session: Session, document: Document, form: QFormLayout, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._document = document
        self.address = TextField("Registry", "such as registry.example", width=WIDTH)
        self.address.typed.connect(self._on_field_typed)
        self.user = TextField("Registry user", "such as robot", width=WIDTH)
        self.user.typed.connect(self._on_field_typed)
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password, placeholderText="password or token")
        self.password.setAccessibleName("Registry password")
        self.password.setFixedWidth(WIDTH)
        self.password.returnPressed.connect(self.store)
        self.button = SmallButton("Save credentials", self.store)
        self.state = Label(wordWrap=True)
        self.state.setMinimumWidth(WIDTH)
        self.state.setMaximumWidth(2 * WIDTH)
        self.state.setProperty("tone", "muted")
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.password)
        row.addWidget(self.button)
        row.addStretch(1)
        form.addRow("Registry", self.address)
        form.addRow("User", self.user)
        form.addRow("Password", line)
        form.addRow("", self.state)
        self.load()

    def load(self) -> None:
        """Show the value."""
        registry = self._document.environment.image.registry or Registry("")
        self.address.set_text(registry.address)
        self.user.set_text(registry.username)
        self._say(KEPT.format(registry.password) if registry.password else NONE, "muted")
        self.password.setEnabled(bool(registry.address))
        self.button.setEnabled(bool(registry.address))

    def _say(self, text: str, tone: str) -> None:
        self.state.setText(text)
        self.state.setProperty("tone", tone)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)

    def _registry(self) -> Registry:
        before = self._document.environment.image.registry or Registry("")
        return replace(before, address=self.address.text().strip(), username=self.user.text().strip())

    def _put(self, registry: Registry, merge: str) -> None:
        environment = self._document.environment
        kept = registry if registry.address or registry.username else None
        image = replace(environment.image, registry=kept)
        self._document.edit("Change registry", replace(environment, image=image), merge=merge)

    @Slot(str)
    def _on_field_typed(self, text: str) -> None:
        self._put(self._registry(), "image.registry")

    @Slot()
    def store(self) -> None:
        """Put the password that was typed into the keyring."""
        if self.password.text():
            self._session.jobs.run(
                f"Save the password for {self.address.text()}",
                keep_registry_password,
                self._session.library.workspace,
                self._registry(),
                self.password.text(),
                on_done=self._on_stored,
                on_failed=self._on_failed,
            )

    def _on_stored(self, kept: KeptPassword) -> None:
        self.password.clear()
        stack, title = self._document.undo_stack, f"Save the password for {self.address.text()}"
        stack.beginMacro(title)
        stack.push(SecretsCommand(title, self._session.jobs, kept.before, kept.after))
        self._put(replace(self._registry(), password=kept.name), "")
        stack.endMacro()
        self.load()

    def _on_failed(self, error: EnvStudioError) -> None:
        self._say(message_of(error), "error")
