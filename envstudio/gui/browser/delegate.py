"""Draws a row of the browser: name, draft mark, and the states of lock and image at the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from envstudio.gui.browser.model import BUSY_ROLE, COUNT_ROLE, DELETED_ROLE, FOLDED_ROLE, INFO_ROLE, BrowserModel
from envstudio.gui.look import theme
from envstudio.library.environment_info import EnvironmentInfo

ICON = 14
VERSION_WIDTH = 32
WIDEST_VERSION = "v000"
LOCK_ICONS = {"locked": ("lock", "muted"), "stale": ("lock-stale", "changed")}
IMAGE_ICONS = {"built": ("image", "muted"), "stale": ("image-stale", "changed"), "failed": ("image-failed", "removed")}

Index = QModelIndex | QPersistentModelIndex


class BrowserDelegate(QStyledItemDelegate):
    """Rows of one height; states are icons of different shape, and words in the tip."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, theme.ROW_HEIGHT)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        # Loaded with the first renaming, since the first look needs none of it.
        from envstudio.gui.browser.name_edit import NameEdit

        model, old = index.model(), index.data()
        assert isinstance(model, BrowserModel)
        return NameEdit(lambda name: name != old and model.find(name) is not None, parent)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Keep a name that will not do in its field; who leaves that gives it up."""
        from envstudio.gui.browser.name_edit import NameEdit

        if isinstance(editor, NameEdit) and editor.reason:
            if event.type() == QEvent.Type.FocusOut:
                self.closeEditor.emit(editor, self.EndEditHint.RevertModelCache)
                return True
            if isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                editor.tell()
                return True
        return super().eventFilter(editor, event)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Leave the option without text and icon, so that Qt draws the row's background alone."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        info: EnvironmentInfo | None = index.data(INFO_ROLE)
        painter.save()
        if info is not None:
            self._paint_environment(painter, option, index, info)
        elif index.data(DELETED_ROLE) is not None:
            self._paint_deleted(painter, option, index)
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
        theme.icon(chevron, chosen.muted).paint(painter, QRect(area.left(), area.center().y() - 5, 12, 12))
        area.adjust(16, 0, 0, 0)
        count = str(index.data(COUNT_ROLE))
        room = area.width() - painter.fontMetrics().horizontalAdvance(f" {count}")
        painter.drawText(area, _LEFT, painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, room))
        painter.setFont(option.font)
        painter.drawText(area, _RIGHT, count)

    def _paint_deleted(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area = option.rect.adjusted(24, 0, -12, 0)
        square = QRect(area.left(), area.center().y() - ICON // 2 + 1, ICON, ICON)
        theme.icon("trash", theme.colors(option.palette).muted).paint(painter, square)
        area.adjust(ICON + 8, 0, 0, 0)
        painter.setPen(option.palette.placeholderText().color())
        text = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _LEFT, text)

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
            text = f"v{info.latest}"
            metrics = option.fontMetrics
            # The same in all rows, so that the icons stand in columns, except if a number has more digits.
            width = max(VERSION_WIDTH, metrics.horizontalAdvance(WIDEST_VERSION), metrics.horizontalAdvance(text))
            painter.drawText(QRect(right - width, area.top(), width, area.height()), _RIGHT, text)
            right -= width + ICON + 2
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
