"""A comparison as a tree: sections, their rows, and under a row of several lines the lines that differ."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.comparison import Comparison
from envstudio.domain.diff import DefinitionChange, Kind, Section
from envstudio.domain.lock_diff import PLATFORM, ResolvedChange
from envstudio.gui.look import theme
from envstudio.gui.look.change_color import color_of
from envstudio.gui.widgets.label import plain_tip
from envstudio.presentation.comparison import sign, word

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
WHAT, NAME, OLD, NEW = range(4)
TITLES = ("Change", "Name", "Old", "New")
SECTION_TITLES = {
    Section.CONDA: "Conda packages",
    Section.PIP: "Pip packages",
    Section.CHANNELS: "Channels",
    Section.PIP_OPTIONS: "Pip options",
    Section.CONSTRAINTS: "Pip constraints",
    Section.PIP_INDEXES: "Pip indexes of packages",
    Section.PYTHON: "Python",
    Section.VARIABLES: "Variables",
    Section.IMAGE: "Image",
    Section.SPARK: "Spark",
    Section.SERVING: "Serving",
    Section.GPU: "GPU",
    Section.SOLVE: "Solving",
    Section.CARRIED: "Carried from other formats",
    Section.ABOUT: "About",
}
Row = DefinitionChange | ResolvedChange


@dataclass(slots=True, eq=False)
class Node:
    """A section's title, a row, or a line of a long text."""

    title: str = ""
    row: Row | None = None
    line: str = ""
    parent: Node | None = None
    position: int = 0
    children: list[Node] = field(default_factory=list)

    def add(self, child: Node) -> Node:
        """Append a child."""
        child.parent, child.position = self, len(self.children)
        self.children.append(child)
        return child


class DiffModel(QAbstractItemModel):
    """Shows one comparison."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = Node()
        self._comparison: Comparison | None = None
        self._part = "all"
        self._text, self._wanted = "", ""
        self.colors = theme.LIGHT
        self.monospace = QFont()
        self.bold = QFont()

    def load(self, comparison: Comparison | None, part: str = "all") -> None:
        """Show a comparison, or its part "changes" or "resolved", or nothing."""
        self._comparison, self._part = comparison, part
        self._rebuild()

    def narrow(self, text: str, wanted: str) -> bool:
        """Keep rows whose name holds a text and that are of a kind, such as "removed", or "downgrade".

        Empty texts keep all. A downgrade is a change too.
        Return whether those are others than before.
        """
        if (text.strip().lower(), wanted) != (self._text, self._wanted):
            self._text, self._wanted = text.strip().lower(), wanted
            self._rebuild()
            return True
        return False

    def _rebuild(self) -> None:
        self.beginResetModel()
        self._root = _tree(self._comparison, self._part, self._keeps) if self._comparison is not None else Node()
        self.endResetModel()

    def _keeps(self, row: Row) -> bool:
        return self._text in row.name.lower() and self._wanted in ("", str(row.kind), color_of(row))

    def node(self, index: Index) -> Node:
        """Return the node of an index; the root for an invalid one."""
        return index.internalPointer() if index.isValid() else self._root

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self.node(parent).children[row])

    def parent(self, index: Index = ROOT) -> QModelIndex:  # type: ignore[override]
        above = self.node(index).parent
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.position, 0, above)

    def rowCount(self, parent: Index = ROOT) -> int:
        return len(self.node(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        node, column = self.node(index), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(node, column)
        if role == Qt.ItemDataRole.FontRole:
            if node.title:
                return self.bold
            return self.monospace if node.line or column in (OLD, NEW) else None
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._color(node, column)
        if role == Qt.ItemDataRole.ToolTipRole and node.row is not None and column in (OLD, NEW):
            return plain_tip(node.row.old if column == OLD else node.row.new)
        if role == Qt.ItemDataRole.AccessibleTextRole and node.row is not None and column == WHAT:
            return f"{word(node.row)} {node.row.name}: {node.row.old or 'nothing'} to {node.row.new or 'nothing'}"
        return None

    def _color(self, node: Node, column: int) -> QColor | None:
        chosen = self.colors
        if node.line:
            return QColor({"+": chosen.added, "-": chosen.removed}.get(node.line[0], chosen.muted))
        if node.row is None:
            return None
        if column == WHAT:
            return QColor(getattr(chosen, color_of(node.row)))
        if column == OLD:
            return QColor(chosen.removed if node.row.kind is Kind.REMOVED else chosen.muted)
        return None


def _text(node: Node, column: int) -> str:
    if node.title:
        return node.title if column == WHAT else ""
    if node.line:
        return node.line if column == NAME else ""
    row = node.row
    if row is None:
        return ""
    if column == WHAT:
        return f"{sign(row)}  {word(row)}"
    if column == NAME:
        return row.name
    return _short(row.old if column == OLD else row.new)


def _short(text: str | None) -> str:
    if text is None:
        return ""
    lines = text.splitlines()
    return text if len(lines) <= 1 else f"{len(lines)} lines"


def _tree(comparison: Comparison, part: str, keeps: Callable[[Row], bool]) -> Node:
    root = Node()
    changes = [row for row in comparison.changes if part != "resolved" and keeps(row)]
    resolved = [row for row in comparison.resolved if part != "changes" and keeps(row)]
    for section in Section:
        rows = [row for row in changes if row.section is section]
        if rows:
            _add_section(root, SECTION_TITLES[section], rows)
    for platform in dict.fromkeys(row.platform for row in resolved):
        here = [row for row in resolved if row.platform == platform]
        if here[0].manager == PLATFORM:
            _add_section(root, f"Resolved for {platform} · in one of the locks only", here)
            continue
        for title, requested in (("requested", True), ("dependencies", False)):
            rows_here = [row for row in here if row.requested is requested]
            if rows_here:
                _add_section(root, f"Resolved for {platform} · {title}", rows_here)
    return root


def _add_section(root: Node, title: str, rows: Iterable[Row]) -> None:
    rows = list(rows)
    section = root.add(Node(title=f"{title} · {len(rows)}"))
    for row in rows:
        node = section.add(Node(row=row))
        if "\n" in (row.old or "") or "\n" in (row.new or ""):
            before, after = (row.old or "").splitlines(), (row.new or "").splitlines()
            for line in list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]:
                node.add(Node(line=line or " "))
