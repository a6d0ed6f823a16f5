"""The builds of the workspace that the library remembers, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from envstudio.gui.look import theme
from envstudio.gui.pages.build_status import STATUS_ICONS, took
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows import changed_runs
from envstudio.presentation.moments import when

if TYPE_CHECKING:
    from envstudio.library import BuildRecord

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
RECORD_ROLE = int(Qt.ItemDataRole.UserRole)
ROW_HEIGHT = 44


class BuildsModel(QAbstractListModel):
    """Rows are build records."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[BuildRecord] = ()

    def load(self, records: Sequence[BuildRecord]) -> None:
        """Show these; a build that stays keeps its selection, also if its state is another now."""
        before, after = [record.id for record in self._rows], [record.id for record in records]
        steps = changed_runs(before, after, len(before) + len(after))
        for row, end, position, stop in steps or ():
            if end > row:
                self.beginRemoveRows(ROOT, row, end - 1)
                self._rows = (*self._rows[:row], *self._rows[end:])
                self.endRemoveRows()
            if stop > position:
                self.beginInsertRows(ROOT, row, row + stop - position - 1)
                self._rows = (*self._rows[:row], *records[position:stop], *self._rows[row:])
                self.endInsertRows()
        self._rows = records
        if records:
            self.dataChanged.emit(self.index(0), self.index(len(records) - 1))

    def record(self, row: int) -> BuildRecord:
        """Return the build of a row."""
        return self._rows[row]

    def row_of(self, identifier: int) -> int:
        """Return the row of a build, or -1."""
        return next((row for row, record in enumerate(self._rows) if record.id == identifier), -1)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        record = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{record.environment}:{record.version}"
        if role == RECORD_ROLE:
            return record
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            words = f"Build #{record.id} of {record.environment}:{record.version}, {record.status}. {record.error}"
            return plain_tip(words.strip()) if role == Qt.ItemDataRole.ToolTipRole else words.strip()
        return None


class BuildsDelegate(QStyledItemDelegate):
    """The state and the version; below, the builder, how long it took, and when."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        record: BuildRecord = index.data(RECORD_ROLE)
        chosen = theme.colors(option.palette)
        painter.save()
        area = option.rect.adjusted(12, 4, -12, -4)
        name, color = STATUS_ICONS.get(record.status, ("info", "muted"))
        theme.icon(name, getattr(chosen, color)).paint(painter, QRect(area.left(), area.top() + 1, 16, 16))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        painter.setPen(QColor(chosen.muted))
        painter.drawText(area, right, f"#{record.id}")
        parts = [text for text in (record.status, record.builder, took(record), when(record.started_at)) if text]
        below = area.adjusted(24, 0, 0, 0)
        text = option.fontMetrics.elidedText(" · ".join(parts), Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignBottom), text)
        painter.setPen(QColor(chosen.text))
        width = below.width() - option.fontMetrics.horizontalAdvance(f"#{record.id}") - 8
        title = f"{record.environment}:{record.version}"
        title = option.fontMetrics.elidedText(title, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignTop), title)
        painter.restore()
