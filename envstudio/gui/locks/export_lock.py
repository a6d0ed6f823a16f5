"""A lock is written as a file of another tool: the choice of format and file, and the job that writes it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from envstudio.domain.lock import Lock
from envstudio.gui.model.session import Session
from envstudio.lock_formats import LOCK_FORMATS, LockFormat
from envstudio.tasks.export_lock import ExportedLock, export_lock


class LockExport(QObject):
    """Offers the formats in a menu; `done` carries what was written."""

    done = Signal(object)

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._page = session, page
        self._lock: Lock | None = None
        self._platform = ""
        self.menu = QMenu(page)
        for form in LOCK_FORMATS:
            if form.write is not None:
                self.menu.addAction(f"{form.title}…", partial(self.choose, form))

    def set_lock(self, lock: Lock, platform: str) -> None:
        """Export this lock; formats of one platform take that one."""
        self._lock, self._platform = lock, platform

    def choose(self, form: LockFormat) -> QFileDialog:
        """Ask for the file."""
        state = self._session.state
        dialog = QFileDialog(self._page, f"Export the lock as {form.title}", str(state.last_folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile(form.filenames[0])
        dialog.fileSelected.connect(partial(self.write, form))
        dialog.open()
        return dialog

    def write(self, form: LockFormat, name: str) -> None:
        """Write the file."""
        if self._lock is not None:
            path = Path(name)
            self._session.state.last_folder = path.parent
            self._session.jobs.run(
                f"Export {path.name}",
                export_lock,
                self._lock,
                form.id,
                self._platform,
                path,
                on_done=self._on_exported,
            )

    def _on_exported(self, outcome: ExportedLock) -> None:
        self.done.emit(outcome)
