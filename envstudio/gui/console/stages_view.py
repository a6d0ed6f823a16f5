"""The stages of a job: how long each took or takes, how much of it is done, and which came from a cache."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from envstudio.domain.amounts import seconds_text, size_text
from envstudio.gui.jobs.job import Step
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip
from envstudio.report import Progress, Stage

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
STEP_ROLE = int(Qt.ItemDataRole.UserRole)
BAR = 2
BYTES = "B"


class StagesModel(QAbstractListModel):
    """Rows are the steps of a job, oldest first. Rows are only ever added until another job is shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Sequence[Step] = ()
        self._count = 0

    def load(self, steps: Sequence[Step]) -> None:
        """Show the steps of another job."""
        self.beginResetModel()
        self._steps, self._count = steps, len(steps)
        self.endResetModel()

    def look(self) -> None:
        """Take over the steps that came, and how the others go on."""
        if len(self._steps) > self._count:
            self.beginInsertRows(ROOT, self._count, len(self._steps) - 1)
            self._count = len(self._steps)
            self.endInsertRows()
        if self._count:
            self.dataChanged.emit(self.index(0), self.index(self._count - 1))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        step = self._steps[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return step.name
        if role == STEP_ROLE:
            return step
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            words = f"{step.name}, {state_text(step)}"
            return plain_tip(words) if role == Qt.ItemDataRole.ToolTipRole else words
        return None


class StagesDelegate(QStyledItemDelegate):
    """A sign, the name, and how long; a thin bar below what is running and knows how far it is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, theme.ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        step: Step = index.data(STEP_ROLE)
        chosen = theme.colors(option.palette)
        painter.save()
        area = option.rect.adjusted(16, 0, -12, 0)
        name, color = _sign(step)
        theme.icon(name, getattr(chosen, color)).paint(painter, QRect(area.left(), area.center().y() - 7, 16, 16))
        state = state_text(step)
        painter.setPen(QColor(chosen.muted))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), state)
        width = area.width() - 24 - option.fontMetrics.horizontalAdvance(state) - 8
        painter.setPen(QColor(chosen.text))
        text = option.fontMetrics.elidedText(step.name, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(area.adjusted(24, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
        if step.running and step.progress is not None and step.progress.total:
            whole = QRectF(area.left() + 24, area.bottom() - BAR, area.width() - 24, BAR)
            painter.fillRect(whole, QColor(chosen.border))
            part = min(1.0, step.progress.done / step.progress.total)
            painter.fillRect(QRectF(whole.left(), whole.top(), whole.width() * part, BAR), QColor(chosen.accent))
        painter.restore()


class StagesView(QListView):
    """The list with its model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Stages")
        self.setUniformItemSizes(True)
        self.stages = StagesModel(self)
        self.setModel(self.stages)
        self.setItemDelegate(StagesDelegate(self))
        self.setMinimumWidth(160)

    def look(self) -> None:
        """Follow the job that is shown."""
        count = self.stages.rowCount()
        self.stages.look()
        if self.stages.rowCount() > count:
            self.scrollToBottom()


def finished_steps(stages: Sequence[Stage]) -> list[Step]:
    """Return the stages of a build of earlier as steps."""
    return [Step(stage.name, 0.0, None, stage) for stage in stages]


def state_text(step: Step) -> str:
    """Say how a step is: its time, how much of it is done, or that a cache had it."""
    if step.stage is not None and step.stage.cached:
        return "cached"
    if step.stopped:
        return "failed" if step.failed else "stopped"
    if step.stage is not None:
        moved = step.progress.done if step.progress is not None and step.progress.unit == BYTES else 0
        parts = [size_text(moved) if moved else "", seconds_text(step.stage.seconds)]
    else:
        parts = [_amount(step.progress), seconds_text(time.perf_counter() - step.started)]
    return " · ".join(part for part in parts if part)


def _amount(progress: Progress | None) -> str:
    if progress is None or not progress.total:
        return ""
    if progress.unit == BYTES:
        done = size_text(progress.total)
        return done if progress.done >= progress.total else f"{size_text(progress.done)} of {done}"
    return f"{progress.done} of {progress.total} {progress.unit}".rstrip()


def _sign(step: Step) -> tuple[str, str]:
    if step.stage is not None:
        return "done", "added"
    if step.failed:
        return "error", "removed"
    return ("cancelled", "muted") if step.stopped else ("running", "accent")
