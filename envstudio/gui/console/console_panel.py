"""The console: the jobs at the left; of the chosen one the stages, how far it is, its log, and how it ended."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from envstudio.errors import EnvStudioError
from envstudio.gui import theme
from envstudio.gui.console.jobs_model import ICONS, JobsDelegate, JobsModel, is_shown
from envstudio.gui.error_dialog import show_error
from envstudio.gui.jobs import MAX_LINES, Job, JobStatus
from envstudio.gui.session import Session
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.icon_button import IconButton, IconLabel
from envstudio.gui.widgets.size import seconds_text
from envstudio.library import BuildRecord
from envstudio.report import Line, Stage

HEADER_HEIGHT = 32
MIN_HEIGHT = 120
QWIDGETSIZE_MAX = 16_777_215
EMPTY = "Locks, builds and imports show here what they are doing."


class ConsolePanel(QWidget):
    """Its header stays when it is folded, and says what is running."""

    fold_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.job: Job | None = None
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tick = QTimer(self, interval=500)
        self._tick.timeout.connect(self._on_tick_timeout)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_header())
        self.body = QSplitter(handleWidth=1, childrenCollapsible=False)
        self.body.addWidget(self._make_jobs())
        self.body.addWidget(self._make_details())
        self.body.setStretchFactor(1, 1)
        self.body.setSizes([304, 800])
        layout.addWidget(self.body, 1)

        jobs = session.jobs
        jobs.job_added.connect(self._on_jobs_job_added)
        jobs.job_changed.connect(self._on_jobs_job_changed)
        jobs.job_failed.connect(self._on_jobs_job_failed)
        self.show_job(None)

    def _make_header(self) -> QWidget:
        header = QWidget()
        header.setProperty("surface", "window")
        header.setProperty("line", "bottom")
        header.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        header.setFixedHeight(HEADER_HEIGHT)
        self.fold = IconButton("chevron-down", "Fold the console")
        self.fold.clicked.connect(self.fold_requested)
        title = QLabel("Console")
        font = QFont(title.font())
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        self.state_icon = IconLabel()
        self.state = QLabel()
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress")
        self.progress.setFixedWidth(160)
        self.cancel = QPushButton("Cancel")
        self.cancel.setProperty("small", True)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.copy = IconButton("copy", "Copy the log")
        self.copy.clicked.connect(self._on_copy_clicked)
        row = QHBoxLayout(header)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.fold)
        row.addWidget(title)
        row.addSpacing(16)
        row.addWidget(self.state_icon)
        row.addWidget(self.state)
        row.addWidget(self.progress)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.copy)
        return header

    def _make_jobs(self) -> QWidget:
        self.model = JobsModel(self._session.jobs, self)
        self.list = QListView(uniformItemSizes=True)
        self.list.setAccessibleName("Jobs")
        self.list.setModel(self.model)
        self.list.setItemDelegate(JobsDelegate(self.list))
        self.list.setMinimumWidth(200)
        self.list.selectionModel().currentChanged.connect(self._on_list_current_changed)
        return self.list

    def _make_details(self) -> QWidget:
        self.banner = Banner(closable=False)
        self.stages = QLabel(wordWrap=True)
        self.stages.setTextFormat(Qt.TextFormat.RichText)
        self.stages.setContentsMargins(16, 8, 16, 8)
        self.stages.setAccessibleName("Stages")
        self.log = QPlainTextEdit(readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.setMaximumBlockCount(MAX_LINES)
        self.log.setAccessibleName("Log")
        self.log.document().setDocumentMargin(12)
        self.log.setUndoRedoEnabled(False)
        details = QWidget()
        box = QVBoxLayout(details)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget in (self.banner, self.stages):
            box.addWidget(widget)
        box.addWidget(self.log, 1)
        empty = QLabel(EMPTY, alignment=Qt.AlignmentFlag.AlignCenter)
        empty.setProperty("tone", "muted")
        self.stack = QStackedWidget()
        self.stack.addWidget(empty)
        self.stack.addWidget(details)
        return self.stack

    # Showing

    def set_folded(self, folded: bool) -> None:
        """Show the header alone, or all."""
        self.body.setVisible(not folded)
        self.fold.set_icon("chevron-up" if folded else "chevron-down")
        self.fold.setToolTip("Unfold the console" if folded else "Fold the console")
        self.setMinimumHeight(HEADER_HEIGHT if folded else MIN_HEIGHT)
        self.setMaximumHeight(HEADER_HEIGHT if folded else QWIDGETSIZE_MAX)

    def show_job(self, job: Job | None) -> None:
        """Show one job's stages and log."""
        if self.job is not None:
            self.job.lines_added.disconnect(self._on_job_lines_added)
        self.job = job
        self.log.clear()
        self.banner.clear()
        self.stack.setCurrentIndex(1 if job else 0)
        if job is not None:
            job.lines_added.connect(self._on_job_lines_added)
            self._append(list(job.lines))
            row = self.model.row_of(job)
            if row >= 0 and self.list.currentIndex().row() != row:
                self.list.setCurrentIndex(self.model.index(row))
        self._show_state()

    def show_record(self, record: BuildRecord, log: str) -> None:
        """Show a build of earlier, as the library remembers it."""
        self.list.clearSelection()
        self.list.setCurrentIndex(QModelIndex())
        self.show_job(None)
        self.stack.setCurrentIndex(1)
        self._append([Line(text) for text in log.splitlines()])
        self._show_stages(record.stages, "")
        self.state.setText(f"Build #{record.id} of {record.environment}:{record.version}: {record.status}")
        self.copy.setEnabled(True)
        if record.error:
            self.banner.say("error", record.error)

    def _append(self, lines: list[Line]) -> None:
        """Add lines at the end; the view follows only where it stood at the end."""
        bar = self.log.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        chosen = theme.colors(self.palette())
        cursor = QTextCursor(self.log.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for line in lines:
            style = QTextCharFormat()
            color = {"err": chosen.changed, "command": chosen.accent}.get(line.stream)
            if color:
                style.setForeground(QColor(color))
            if not self.log.document().isEmpty():
                cursor.insertBlock()
            cursor.insertText(f"$ {line.text}" if line.stream == "command" else line.text, style)
        cursor.endEditBlock()
        if at_end:
            bar.setValue(bar.maximum())

    def _show_state(self) -> None:
        job = self.job
        running = job is not None and job.active
        self._tick.start() if running else self._tick.stop()
        self.cancel.setVisible(running)
        self.progress.setVisible(running)
        self.copy.setEnabled(job is not None)
        self.state_icon.setVisible(job is not None)
        if job is None:
            self.state.setText("")
            return
        self.state_icon.set_icon(*ICONS[job.status])
        doing = f" · {job.stage}" if job.stage else ""
        percent = f" {job.percent} %" if job.percent is not None else ""
        time = f" · {seconds_text(job.elapsed)}" if job.elapsed else ""
        word = "" if job.status is JobStatus.RUNNING else f" · {job.status}"
        self.state.setText(f"{job.title}{word}{doing}{percent}{time}")
        self.progress.setRange(0, 0 if job.percent is None else 100)
        if job.percent is not None:
            self.progress.setValue(job.percent)
        self._show_stages(tuple(job.stages), job.stage)
        if job.status is JobStatus.FAILED and self.banner.isHidden():
            self._say_error(job)

    def _show_stages(self, stages: tuple[Stage, ...], current: str) -> None:
        chosen = theme.colors(self.palette())
        parts = [
            f'<span style="color:{chosen.added}">✓</span> {stage.name} '
            f'<span style="color:{chosen.muted}">{"cached" if stage.cached else seconds_text(stage.seconds)}</span>'
            for stage in stages
        ]
        if current:
            parts.append(f'<span style="color:{chosen.accent}">▸ {current}</span>')
        self.stages.setText("&nbsp;&nbsp;&nbsp;&nbsp; ".join(parts))
        self.stages.setVisible(bool(parts))

    def _say_error(self, job: Job) -> None:
        error = job.error
        text = f"{error.summary} {error.advice}".strip() if isinstance(error, EnvStudioError) else f"{error!r}"
        self.banner.say("error", text, ("Details", self._show_error))

    def _show_error(self) -> None:
        if self.job is not None and self.job.error is not None:
            show_error(self.window(), self.job.error)

    # What happens

    @Slot(object)
    def _on_jobs_job_added(self, job: Job) -> None:
        if is_shown(job):
            self.show_job(job)

    @Slot(object)
    def _on_jobs_job_changed(self, job: Job) -> None:
        if job is self.job:
            self._show_state()

    @Slot(object)
    def _on_jobs_job_failed(self, job: Job) -> None:
        self.show_job(job)

    @Slot(list)
    def _on_job_lines_added(self, lines: list[Line]) -> None:
        self._append(lines)

    @Slot(QModelIndex)
    def _on_list_current_changed(self, current: QModelIndex) -> None:
        if current.isValid() and self.model.job(current.row()) is not self.job:
            self.show_job(self.model.job(current.row()))

    @Slot()
    def _on_tick_timeout(self) -> None:
        self._show_state()
        self.list.viewport().update()

    @Slot()
    def _on_cancel_clicked(self) -> None:
        if self.job is not None:
            self._session.jobs.cancel(self.job)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.log.toPlainText())

    def tint(self) -> None:
        """Take over the fonts and colours of the theme."""
        self.log.setFont(theme.monospace(self))
        self._show_state()
