"""The packages of a lock as a tree: what was requested, and under each package what it brings with it.

A package stands under every other that requests it, so that branches are made only when they are opened. A branch ends
if it would come back to a package above it.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.lock import LockedPackage, PlatformLock
from envstudio.domain.why import dependencies
from envstudio.gui.locks import lock_model
from envstudio.gui.locks.lock_model import LICENCE, LINE_ROLE, MANAGER, NAME, SIZE, SOURCE, VERSION
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows_model import RIGHT

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
ROW = QSize(0, theme.ROW_HEIGHT)
COLUMNS = (NAME, VERSION, SIZE, MANAGER, SOURCE, LICENCE)


class Node:
    """A package at one position of the tree. `children` is None until it is expanded."""

    def __init__(self, package: LockedPackage | None, parent: Node | None, position: int) -> None:
        self.package = package
        self.parent = parent
        self.position = position
        self.children: list[Node] | None = None

    def names_above(self) -> set[str]:
        """Return the names from here to the root."""
        names, node = set(), self
        while node.package is not None and node.parent is not None:
            names.add(node.package.name)
            node = node.parent
        return names


class LockTreeModel(QAbstractItemModel):
    """Top rows are the requested packages, then those that no one is known to request."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock: PlatformLock | None = None
        self._needs: dict[str, set[str]] = {}
        self._packages: dict[str, LockedPackage] = {}
        self._reach: dict[str, set[str]] = {}
        self._text = ""
        self._shown: set[str] | None = None
        self._sorting = (NAME, False)
        self._root = Node(None, None, 0)
        self.facts: dict[str, tuple[str, int]] = {}
        self.colors = theme.LIGHT
        self.monospace = QFont()
        self.bold = QFont()

    def load(self, lock: PlatformLock) -> None:
        """Show the packages of a platform."""
        self.beginResetModel()
        self._lock = lock
        self._needs = dependencies(lock)
        self._packages = {package.name: package for package in reversed(lock.packages)}
        self._reach = {}
        self._shown = self._leading_to(self._text)
        self._root = Node(None, None, 0)
        self.endResetModel()

    def narrow(self, text: str) -> None:
        """Keep packages whose name holds a text, and those that lead to them."""
        self.beginResetModel()
        self._text = text.strip().lower()
        self._shown = self._leading_to(self._text)
        self._root = Node(None, None, 0)
        self.endResetModel()

    def _leading_to(self, text: str) -> set[str] | None:
        if not text:
            return None
        leading = {name for name in self._packages if text in name}
        requirers: dict[str, list[str]] = {name: [] for name in self._packages}
        for name, needs in self._needs.items():
            for need in needs:
                requirers[need].append(name)
        waiting = list(leading)
        while waiting:
            new = set(requirers[waiting.pop()]) - leading
            leading |= new
            waiting.extend(new)
        return leading

    def _reached(self, name: str) -> set[str]:
        """Return a package and all that it brings with it."""
        if name not in self._reach:
            seen, waiting = {name}, [name]
            while waiting:
                new = self._needs[waiting.pop()] - seen
                seen |= new
                waiting.extend(new)
            self._reach[name] = seen
        return self._reach[name]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.beginResetModel()
        self._sorting = (COLUMNS[max(0, column)], order == Qt.SortOrder.DescendingOrder)
        self._root = Node(None, None, 0)
        self.endResetModel()

    def _children(self, node: Node) -> list[Node]:
        if node.children is None:
            column, descending = self._sorting
            if node.package is None:
                wanted = self._tops()
            else:
                wanted = [self._packages[name] for name in self._needs[node.package.name] - node.names_above()]
            shown = [item for item in wanted if self._shown is None or item.name in self._shown]
            shown.sort(key=lambda item: (lock_model.sort_key(item, column, self.facts), item.name), reverse=descending)
            if node.package is None:
                shown.sort(key=lambda item: not item.requested)
            node.children = [Node(package, node, position) for position, package in enumerate(shown)]
        return node.children

    def _tops(self) -> list[LockedPackage]:
        requested = [package for package in self._packages.values() if package.requested]
        brought = set().union(*(self._reached(package.name) for package in requested)) if requested else set()
        return [*requested, *(package for name, package in self._packages.items() if name not in brought)]

    def package(self, index: Index) -> LockedPackage | None:
        """Return the package of an index."""
        return self._node(index).package

    def _node(self, index: Index) -> Node:
        node: Node = index.internalPointer() if index.isValid() else self._root
        return node

    def index_of(self, name: str) -> QModelIndex:
        """Return the topmost occurrence of a package, found breadth first; an invalid index if there is none."""
        waiting, seen = [self._root], {""}
        while waiting:
            node = waiting.pop(0)
            for child in self._children(node):
                assert child.package is not None
                if child.package.name == name:
                    return self.createIndex(child.position, 0, child)
                if child.package.name not in seen:
                    seen.add(child.package.name)
                    waiting.append(child)
        return QModelIndex()

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self._children(self._node(parent))[row])

    def parent(self, index: Index = ROOT) -> QModelIndex:  # type: ignore[override]
        above = self._node(index).parent if index.isValid() else None
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.position, 0, above)

    def rowCount(self, parent: Index = ROOT) -> int:
        return len(self._children(self._node(parent))) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return lock_model.TITLES[COLUMNS[section]]
        return RIGHT if role == Qt.ItemDataRole.TextAlignmentRole and COLUMNS[section] == SIZE else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        package = self.package(index)
        if package is None:
            return None
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return lock_model.cell_text(package, column, self.facts)
        if role == LINE_ROLE:
            return lock_model.requirement_line(package)
        if role == Qt.ItemDataRole.FontRole:
            if column == NAME and package.requested:
                return self.bold
            return self.monospace if column == VERSION else None
        if role == Qt.ItemDataRole.ForegroundRole and column in lock_model.MUTED:
            return QColor(self.colors.muted)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SIZE:
            return RIGHT
        if role == Qt.ItemDataRole.SizeHintRole:
            return ROW
        if role == Qt.ItemDataRole.ToolTipRole:
            count = len(self._reached(package.name)) - 1
            return plain_tip(f"{package.name} brings {count} other packages with it" if count else package.url)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == NAME:
            return f"{package.name}, {'requested' if package.requested else 'needed'}"
        return None
