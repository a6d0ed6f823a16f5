"""What EnvStudio works with, as a page: what was found, and what to do if something is missing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout

from envstudio.gui.jobs.job import JobKey
from envstudio.gui.look import theme
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label, plain_tip
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.rows_model import Index, RowsModel
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.gui.widgets.table import Table
from envstudio.tasks.doctor import Finding, doctor

NAME, DETAIL, ADVICE = range(3)
TITLES = ("What", "Found", "What to do")
LOOKING = "looking…"
LOOK = JobKey("doctor")


class FindingsModel(RowsModel):
    """Rows are findings."""

    titles = TITLES

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Finding, ...] = ()
        self.colors = theme.LIGHT

    def load(self, findings: tuple[Finding, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = findings
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item, column = self.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            words = (item.name, item.detail, item.advice)[column]
            return plain_tip(words) if role == Qt.ItemDataRole.ToolTipRole else words
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return theme.icon(*(("done", self.colors.added) if item.ok else ("warning", self.colors.changed)))
        if role == Qt.ItemDataRole.ForegroundRole and column == ADVICE:
            return QColor(self.colors.muted)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == NAME:
            return f"{item.name}: {'in order' if item.ok else 'needs attention'}"
        return None


class DoctorPage(QFrame):
    """`found` hands on what was found."""

    found = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._told = ""
        self.model = FindingsModel(self)
        self.table = Table("Findings")
        self.setProperty("surface", "base")
        title = Label("Installation")
        title.setFont(theme.title_font(self))
        self.summary = Label()
        self.summary.setProperty("tone", "muted")
        self.again = SmallButton("Check again", self.look)
        self.copy = SmallButton("Copy", self._on_copy_clicked)
        head = make_row(8, (16, 12, 12, 8))
        head.addWidget(title)
        head.addSpacing(4)
        head.addWidget(self.summary, 1)
        head.addWidget(self.copy)
        head.addWidget(self.again)
        self.table.setModel(self.model)
        self.table.set_widths(230, 460)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self._apply_theme()

    @Slot()
    def look(self) -> None:
        """Look at everything again, in a job."""
        self.summary.setText(LOOKING)
        self.again.setEnabled(False)
        self.session.jobs.run(
            "Check installation",
            doctor,
            self.session.library,
            self.session.settings,
            key=LOOK,
            on_done=self._on_doctor_done,
            on_end=self._on_doctor_end,
        )

    def _on_doctor_end(self) -> None:
        looking = any(job.key == LOOK for job in self.session.jobs.active())
        self.again.setEnabled(not looking)
        if not looking and self.summary.text() == LOOKING:
            # Cancelled, or failed, which is reported where errors are.
            self.summary.setText(f"not checked again; {self._told}" if self._told else "not checked yet")

    def _on_doctor_done(self, findings: tuple[Finding, ...]) -> None:
        bad = sum(not item.ok for item in findings)
        need = "needs" if bad == 1 else "need"
        self._told = f"{bad} of {len(findings)} {need} attention" if bad else f"all {len(findings)} in order"
        self.summary.setText(self._told)
        self.model.load(findings)
        self.found.emit(findings)

    @Slot()
    def _on_copy_clicked(self) -> None:
        lines = (f"{'ok ' if item.ok else 'BAD'} {item.name}: {item.detail}" for item in self.model.rows)
        QGuiApplication.clipboard().setText("\n".join(lines))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._apply_theme()

    def _apply_theme(self) -> None:
        self.model.colors = theme.colors(self.palette())
        self.table.viewport().update()
