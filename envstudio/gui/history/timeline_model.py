"""The versions of an environment, newest first, under the draft if it differs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from envstudio.domain.amounts import amount_text
from envstudio.domain.reference import LATEST
from envstudio.domain.version import VersionInfo
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip
from envstudio.presentation.moments import when

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
INFO_ROLE = int(Qt.ItemDataRole.UserRole)
DRAFT_ROW = "draft"
ROW_HEIGHT = 52
ICON = 14
CHIP, GAP = 12, 4
"""What a label's frame takes beside its text, and what is free between two."""
ARCHIVED = "archived"


class TimelineModel(QAbstractListModel):
    """Rows are VersionInfo values, or DRAFT_ROW."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[VersionInfo | str, ...] = ()
        self.draft_note = ""

    def load(self, versions: tuple[VersionInfo, ...], draft_note: str) -> None:
        """Show these versions; `draft_note` says how the draft differs, empty if it does not."""
        rows: tuple[VersionInfo | str, ...] = (DRAFT_ROW, *versions) if draft_note else versions
        self.draft_note = draft_note
        if len(rows) == len(self.rows):
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def row_of(self, version: int) -> int:
        """Return the row of a version, or -1."""
        for row, info in enumerate(self.rows):
            if isinstance(info, VersionInfo) and info.number == version:
                return row
        return -1

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        info = self.rows[index.row()]
        if role == INFO_ROLE:
            return info
        if role == Qt.ItemDataRole.DisplayRole:
            return f"v{info.number}" if isinstance(info, VersionInfo) else "Draft"
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            words = _words(info) if isinstance(info, VersionInfo) else f"Draft, {self.draft_note}"
            return plain_tip(words) if role == Qt.ItemDataRole.ToolTipRole else words
        return None


def _words(info: VersionInfo) -> str:
    parts = [f"version {info.number}", info.message.strip(), f"{info.created_at:%Y-%m-%d %H:%M} UTC", info.created_by]
    parts += [f"label {label}" for label in info.labels if label != LATEST]
    parts += [
        "locked" if info.locked else "not locked",
        amount_text(info.images, "image") if info.images else "no image",
    ]
    parts += [ARCHIVED] if info.archived else []
    return ", ".join(part for part in parts if part)


def fitting(labels: Sequence[str], room: int, metrics: QFontMetrics) -> list[str]:
    """Return the labels that have room beside each other, the last one shortened or as how many more there are."""

    def width(texts: Sequence[str]) -> int:
        return sum(metrics.horizontalAdvance(text) + CHIP + GAP for text in texts) - GAP

    for count in range(len(labels), 0, -1):
        more = [f"+{len(labels) - count}"] if count < len(labels) else []
        shown = [*labels[:count], *more]
        if width(shown) <= room:
            return shown
        if count == 1:
            left = room - width(["", *more])
            short = metrics.elidedText(labels[0], Qt.TextElideMode.ElideRight, left)
            return [short, *more] if len(short) > 1 else [f"+{len(labels)}"]
    return []


class TimelineDelegate(QStyledItemDelegate):
    """Two lines: number, labels and states; then the message with its author and time."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        info: VersionInfo | str = index.data(INFO_ROLE)
        painter.save()
        area = option.rect.adjusted(16, 6, -12, -6)
        top = QRect(area.left(), area.top(), area.width(), area.height() // 2)
        bottom = QRect(area.left(), area.center().y() + 1, area.width(), area.height() // 2)
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        archived = isinstance(info, VersionInfo) and info.archived
        painter.setPen((option.palette.placeholderText() if archived else option.palette.text()).color())
        painter.drawText(top, _LEFT, index.data())
        used = painter.fontMetrics().horizontalAdvance(index.data()) + 8
        painter.setFont(option.font)
        muted = option.palette.placeholderText().color()
        if not isinstance(info, VersionInfo):
            painter.setPen(muted)
            painter.drawText(bottom, _LEFT, index.model().draft_note)  # type: ignore[attr-defined]
            painter.restore()
            return
        chosen = theme.colors(option.palette)
        painter.setPen(muted)
        time = when(info.created_at)
        painter.drawText(top, _RIGHT, time)
        right = top.right() - option.fontMetrics.horizontalAdvance(time) - 8
        for name, shown in (("image", info.images), ("lock", info.locked)):
            if shown:
                right -= ICON
                theme.icon(name, chosen.muted).paint(
                    painter, QRect(right, top.center().y() - ICON // 2 + 1, ICON, ICON)
                )
                right -= 4
        if info.archived:
            painter.drawText(top.adjusted(used, 0, 0, 0), _LEFT, ARCHIVED)
            used += option.fontMetrics.horizontalAdvance(ARCHIVED) + 8
        self._paint_labels(
            painter, option, info, QRect(top.left() + used, top.top(), right - top.left() - used, top.height())
        )
        painter.setPen(muted)
        author = option.fontMetrics.elidedText(info.created_by, Qt.TextElideMode.ElideRight, bottom.width() // 2)
        painter.drawText(bottom, _RIGHT, author)
        width = bottom.width() - option.fontMetrics.horizontalAdvance(author) - 12
        message = " ".join(info.message.split()) or "no message"
        painter.setPen(option.palette.text().color() if info.message and not info.archived else muted)
        painter.drawText(bottom, _LEFT, option.fontMetrics.elidedText(message, Qt.TextElideMode.ElideRight, width))
        painter.restore()

    def _paint_labels(self, painter: QPainter, option: QStyleOptionViewItem, info: VersionInfo, area: QRect) -> None:
        chosen = theme.colors(option.palette)
        labels = [label for label in info.labels if label != LATEST]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(chosen.accent))
        left = area.left()
        for text in fitting(labels, area.width(), option.fontMetrics):
            width = option.fontMetrics.horizontalAdvance(text) + CHIP
            chip = QRect(left, area.top() + 1, width, area.height() - 2)
            painter.drawRoundedRect(chip, 4, 4)
            painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), text)
            left += width + GAP


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
