"""The packages of a lock for one platform as a table; rows are the lock's own values."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.lock import LockedPackage
from envstudio.gui import theme
from envstudio.gui.widgets.size import size_text

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
NAME, VERSION, BUILD, MANAGER, ASKED, SIZE, LICENCE, SHA256 = range(8)
TITLES = ("Package", "Version", "Build", "From", "Why", "Size", "Licence", "sha256")
SORT_ROLE = int(Qt.ItemDataRole.UserRole)


class LockModel(QAbstractTableModel):
    """One row for each locked package."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LockedPackage, ...] = ()
        self.colors = theme.LIGHT
        self.monospace = QFont()
        self.bold = QFont()

    def load(self, packages: tuple[LockedPackage, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = packages
        self.endResetModel()

    def packages(self) -> tuple[LockedPackage, ...]:
        """Return all rows."""
        return self._rows

    def row_of(self, name: str) -> int:
        """Return the row of a package, or -1."""
        return next((row for row, package in enumerate(self._rows) if package.name == name), -1)

    def package(self, row: int) -> LockedPackage:
        """Return the package of a row."""
        return self._rows[row]

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        package, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(package, column)
        if role == SORT_ROLE:
            return package.size if column == SIZE else _text(package, column).lower()
        if role == Qt.ItemDataRole.FontRole:
            if column == NAME and package.requested:
                return self.bold
            return self.monospace if column in (VERSION, BUILD, SHA256) else None
        if role == Qt.ItemDataRole.ForegroundRole and column in (BUILD, MANAGER, ASKED, LICENCE, SHA256):
            return QColor(self.colors.muted)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and column == ASKED:
            return "Double-click to see which packages bring it in"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{package.url}\nsha256 {package.sha256}" + _needs(package)
        return None


class LockProxy(QSortFilterProxyModel):
    """Filters by name, and leaves out what only came with others when asked to."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setSortRole(SORT_ROLE)

    def set_text(self, text: str) -> None:
        """Keep packages whose name holds a text."""
        self._text = text.strip().lower()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        return not isinstance(model, LockModel) or self._text in model.package(row).name


def _needs(package: LockedPackage) -> str:
    return "\nneeds " + ", ".join(package.dependencies) if package.dependencies else ""


def _text(package: LockedPackage, column: int) -> str:
    if column == MANAGER:
        return package.manager
    if column == ASKED:
        return "requested" if package.requested else "needed"
    if column == SIZE:
        return size_text(package.size) if package.size else ""
    if column == SHA256:
        return package.sha256[:16]
    return {NAME: package.name, VERSION: package.version, BUILD: package.build, LICENCE: package.license}[column]
