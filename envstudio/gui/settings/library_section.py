"""The part of the settings about the library: where it is, opening another, moving it, backing it up."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget
from shiboken6 import isValid

from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.job import Job
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.tasks.library_location import Opened, back_up_library, move_library, open_library

FILES = "EnvStudio libraries (*.sqlite);;All files (*)"


class LibrarySection(QWidget):
    """`opened` says that another library is shown now."""

    opened = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.location = Label(session.library.location, wordWrap=True)
        self.location.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open = SmallButton("Open another…", self._on_open_clicked)
        self.move_button = SmallButton("Move…", self._on_move_clicked)
        self.back_up = SmallButton("Back up…", self._on_back_up_clicked)
        row = make_row(8)
        for button in (self.open, self.move_button, self.back_up):
            row.addWidget(button)
        row.addStretch(1)
        self.state = Label(wordWrap=True)
        self.state.setProperty("tone", "muted")
        self.state.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.location)
        layout.addLayout(row)
        layout.addWidget(self.state)

    def _say(self, text: str, tone: str = "muted") -> None:
        self.state.setProperty("tone", tone)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        self.state.setText(text)
        self.state.show()

    def _ask(self, title: str, mode: QFileDialog.AcceptMode, name: str = "") -> QFileDialog:
        dialog = QFileDialog(self.window(), title, str(Path(self._session.library.location).parent), FILES)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(mode)
        # What exists is refused with its reason; the dialog's own question would promise to replace it.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        if mode is QFileDialog.AcceptMode.AcceptSave:
            dialog.setDefaultSuffix("sqlite")
            dialog.selectFile(name)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.open()
        return dialog

    @Slot()
    def _on_open_clicked(self) -> None:
        self._ask("Open a library", QFileDialog.AcceptMode.AcceptOpen).fileSelected.connect(self.open_library)

    @Slot()
    def _on_move_clicked(self) -> None:
        dialog = self._ask("Move the library", QFileDialog.AcceptMode.AcceptSave, "library.sqlite")
        dialog.fileSelected.connect(self.move_to)

    @Slot()
    def _on_back_up_clicked(self) -> None:
        name = f"library-{datetime.now(UTC):%Y%m%d}.sqlite"
        self._ask("Back the library up", QFileDialog.AcceptMode.AcceptSave, name).fileSelected.connect(self.back_up_to)

    @Slot(str)
    def open_library(self, location: str) -> None:
        """Open another library in this window."""
        self._watch(
            self._session.jobs.run(
                f"Open {Path(location).name}",
                open_library,
                self._session.settings,
                location,
                on_done=partial(_take_over, self._session, self),
                on_failed=self._on_failed,
                on_end=self._on_job_end,
            )
        )

    @Slot(str)
    def move_to(self, location: str) -> None:
        """Copy the library to another location and go on with it there."""
        for document in self._session.documents.values():
            document.flush()
        self._watch(
            self._session.jobs.run(
                "Move the library",
                move_library,
                self._session.library,
                self._session.settings,
                Path(location),
                on_done=partial(_take_over, self._session, self),
                on_failed=self._on_failed,
                on_end=self._on_job_end,
            )
        )

    @Slot(str)
    def back_up_to(self, location: str) -> None:
        """Copy the library into a new file."""
        for document in self._session.documents.values():
            document.flush()
        self._watch(
            self._session.jobs.run(
                "Back up the library",
                back_up_library,
                self._session.library,
                Path(location),
                on_done=self._on_backed_up,
                on_failed=self._on_failed,
                on_end=self._on_job_end,
            )
        )

    def _watch(self, job: Job) -> None:
        self._job = job
        job.changed.connect(self._on_job_changed)
        self._say(_under_way(job))

    @Slot()
    def _on_job_changed(self) -> None:
        if self._job.active and self._job.percent is not None:
            self._say(f"{_under_way(self._job)} {self._job.percent} %")

    def _on_job_end(self) -> None:
        """Say that it is over, if nothing was said of how it ended."""
        if not self._job.active and self.state.text().startswith(_under_way(self._job)):
            self._say(f"{self._job.title}: {self._job.status}.")

    def show_opened(self, opened: Opened) -> None:
        """Say which library is shown now."""
        self.location.setText(opened.library.location)
        left = f" The file at {opened.left} is left as it was; delete it when nothing needs it." if opened.left else ""
        self._say(f"The library is {opened.library.location} now.{left}")
        self.opened.emit()

    def _on_backed_up(self, target: Path) -> None:
        self._say(f"Copied to {target}.")

    def _on_failed(self, error: EnvStudioError) -> None:
        self._say(message_of(error), "error")


def _under_way(job: Job) -> str:
    return f"{job.title}…"


def _take_over(session: Session, section: LibrarySection, opened: Opened) -> None:
    """Show a library that was opened, also if the page was closed meanwhile: the settings name it by now."""
    session.use_library(opened.library, opened.settings, moved=bool(opened.left))
    if isValid(section):
        section.show_opened(opened)
