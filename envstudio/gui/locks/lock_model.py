"""The packages of a lock for one platform as a table; rows are the lock's own values."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from PySide6.QtCore import QObject, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.amounts import size_text
from envstudio.domain.lock import LockedPackage
from envstudio.domain.version_order import order_key
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows_model import RIGHT, Index, RowsModel

NAME, VERSION, BUILD, MANAGER, SOURCE, ASKED, SIZE, LICENCE, SHA256 = range(9)
TITLES = ("Package", "Version", "Build", "From", "Channel or index", "Why", "Size", "Licence", "sha256")
SORT_ROLE = int(Qt.ItemDataRole.UserRole)
LINE_ROLE = SORT_ROLE + 1
MUTED = (BUILD, MANAGER, SOURCE, ASKED, LICENCE, SHA256)


class LockModel(RowsModel):
    """One row for each locked package."""

    titles = TITLES
    numbers = (SIZE,)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[LockedPackage, ...] = ()
        self.facts: dict[str, tuple[str, int]] = {}
        self.colors = theme.LIGHT
        self.monospace = QFont()
        self.bold = QFont()

    def load(self, packages: tuple[LockedPackage, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = packages
        self.endResetModel()

    def add_facts(self, facts: Mapping[str, tuple[str, int]]) -> None:
        """Fill in licences and sizes (in bytes) by sha256, if the lock itself does not know them."""
        self.facts |= facts
        if self.rows:
            self.dataChanged.emit(self.index(0, SIZE), self.index(len(self.rows) - 1, LICENCE))

    def packages(self) -> tuple[LockedPackage, ...]:
        """Return all rows."""
        return self.rows

    def total(self) -> int:
        """Return the size of all packages in bytes, as far as it is known."""
        return sum(size_of(package, self.facts) for package in self.rows)

    def knows_all_sizes(self) -> bool:
        """Return whether that is the size of them all."""
        return all(size_of(package, self.facts) for package in self.rows)

    def row_of(self, name: str) -> int:
        """Return the row of a package, or -1."""
        return next((row for row, package in enumerate(self.rows) if package.name == name), -1)

    def package(self, row: int) -> LockedPackage:
        """Return the package of a row."""
        return self.rows[row]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        package, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(package, column, self.facts)
        if role == SORT_ROLE:
            return sort_key(package, column, self.facts)
        if role == LINE_ROLE:
            return requirement_line(package)
        if role == Qt.ItemDataRole.FontRole:
            if column == NAME and package.requested:
                return self.bold
            return self.monospace if column in (VERSION, BUILD, SHA256) else None
        if role == Qt.ItemDataRole.ForegroundRole and column in MUTED:
            return QColor(self.colors.muted)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SIZE:
            return RIGHT
        if role == Qt.ItemDataRole.ToolTipRole and column == ASKED:
            return "Double-click to see which packages bring it in"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{package.url}\nsha256 {package.sha256}" + _needs(package))
        return None


class LockProxy(QSortFilterProxyModel):
    """Sorts by what a cell means, and filters by name."""

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


def requirement_line(package: LockedPackage) -> str:
    """Return a locked package as a line of requirements that names its version."""
    return f"{package.name}=={package.version}"


def source_of(package: LockedPackage) -> str:
    """Return the channel of a conda package, or the host that a pip package comes from."""
    parts = urlsplit(package.url)
    if package.manager != "conda":
        return parts.hostname or ("a file" if parts.scheme == "file" else "")
    folders = [unquote(part) for part in parts.path.split("/")[:-2] if part]
    return folders[-1] if folders else parts.hostname or ""


def size_of(package: LockedPackage, facts: Mapping[str, tuple[str, int]]) -> int:
    """Return the size of a package in bytes, 0 if unknown."""
    return package.size or facts.get(package.sha256, ("", 0))[1]


def license_of(package: LockedPackage, facts: Mapping[str, tuple[str, int]]) -> str:
    """Return the licence of a package, empty if unknown."""
    return package.license or facts.get(package.sha256, ("", 0))[0]


def sort_key(package: LockedPackage, column: int, facts: Mapping[str, tuple[str, int]]) -> int | str:
    """Return what a column is sorted by."""
    if column == VERSION:
        return order_key(package.version)
    return size_of(package, facts) if column == SIZE else cell_text(package, column, facts).lower()


def cell_text(package: LockedPackage, column: int, facts: Mapping[str, tuple[str, int]]) -> str:
    """Return what a cell shows."""
    if column == ASKED:
        return "requested" if package.requested else "needed"
    if column == SIZE:
        size = size_of(package, facts)
        return size_text(size) if size else ""
    if column == SHA256:
        return package.sha256[:16]
    if column == SOURCE:
        return source_of(package)
    if column == LICENCE:
        return license_of(package, facts)
    return {NAME: package.name, VERSION: package.version, BUILD: package.build, MANAGER: package.manager}[column]


def _needs(package: LockedPackage) -> str:
    return "\nneeds " + ", ".join(package.dependencies) if package.dependencies else ""
