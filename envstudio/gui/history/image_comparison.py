"""Two images side by side as a table: what they start from, their configuration, and sizes by layer and package."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.image_comparison import ImageComparison, ImageRow
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows_model import Index, RowsModel
from envstudio.gui.widgets.table import Table
from envstudio.presentation.image_comparison import grown_text

PART, NAME, OLD, NEW, GROWN = range(5)
TITLES = ("Part", "Name", "Old", "New", "Difference")
WIDTHS = (152, 184, 176, 176)


class ImageComparisonModel(RowsModel):
    """Rows are facts; those that differ have a sign."""

    titles = TITLES

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._comparison = ImageComparison()
        self.rows: tuple[ImageRow, ...] = ()
        self.colors = theme.LIGHT
        self.monospace = QFont()

    def load(self, comparison: ImageComparison) -> None:
        """Show a comparison."""
        self.beginResetModel()
        self._comparison = comparison
        self.rows = comparison.rows
        self.endResetModel()

    def narrow(self, text: str) -> None:
        """Keep the rows with a text in their names."""
        wanted = text.strip().lower()
        self.beginResetModel()
        self.rows = tuple(row for row in self._comparison.rows if wanted in row.name.lower())
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            first = index.row() == 0 or self.rows[index.row() - 1].part is not row.part
            return (
                self._part(row) if first else "",
                row.name,
                _line(row.old),
                _line(row.new),
                grown_text(row.grown) or _word(row),
            )[column]
        if role == Qt.ItemDataRole.FontRole and column in (OLD, NEW, GROWN):
            return self.monospace
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._color(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip({OLD: row.old, NEW: row.new}.get(column) or f"{row.part}: {row.name}")
        return None

    def _part(self, row: ImageRow) -> str:
        return f"{row.part} (download)" if row.part == "Package" and not self._comparison.measured else str(row.part)

    def _color(self, row: ImageRow, column: int) -> QColor | None:
        chosen = self.colors
        if column == PART or (column == OLD and not row.same) or (row.same and column in (OLD, NEW)):
            return QColor(chosen.muted)
        if column == GROWN:
            return QColor(chosen.removed if row.grown > 0 else chosen.added if row.grown < 0 else chosen.changed)
        return None


def _word(row: ImageRow) -> str:
    """Return sign and word of a fact that has no size: only one side may have it."""
    if row.same:
        return ""
    return "~ changed" if row.old and row.new else "+ only new" if row.new else "− only old"


class ImageComparisonTable(Table):
    """The table with its model."""

    def __init__(self) -> None:
        super().__init__("Two images")
        self.image_model = ImageComparisonModel(self)
        self.setModel(self.image_model)
        self.set_widths(*WIDTHS)

    def step(self, forward: bool) -> None:
        """Go to the next or the previous row that differs."""
        rows = self.image_model.rows
        here = self.currentIndex().row() if self.currentIndex().isValid() else (-1 if forward else len(rows))
        positions = range(here + 1, len(rows)) if forward else range(here - 1, -1, -1)
        position = next((position for position in positions if not rows[position].same), None)
        if position is not None:
            self.selectRow(position)
            self.scrollTo(self.image_model.index(position, 0))


def _line(text: str) -> str:
    lines = text.splitlines()
    return text if len(lines) <= 1 else f"{len(lines)} lines"
