"""The view of two texts side by side: aligned, coloured, changed words marked, unchanged runs folded."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPointF, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from envstudio.gui.look import theme
from envstudio.gui.widgets.rows_model import Index, RowsModel
from envstudio.gui.widgets.table import Table
from envstudio.presentation.source_rows import Fold, Row, Side, folded

OLD_NUMBER, OLD, NEW_NUMBER, NEW = range(4)
SIDE_ROLE = int(Qt.ItemDataRole.UserRole)
ROW_ROLE = SIDE_ROLE + 1
LINE_ROLE = SIDE_ROLE + 2
NUMBER_WIDTH = 48
ROW_HEIGHT = 20
TEXT_MARGIN = 4
SCROLL_STEP = 24


class SourceDiffModel(RowsModel):
    """Rows are aligned lines, or folds."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[Row, ...] = ()
        self._unfolded: frozenset[int] = frozenset()
        self.rows: list[Row | Fold] = []
        self.titles = ("", "", "", "")
        self.font = QFont()
        self.longest = ""

    def load(self, rows: tuple[Row, ...], old: str, new: str) -> None:
        """Show two texts under their titles."""
        self._all, self._unfolded = rows, frozenset()
        self.titles = ("", old, "", new)
        self._fold()

    def unfold(self, row: int) -> None:
        """Show the lines of a fold."""
        fold = self.rows[row]
        if isinstance(fold, Fold):
            self._unfolded |= {fold.first}
            self._fold()

    def _fold(self) -> None:
        self.beginResetModel()
        self.rows = folded(self._all, self._unfolded)
        sides = (side for row in self.rows if isinstance(row, Row) for side in (row.old, row.new) if side is not None)
        self.longest = max((side.text for side in sides), key=len, default="")
        self.endResetModel()

    def changed_rows(self) -> list[int]:
        """Return the first row of each change."""
        return [
            number
            for number, row in enumerate(self.rows)
            if _differs(row) and (number == 0 or not _differs(self.rows[number - 1]))
        ]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.FontRole:
            return self.font
        if isinstance(row, Fold):
            shown = f"⋯ {row.count} unchanged lines"
            wanted = role == Qt.ItemDataRole.DisplayRole and column == OLD
            return shown if wanted or role == Qt.ItemDataRole.AccessibleTextRole else None
        side = row.old if column in (OLD_NUMBER, OLD) else row.new
        if role == SIDE_ROLE:
            return side
        if role == Qt.ItemDataRole.DisplayRole and side is not None:
            return str(side.number) if column in (OLD_NUMBER, NEW_NUMBER) else side.text
        if role == Qt.ItemDataRole.AccessibleTextRole and side is not None and column in (OLD, NEW):
            word = "same" if row.same else "removed" if column == OLD else "added"
            return f"{word}, line {side.number}: {side.text}"
        if role == LINE_ROLE:
            return _copied(row)
        return None


def _differs(row: Row | Fold) -> bool:
    return isinstance(row, Row) and not row.same


def _copied(row: Row) -> str:
    if row.same:
        return f"  {row.new.text if row.new else ''}"
    lines = [f"- {row.old.text}"] if row.old else []
    return "\n".join([*lines, *([f"+ {row.new.text}"] if row.new else [])])


class SideDelegate(QStyledItemDelegate):
    """Draws a line with its colours; a sign and a tint say what became of it. `offset` pixels of it are left out."""

    offset = 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row | Fold = index.data(ROW_ROLE)
        chosen = theme.colors(option.palette)
        painter.save()
        painter.setFont(index.data(Qt.ItemDataRole.FontRole))
        if isinstance(row, Fold):
            painter.fillRect(option.rect, QColor(chosen.window))
            painter.setPen(QColor(chosen.accent))
            if index.column() == OLD:
                painter.drawText(option.rect.adjusted(8, 0, 0, 0), _LEFT, str(index.data()))
            _draw_focus(painter, option, chosen)
            painter.restore()
            return
        side: Side | None = index.data(SIDE_ROLE)
        old = index.column() in (OLD_NUMBER, OLD)
        if side is None:
            painter.fillRect(option.rect, QColor(chosen.stripe))
        elif not row.same:
            painter.fillRect(option.rect, _apply_theme(chosen.removed if old else chosen.added, 24))
        if side is not None and index.column() in (OLD_NUMBER, NEW_NUMBER):
            sign = " " if row.same else "−" if old else "+"
            painter.setPen(QColor(chosen.muted if row.same else chosen.removed if old else chosen.added))
            painter.drawText(option.rect.adjusted(0, 0, -6, 0), _RIGHT, f"{side.number} {sign}")
        elif side is not None:
            self._draw_text(painter, option, side, chosen, old=old)
        _draw_focus(painter, option, chosen)
        painter.restore()

    def _draw_text(
        self, painter: QPainter, option: QStyleOptionViewItem, side: Side, chosen: theme.Colors, *, old: bool
    ) -> None:
        layout = QTextLayout(side.text, painter.font())
        choice = QTextOption()
        choice.setWrapMode(QTextOption.WrapMode.NoWrap)
        layout.setTextOption(choice)
        ranges = [_range(start, end, QColor(getattr(chosen, color)), None) for start, end, color in side.colors]
        mark = _apply_theme(chosen.removed if old else chosen.added, 72)
        ranges += [_range(start, end, None, mark) for start, end in side.changed]
        layout.setFormats(ranges)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(100_000)
        layout.endLayout()
        painter.setPen(option.palette.text().color())
        painter.setClipRect(option.rect)
        left = option.rect.left() + TEXT_MARGIN - self.offset
        layout.draw(painter, QPointF(left, option.rect.top() + (ROW_HEIGHT - line.height()) / 2))


def _draw_focus(painter: QPainter, option: QStyleOptionViewItem, chosen: theme.Colors) -> None:
    """Frame the row that the keys are in."""
    if option.state & QStyle.StateFlag.State_HasFocus:
        painter.setClipping(False)
        painter.setPen(QColor(chosen.accent))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(option.rect.adjusted(0, 0, -1, -1))


def _range(start: int, end: int, color: QColor | None, fill: QColor | None) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start, found.length = start, end - start
    style = QTextCharFormat()
    if color is not None:
        style.setForeground(color)
    if fill is not None:
        style.setBackground(fill)
    found.format = style
    return found


def _apply_theme(color: str, alpha: int) -> QColor:
    tinted = QColor(color)
    tinted.setAlpha(alpha)
    return tinted


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class SourceDiff(Table):
    """Folds open by a click or Enter. The columns stand still, and the bar scrolls the lines within both of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Source side by side", parent)
        self.source_model = SourceDiffModel(self)
        self.setModel(self.source_model)
        self.sides = SideDelegate(self)
        self.setItemDelegate(self.sides)
        self.copy_role = LINE_ROLE
        self.verticalHeader().setMinimumSectionSize(ROW_HEIGHT)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        for column, mode in ((OLD_NUMBER, "Fixed"), (OLD, "Stretch"), (NEW_NUMBER, "Fixed"), (NEW, "Stretch")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode[mode])
            if mode == "Fixed":
                self.setColumnWidth(column, NUMBER_WIDTH)
        self.clicked.connect(self._on_self_clicked)
        self.row_activated.connect(self._on_self_clicked)

    def apply_theme(self) -> None:
        """Take over the colours and the font of the theme."""
        self.source_model.font = theme.monospace(self)
        self.updateGeometries()
        self.viewport().update()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        model = self.model()
        if not isinstance(model, SourceDiffModel):
            return
        longest = QFontMetrics(model.font).horizontalAdvance(model.longest)
        seen = self.columnWidth(NEW)
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, longest + 2 * TEXT_MARGIN - seen))
        bar.setPageStep(seen)
        bar.setSingleStep(SCROLL_STEP)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(0, dy)
        if dx:
            self.sides.offset = self.horizontalScrollBar().value()
            self.horizontalHeader().setOffset(0)
            self.viewport().update()

    def horizontalOffset(self) -> int:
        return 0

    @Slot(QModelIndex)
    def _on_self_clicked(self, index: QModelIndex) -> None:
        self.source_model.unfold(index.row())

    def step(self, forward: bool) -> None:
        """Go to the next or the previous change."""
        here = self.currentIndex().row()
        rows = self.source_model.changed_rows()
        wanted = [row for row in rows if (row > here if forward else row < here)]
        if wanted:
            index = self.source_model.index(wanted[0] if forward else wanted[-1], NEW)
            self.setCurrentIndex(index)
            self.scrollTo(index, self.ScrollHint.PositionAtCenter)
