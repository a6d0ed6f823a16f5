"""What the models of tables have in common: rows kept in a sequence, under a line of titles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from envstudio.gui.widgets.rows import take_over

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RowsModel(QAbstractTableModel):
    """A model says its `titles`, keeps its `rows`, and says what is in a cell by `data`.

    `numbers` are the columns that stand at the right, under their titles.
    """

    titles: tuple[str, ...] = ()
    numbers: Collection[int] = ()
    rows: Sequence[Any] = ()

    def take_rows(self, after: Sequence[Any]) -> None:
        """Show other rows; what is the same at the top and at the bottom stays, with its selection."""
        take_over(self, self.rows, after, self._put_rows, len(self.titles))

    def _put_rows(self, rows: list[Any]) -> None:
        self.rows = rows

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.titles[section]
        return RIGHT if role == Qt.ItemDataRole.TextAlignmentRole and section in self.numbers else None
