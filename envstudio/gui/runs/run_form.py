"""The form of a run: a command, where, and in which folder; the last of each environment is remembered."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from envstudio.errors import InvalidInput
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.segments import Segments
from envstudio.gui.widgets.small_button import SmallButton

COMMAND, TARGET, FOLDER = "run command", "run target", "run folder"
TARGETS = {"local": "This machine", "docker": "Container"}
TIPS = {
    "local": "In a folder of the locked packages on this machine",
    "docker": "In a new container of the image, which is built first if need be; the folder is mounted at /work",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be run: the words of the command, the target's id, and the folder."""

    text: str
    words: tuple[str, ...]
    target: str
    folder: Path


class RunForm(QWidget):
    """Emits `accepted` with a `Wish`; what will not do is said below the fields."""

    accepted = Signal(object)

    def __init__(self, session: Session, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._name = session, name
        self.command = QLineEdit(self._remembered(COMMAND), placeholderText="python train.py --epochs 3")
        self.command.setAccessibleName("Command")
        self.command.returnPressed.connect(self.accept)
        self.command.textChanged.connect(self._on_command_text_changed)
        self.button = QPushButton("Run")
        self.button.setProperty("primary", True)
        self.button.clicked.connect(self.accept)
        self.target = Segments("Where", TARGETS, TIPS, self._remembered(TARGET) or "local")
        self.folder = QLineEdit(self._remembered(FOLDER) or str(session.state.last_folder))
        self.folder.setAccessibleName("Folder")
        self.folder.returnPressed.connect(self.accept)
        self.browse = SmallButton("Browse…", self._choose_folder, "Choose the folder to run in")
        self.reason = Label(wordWrap=True)
        self.reason.setProperty("tone", "error")
        self.reason.hide()
        first, second = make_row(8), make_row(8)
        first.addWidget(self.command, 1)
        first.addWidget(self.button)
        second.addWidget(self.target)
        second.addSpacing(8)
        second.addWidget(Label("in the folder"))
        second.addWidget(self.folder, 1)
        second.addWidget(self.browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addWidget(self.reason)
        self.setFocusProxy(self.command)
        self._on_command_text_changed(self.command.text())

    def apply_theme(self) -> None:
        """Take over the fonts of the theme."""
        for field in (self.command, self.folder):
            field.setFont(theme.monospace(self))

    def follow(self, name: str) -> None:
        """Remember for an environment's new name from now on."""
        self._name = name

    def put(self, text: str, target: str) -> None:
        """Show another command, as it was run before."""
        self.command.setText(text)
        for button in self.target.buttons():
            button.setChecked(button.objectName() == target)

    @Slot()
    def accept(self) -> None:
        """Emit what is to be run, if it can be."""
        try:
            wish = self._wish()
        except InvalidInput as error:
            self._refuse(message_of(error))
            return
        self._refuse("")
        for key, value in ((COMMAND, wish.text), (TARGET, wish.target), (FOLDER, str(wish.folder))):
            self._session.state.remember(self._session.library.workspace, self._name, key, value)
        self.accepted.emit(wish)

    def _wish(self) -> Wish:
        text = self.command.text().strip()
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise InvalidInput("A quote is not closed.", "Close it, or put a backslash before it.") from error
        if not words:
            raise InvalidInput("There is no command.", "Write one, such as python train.py.")
        folder = Path(self.folder.text().strip()).expanduser()
        if not folder.is_dir():
            raise InvalidInput(f"There is no folder {folder}.", "Choose another one.")
        return Wish(text, words, self.target.current, folder.absolute())

    def _refuse(self, reason: str) -> None:
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))

    @Slot(str)
    def _on_command_text_changed(self, text: str) -> None:
        self.button.setEnabled(bool(text.strip()))
        self._refuse("")

    def _choose_folder(self, *_: object) -> None:
        dialog = QFileDialog(self.window(), "Folder to run in", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def _remembered(self, key: str) -> str:
        return self._session.state.of_environment(self._session.library.workspace, self._name, key)
