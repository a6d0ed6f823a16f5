"""The part of the settings about the workspace: its policies, which are in the library and hold for all who use it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFormLayout, QLineEdit

from envstudio.domain.change import Aspect, LibraryChange
from envstudio.domain.policy import POLICIES
from envstudio.errors import EnvStudioError
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.text_field import TextField
from envstudio.tasks.policy import policies, policy_text, set_policy


class PolicyFields(QObject):
    """A field for each policy. Each is stored when it is left; what is refused stays there, marked."""

    def __init__(self, session: Session, form: QFormLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.fields: dict[str, TextField] = {}
        for item in POLICIES.values():
            field = self.fields[item.key] = TextField(f"Workspace: {item.title}", "none", note=item.help)
            assert isinstance(field.edit, QLineEdit)
            field.edit.editingFinished.connect(partial(self._on_field_left, item.key))
            form.addRow(Label(item.title), field)
        self.load()
        session.library_changed.connect(self._on_session_library_changed)
        session.workspace_changed.connect(self._on_session_workspace_changed)

    def load(self) -> None:
        """Show what the workspace demands."""
        self._shown = {key: policy_text(key, value) for key, value in policies(self._session.library).items()}
        for key, field in self.fields.items():
            if not field.edit.hasFocus():
                field.set_text(self._shown[key])

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        if change.aspects & Aspect.POLICIES:
            self.load()

    @Slot(str)
    def _on_session_workspace_changed(self, name: str) -> None:
        self.load()

    def _on_field_left(self, key: str) -> None:
        field = self.fields[key]
        if field.text().strip() == self._shown[key]:
            field.refuse("")
            return
        try:
            change = set_policy(self._session.library, key, field.text())
        except EnvStudioError as error:
            field.refuse(message_of(error))
            return
        field.refuse("")
        self._session.apply(change)
        self.load()
