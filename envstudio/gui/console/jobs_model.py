"""The jobs of the window as a list, newest first, and how a row of it is drawn."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from envstudio.domain.amounts import seconds_text
from envstudio.gui.jobs.job import Job, JobStatus
from envstudio.gui.jobs.runner import QUIET_LANES, JobRunner
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
JOB_ROLE = int(Qt.ItemDataRole.UserRole)
ROW_HEIGHT = 36
ICONS = {
    JobStatus.WAITING: ("waiting", "muted"),
    JobStatus.RUNNING: ("running", "accent"),
    JobStatus.DONE: ("done", "added"),
    JobStatus.FAILED: ("error", "removed"),
    JobStatus.CANCELLED: ("cancelled", "muted"),
}


def is_shown(job: Job) -> bool:
    """Return whether a job is worth a row: look-ups in the library are too short, unless they fail."""
    return job.lane not in QUIET_LANES or job.status is JobStatus.FAILED


class JobsModel(QAbstractListModel):
    """Rows are Job objects."""

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = [job for job in reversed(runner.jobs) if is_shown(job)]
        runner.job_added.connect(self.add)
        runner.job_changed.connect(self._on_runner_job_changed)

    def job(self, row: int) -> Job:
        """Return the job of a row."""
        return self._rows[row]

    def row_of(self, job: Job) -> int:
        """Return the row of a job, or -1."""
        return self._rows.index(job) if job in self._rows else -1

    @Slot(object)
    def add(self, job: Job) -> None:
        """Put a job on top."""
        if is_shown(job) and job not in self._rows:
            self.beginInsertRows(ROOT, 0, 0)
            self._rows.insert(0, job)
            self.endInsertRows()

    def remove(self, job: Job) -> None:
        """Take a job off the list."""
        row = self.row_of(job)
        if row >= 0:
            self.beginRemoveRows(ROOT, row, row)
            del self._rows[row]
            self.endRemoveRows()

    @Slot(object)
    def _on_runner_job_changed(self, job: Job) -> None:
        row = self.row_of(job)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))
        elif job.status is JobStatus.FAILED:
            self.add(job)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        job = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return job.title
        if role == JOB_ROLE:
            return job
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            words = f"{job.title}, {job.status}"
            return plain_tip(words) if role == Qt.ItemDataRole.ToolTipRole else words
        return None


class JobsDelegate(QStyledItemDelegate):
    """State, title, how long; a thin bar below while it runs."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        job: Job = index.data(JOB_ROLE)
        chosen = theme.colors(option.palette)
        painter.save()
        area = option.rect.adjusted(12, 0, -12, 0)
        name, color = ICONS[job.status]
        theme.icon(name, getattr(chosen, color)).paint(painter, QRect(area.left(), area.center().y() - 7, 16, 16))
        time = seconds_text(job.elapsed) if job.elapsed else ""
        painter.setPen(QColor(chosen.muted))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), time)
        width = area.width() - 24 - option.fontMetrics.horizontalAdvance(time) - 8
        painter.setPen(QColor(chosen.text))
        text = option.fontMetrics.elidedText(job.title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(area.adjusted(24, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
        if job.status is JobStatus.RUNNING and job.percent is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(chosen.accent))
            painter.drawRect(QRectF(area.left() + 24, area.bottom() - 3, width * job.percent / 100, 2))
        painter.restore()
