"""The table that all pages use: dense rows, no grid, and the same keys for editing, removing, copying and pasting."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QMetaMethod,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from envstudio.gui.look import theme
from envstudio.gui.widgets.keys import REMOVE_KEYS

MARGIN = 8
OWN_FORMAT = "application/x-envstudio-rows"


class Table(QTableView):
    """A table with whole-row selection. `remove_requested` and `paste_requested` are requests from its keys."""

    remove_requested = Signal()
    paste_requested = Signal(str)
    row_activated = Signal(QModelIndex)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.empty_text = ""
        self.copy_role = int(Qt.ItemDataRole.DisplayRole)
        # What is pasted instead of the text by a table that knows more than the text says.
        self.own_role = 0
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(48)
        self.setItemDelegate(CellDelegate(self))
        self.doubleClicked.connect(self.row_activated)

    def set_widths(self, *widths: int) -> None:
        """Set the widths of the first columns; the last one takes the rest."""
        for column, width in enumerate(widths):
            self.setColumnWidth(column, theme.fitting(width))

    def selected_rows(self) -> list[int]:
        """Return the rows selected, from the top."""
        return sorted({index.row() for index in self.selectionModel().selectedIndexes()})

    def copied_text(self) -> str:
        """Return the selected rows as lines: the model's own text for a row, else its cells parted by tabs."""
        model: QAbstractItemModel = self.model()
        lines = []
        for row in self.selected_rows():
            whole = model.index(row, 0).data(self.copy_role) if self.copy_role >= Qt.ItemDataRole.UserRole else None
            cells = (str(model.index(row, column).data() or "") for column in range(model.columnCount()))
            lines.append(whole or "\t".join(cells))
        return "\n".join(lines)

    def copy(self) -> None:
        """Copy the selected rows."""
        copied = QMimeData()
        copied.setText(self.copied_text())
        if self.own_role:
            lines = (str(self.model().index(row, 0).data(self.own_role)) for row in self.selected_rows())
            copied.setData(OWN_FORMAT, "\n".join(lines).encode())
        QGuiApplication.clipboard().setMimeData(copied)

    def _pasted_text(self) -> str:
        there = QGuiApplication.clipboard().mimeData()
        if self.own_role and there.hasFormat(OWN_FORMAT):
            return bytes(there.data(OWN_FORMAT).data()).decode()
        return there.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_requested.emit(self._pasted_text())
        elif event.key() in REMOVE_KEYS:
            self.remove_requested.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._begin():
            event.accept()
        else:
            super().keyPressEvent(event)

    def _begin(self) -> bool:
        """Edit the current cell, or else activate its row; if no one waits for that, the key is a dialog's."""
        index = self.currentIndex()
        if self.state() == QAbstractItemView.State.EditingState or not index.isValid():
            return False
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
            return True
        self.row_activated.emit(index)
        return self.isSignalConnected(QMetaMethod.fromSignal(self.row_activated))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.empty_text and self.model() is not None and self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            area = self.viewport().rect().translated(QPoint(0, -16)).adjusted(24, 16, -24, 0)
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(area, flags, self.empty_text)
            painter.end()


class CellDelegate(QStyledItemDelegate):
    """Edits a cell in a line that fills it and has the cell's font. The first column stands in line with the page."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        if index.column() == 0:
            option.rect.adjust(MARGIN, 0, 0, 0)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        apply_theme = index.data(Qt.ItemDataRole.BackgroundRole)
        if apply_theme is not None and not option.state & QStyle.StateFlag.State_Selected:
            # The stylesheet draws items itself, and passes a model's background over.
            painter.fillRect(option.rect, apply_theme)
        whole, focused = option.rect, False
        if index.column() == 0:
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
            option.widget.style().drawPrimitive(panel, option, painter, option.widget)
            # The frame of the focus is around the cell, not a second time around its text.
            option = QStyleOptionViewItem(option)
            option.state &= ~QStyle.StateFlag.State_HasFocus
        super().paint(painter, option, index)
        if focused:
            painter.save()
            painter.setPen(QColor(theme.colors(option.palette).accent))
            painter.drawRect(whole.adjusted(0, 0, -1, -1))
            painter.restore()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setProperty("cell", True)
        font = index.data(Qt.ItemDataRole.FontRole)
        if font is not None:
            editor.setFont(font)
        title = index.model().headerData(index.column(), Qt.Orientation.Horizontal)
        editor.setAccessibleName(str(title or "Value"))
        return editor
