"""What an update would change in a lock, as a table with a box for each package that can be chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont

from envstudio.domain.diff import Kind
from envstudio.domain.lock_diff import ResolvedChange
from envstudio.gui.look import theme
from envstudio.gui.look.change_color import color_of
from envstudio.gui.widgets.rows_model import Index, RowsModel
from envstudio.presentation.comparison import sign, word

WHAT, NAME, OLD, NEW, WHY, PLATFORM = range(6)
TITLES = ("Change", "Package", "Now", "Then", "Why", "Platform")
LINE_ROLE = int(Qt.ItemDataRole.UserRole)


class PreviewModel(RowsModel):
    """Rows are ResolvedChange values. What is in the lock already can be chosen to be updated alone."""

    titles = TITLES

    chosen_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[ResolvedChange, ...] = ()
        self.chosen: set[str] = set()
        self.colors = theme.LIGHT
        self.monospace = QFont()
        self.bold = QFont()

    def load(self, rows: tuple[ResolvedChange, ...]) -> None:
        """Show these, none of them chosen; what was requested comes first."""
        self.beginResetModel()
        self.rows = tuple(sorted(rows, key=lambda row: (row.platform, not row.requested)))
        self.chosen = set()
        self.endResetModel()
        self.chosen_changed.emit()

    def row(self, number: int) -> ResolvedChange:
        """Return one row."""
        return self.rows[number]

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == NAME and self.rows[index.row()].kind is not Kind.ADDED:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == Qt.ItemDataRole.CheckStateRole and column == NAME and row.kind is not Kind.ADDED:
            return Qt.CheckState.Checked if row.name in self.chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.FontRole:
            return self.monospace if column in (OLD, NEW) else self.bold if column == NAME and row.requested else None
        if role == Qt.ItemDataRole.ForegroundRole and column != NAME:
            return QColor(getattr(self.colors, color_of(row) if column == WHAT else _tone(column)))
        if role == Qt.ItemDataRole.AccessibleTextRole and column == WHAT:
            return f"{word(row)} {row.name}: {row.old or 'nothing'} to {row.new or 'nothing'}"
        if role == LINE_ROLE:
            return f"{sign(row)} {word(row)}\t{row.name}\t{row.old or ''}\t{row.new or ''}"
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != NAME:
            return False
        name = self.rows[index.row()].name
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self.chosen.add(name)
        else:
            self.chosen.discard(name)
        # The same package of another platform is chosen with it.
        self.dataChanged.emit(self.index(0, NAME), self.index(len(self.rows) - 1, NAME))
        self.chosen_changed.emit()
        return True


def _tone(column: int) -> str:
    return "text" if column == NEW else "muted"


def _text(row: ResolvedChange, column: int) -> str:
    if column == WHAT:
        return f"{sign(row)}  {word(row)}"
    if column == WHY:
        return "requested" if row.requested else "needed"
    return {NAME: row.name, OLD: row.old or "", NEW: row.new or "", PLATFORM: row.platform}[column]
