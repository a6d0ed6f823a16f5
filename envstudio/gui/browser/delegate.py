"""Draws a row of the browser: name, draft mark, and the states of lock and image at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from envstudio.gui import theme
from envstudio.gui.browser.model import BUSY_ROLE, COUNT_ROLE, FOLDED_ROLE, INFO_ROLE
from envstudio.library.environment_info import EnvironmentInfo

ICON = 14
VERSION_WIDTH = 32
LOCK_ICONS = {"locked": ("lock", "muted"), "stale": ("lock-stale", "changed")}
IMAGE_ICONS = {"built": ("image", "muted"), "stale": ("image-stale", "changed"), "failed": ("image-failed", "removed")}

Index = QModelIndex | QPersistentModelIndex


class BrowserDelegate(QStyledItemDelegate):
    """Rows of one height; states are icons of different shape, and words in the tip."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, theme.ROW_HEIGHT)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setProperty("cell", True)
        editor.setAccessibleName("New name")
        return editor

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Leave the option without text and icon, so that Qt draws the row's background alone."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        info: EnvironmentInfo | None = index.data(INFO_ROLE)
        painter.save()
        if info is not None:
            self._paint_environment(painter, option, index, info)
        elif index.data(COUNT_ROLE) is not None:
            self._paint_group(painter, option, index)
        painter.restore()

    def _paint_group(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(option.palette.placeholderText().color())
        chosen = theme.colors(option.palette)
        chevron = "chevron-right" if index.data(FOLDED_ROLE) else "chevron-down"
        area = option.rect.adjusted(8, 0, -12, 0)
        place = QRect(area.left(), area.center().y() - 5, 12, 12)
        theme.icon(chevron, chosen.muted).paint(painter, place)
        area.adjust(16, 0, 0, 0)
        painter.drawText(area, _LEFT, index.data())
        painter.setFont(option.font)
        painter.drawText(area, _RIGHT, str(index.data(COUNT_ROLE)))

    def _paint_environment(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, info: EnvironmentInfo
    ) -> None:
        chosen = theme.colors(option.palette)
        area = option.rect.adjusted(24, 0, -12, 0)
        middle = area.center().y() - ICON // 2 + 1

        def picture(name: str, color: str, left: int) -> None:
            theme.icon(name, getattr(chosen, color)).paint(painter, QRect(left, middle, ICON, ICON))

        right = area.right()
        if info.kind != "curated":
            painter.setPen(option.palette.placeholderText().color())
            painter.drawText(
                QRect(right - VERSION_WIDTH, area.top(), VERSION_WIDTH, area.height()), _RIGHT, f"v{info.latest}"
            )
            right -= VERSION_WIDTH + ICON + 2
            busy = index.data(BUSY_ROLE)
            image = ("running", "accent") if busy else IMAGE_ICONS.get(info.image)
            end = right + ICON
            if image:
                picture(*image, right)
                end = right
            right -= ICON + 4
            if info.lock in LOCK_ICONS:
                picture(*LOCK_ICONS[info.lock], right)
                end = right
            # A name has the room of the states that are not there.
            right = end - 8
        picture("curated" if info.kind == "curated" else "environment", "muted", area.left())
        text_area = QRect(area.left() + ICON + 8, area.top(), right - area.left() - ICON - 8, area.height())
        mark = 12 if info.draft_changed else 0
        text = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, text_area.width() - mark)
        painter.setPen(option.palette.placeholderText().color() if info.archived else option.palette.text().color())
        painter.drawText(text_area, _LEFT, text)
        if info.draft_changed:
            picture("dot", "accent", text_area.left() + option.fontMetrics.horizontalAdvance(text) + 2)


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
