"""The table of when each package moved: rows are packages, columns versions."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.package_timeline import Cell, PackageTimeline
from envstudio.domain.version import Level, VersionInfo
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip
from envstudio.presentation.comparison import sign_of

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
FILL = 44
"""Of 255: how much of a move's colour its cell is filled with."""


def _tone(cell: Cell) -> str:
    """Return the name of the colour of a move."""
    return "downgrade" if cell.level is Level.DOWNGRADE else str(cell.kind)


def _who(info: VersionInfo) -> str:
    return f"{info.created_by}, {info.created_at:%Y-%m-%d %H:%M} UTC · {info.message or 'no message'}"


class PackageTimelineModel(QAbstractTableModel):
    """The first column is the package."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.timeline = PackageTimeline()
        self.colors = theme.LIGHT
        self.monospace = QFont()
        self.bold = QFont()

    def load(self, timeline: PackageTimeline) -> None:
        """Show a timeline."""
        self.beginResetModel()
        self.timeline = timeline
        self.endResetModel()

    def moved_in(self, index: Index) -> VersionInfo | None:
        """Return the version in which the package of a cell moved; None if it did not."""
        if not index.isValid() or index.column() == 0:
            return None
        position = index.column() - 1
        return self.timeline.versions[position] if self.timeline.rows[index.row()].cells[position].kind else None

    def story(self, index: Index) -> str:
        """Return, for a cell, what the package is there, from what it came, and who moved it when and why."""
        if not index.isValid() or index.column() == 0:
            return ""
        row, position = self.timeline.rows[index.row()], index.column() - 1
        cell, info = row.cells[position], self.timeline.versions[position]
        if not cell.text and not cell.kind and not info.locked:
            return f"v{info.number} has no lock that shows whether it holds {row.name}."
        what = f"{row.name} {cell.text} in v{info.number}" if cell.text else f"{row.name} is not in v{info.number}"
        if not cell.kind:
            return f"{what}, as before." if position else f"{what}, the first version shown."
        return f"{what}, {f'{cell.old} before' if cell.old else 'not there before'} · {_who(info)}"

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.timeline.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else 1 + len(self.timeline.versions)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if section == 0:
            return "Package" if role == Qt.ItemDataRole.DisplayRole else None
        info = self.timeline.versions[section - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"v{info.number}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{info.message or 'no message'}\n{info.created_by}, {info.created_at:%Y-%m-%d %H:%M} UTC")
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self.timeline.rows[index.row()], index.column()
        if column == 0:
            if role == Qt.ItemDataRole.DisplayRole:
                return row.name if row.manager == "conda" else f"{row.name}  (pip)"
            return self.bold if role == Qt.ItemDataRole.FontRole and row.requested else None
        cell = row.cells[column - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{sign_of(cell.kind, cell.level)} {cell.text}".strip() if cell.kind else cell.text
        if role == Qt.ItemDataRole.FontRole:
            return self.monospace
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(getattr(self.colors, _tone(cell) if cell.kind else "text" if cell.resolved else "muted"))
        if role == Qt.ItemDataRole.BackgroundRole and cell.kind:
            fill = QColor(getattr(self.colors, _tone(cell)))
            fill.setAlpha(FILL)
            return fill
        if role == Qt.ItemDataRole.ToolTipRole and (cell.text or cell.kind):
            return plain_tip(self.story(index))
        return None


class MovedProxy(QSortFilterProxyModel):
    """Keeps rows by name, and those that moved if only they are wanted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._moved = True

    def narrow(self, text: str, moved: bool) -> None:
        """Keep packages whose name holds a text; with `moved`, only those that ever changed."""
        self._text, self._moved = text.strip().lower(), moved
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        if not isinstance(model, PackageTimelineModel):
            return True
        found = model.timeline.rows[row]
        return self._text in found.name and (found.moves or not self._moved)
