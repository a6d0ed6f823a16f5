"""The stages and the log of one job or build, with the search, and the button that follows the end again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from envstudio.gui.console.log_lines import LogLines
from envstudio.gui.console.log_search import LogSearch
from envstudio.gui.console.log_view import LogView
from envstudio.gui.console.stages_view import StagesView
from envstudio.gui.jobs.job import Step
from envstudio.gui.look import theme
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.report import Line, Report

EDGE = 16


class LogPanel(QWidget):
    """What it shows is given to it; nothing in it is kept."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.stages = StagesView()
        self.log = LogView("Log")
        self.search = LogSearch(self.log)
        self.search.closed.connect(self.log.setFocus)
        tip = "Go to the newest line and stay there (End)"
        self.resume = SmallButton("Follow the end", self.log.follow, tip, self.log)
        self.resume.hide()
        self.log.following_changed.connect(self._on_log_following_changed)
        self.log.viewport().installEventFilter(self)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.search)
        column.addWidget(self.log, 1)
        self.sides = QSplitter(handleWidth=1, childrenCollapsible=False)
        self.sides.addWidget(self.stages)
        self.sides.addWidget(right)
        self.sides.setStretchFactor(1, 1)
        self.sides.setSizes([272, 800])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sides)
        for keys, call in (("F3", self._on_f3), ("Shift+F3", self._on_shift_f3)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)
        self.apply_theme()

    def load(self, steps: Sequence[Step], lines: Iterable[Line], dropped: int = 0) -> None:
        """Show another job or build."""
        self.stages.stages.load(steps)
        self.log.load(LogLines(lines, dropped))
        self.look()

    def look(self) -> None:
        """Follow the stages of the job that is shown."""
        self.stages.look()
        self.stages.setVisible(self.stages.stages.rowCount() > 0)

    def apply_theme(self) -> None:
        """Take over the fonts and colours of the theme."""
        self.log.take_font(theme.monospace(self))
        self.log.viewport().update()

    def save_as(self, name: str) -> QFileDialog:
        """Ask for a file and write the log there."""
        dialog = QFileDialog(self, "Save the log", str(self._session.state.last_folder))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{name}.log")
        dialog.fileSelected.connect(self.save)
        dialog.open()
        return dialog

    @Slot(str)
    def save(self, name: str) -> None:
        """Write the log to a file."""
        path = Path(name)
        self._session.state.last_folder = path.parent
        self._session.jobs.run(f"Save {path.name}", saved, path, self.log.toPlainText(), lane="library")

    def copy(self) -> None:
        """Copy what is selected, else the whole log."""
        QGuiApplication.clipboard().setText(self.log.selected_text() or self.log.toPlainText())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place_resume()
        return super().eventFilter(watched, event)

    def _place_resume(self) -> None:
        area = self.log.viewport().geometry()
        self.resume.adjustSize()
        self.resume.move(area.right() - self.resume.width() - EDGE, area.bottom() - self.resume.height() - EDGE // 2)

    @Slot(bool)
    def _on_log_following_changed(self, following: bool) -> None:
        self._place_resume()
        self.resume.setVisible(not following)
        self.resume.raise_()

    @Slot()
    def _on_f3(self) -> None:
        self.search.step(True)

    @Slot()
    def _on_shift_f3(self) -> None:
        self.search.step(False)


def saved(path: Path, text: str, *, report: Report) -> None:
    """Write a log to a file, as a job. Raises `EnvStudioError`."""
    from envstudio.tasks.export import write_files

    report.raise_if_cancelled()
    write_files({path: f"{text}\n".encode()})
