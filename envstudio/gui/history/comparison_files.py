"""What a comparison gives away and takes in: Markdown, an HTML file, a definition in a file to compare with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from envstudio.gui.history.comparison_pages import IMAGE, Compared, ComparisonPages
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.library import Snapshot
from envstudio.presentation.comparison import comparison_markdown
from envstudio.presentation.comparison_html import comparison_html
from envstudio.presentation.image_comparison import images_markdown
from envstudio.report import Report


class ComparisonFiles(QObject):
    """Is about what the pages of a comparison show. `read` brings the definition in a file."""

    read = Signal(object)

    def __init__(self, session: Session, document: Document, pages: ComparisonPages) -> None:
        super().__init__(pages)
        self._session, self._document, self._pages = session, document, pages

    @Slot()
    def copy_markdown(self) -> None:
        """Copy the comparison as Markdown, the images' too if they are looked at."""
        compared = self._pages.compared
        if compared is not None:
            text = comparison_markdown(compared.comparison)
            if self._pages.tabs.currentIndex() == IMAGE:
                text = f"{text.rstrip()}\n\n{images_markdown(compared.images)}"
            QGuiApplication.clipboard().setText(text)

    @Slot()
    def choose_export(self) -> None:
        """Ask where to write the comparison."""
        dialog = self._dialog("Export the comparison")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["HTML (*.html)"])
        dialog.setDefaultSuffix("html")
        dialog.selectFile(f"{self._document.environment.name}-changes.html")
        dialog.fileSelected.connect(self.export_to)
        dialog.open()

    @Slot(str)
    def export_to(self, name: str) -> None:
        """Write the comparison as an HTML file."""
        compared, path = self._pages.compared, Path(name)
        if compared is not None:
            self._session.state.last_folder = path.parent
            self._session.jobs.run(f"Export {path.name}", write_html, compared, path)

    @Slot()
    def choose_file(self) -> None:
        """Ask for a file to compare with."""
        dialog = self._dialog("Compare with a file")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.look_at)
        dialog.open()

    @Slot(str)
    def look_at(self, name: str) -> None:
        """Read a file of any format, to be compared with the newest version here."""
        path = Path(name)
        self._session.state.last_folder = path.parent
        self._session.jobs.run(f"Read {path.name}", read_snapshot, path, lane="library", on_done=self.read.emit)

    def _dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._pages.window(), title, str(self._session.state.last_folder))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def read_snapshot(path: Path, *, report: Report) -> Snapshot:
    """Return the definition in a file in the form in which versions are compared. Raises `EnvStudioError`."""
    from envstudio.tasks.read_path import read_path

    report.raise_if_cancelled()
    return read_path(path).snapshot()


def write_html(compared: Compared, path: Path, *, report: Report) -> None:
    """Write a comparison as an HTML file. Raises `EnvStudioError`."""
    from envstudio.tasks.export import write_files

    report.raise_if_cancelled()
    write_files({path: comparison_html(compared.comparison, compared.rows, compared.images).encode()})
