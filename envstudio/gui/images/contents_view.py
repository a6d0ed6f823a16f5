"""What the chosen image holds: the treemap, and the same as a table beside it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from envstudio.domain.amounts import size_text
from envstudio.domain.image import ImageRecord
from envstudio.gui.images.contents import Part, parts_of
from envstudio.gui.images.treemap import Treemap
from envstudio.gui.look import theme
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.rows_model import RIGHT, Index, RowsModel
from envstudio.gui.widgets.segments import Segments
from envstudio.gui.widgets.table import Table

NAME, LAYER, SIZE, SHARE = range(4)
TITLES = ("Part", "Layer", "Size", "Share")
VIEWS = ("package", "layer")
PREFERENCE = "treemap"
UNKNOWN = "Of this image only the size is known: its builder does not report what is in its layers."


class ContentsModel(RowsModel):
    """Rows are parts, in the order of any column."""

    titles = TITLES
    numbers = (LAYER, SIZE, SHARE)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Part] = []
        self._total = 0
        self._sorting = (SIZE, True)
        self.colors = theme.LIGHT

    def load(self, parts: tuple[Part, ...]) -> None:
        """Show these."""
        self.rows, self._total = list(parts), sum(part.size for part in parts)
        self.sort(self._sorting[0], Qt.SortOrder.DescendingOrder if self._sorting[1] else Qt.SortOrder.AscendingOrder)

    def part(self, row: int) -> Part:
        """Return the part of a row."""
        return self.rows[row]

    def row_of(self, part: Part) -> int:
        """Return the row of a part, or -1."""
        return self.rows.index(part) if part in self.rows else -1

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.beginResetModel()
        self._sorting = (column, order == Qt.SortOrder.DescendingOrder)
        keys = {NAME: lambda part: part.name, LAYER: lambda part: (part.layer, -part.size)}
        self.rows.sort(key=keys.get(column, lambda part: part.size), reverse=self._sorting[1])
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        part, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            share = f"{part.size / self._total:.1%}" if self._total else ""
            return (part.name, str(part.layer) if part.layer else "base", size_text(part.size), share)[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and column in self.numbers:
            return RIGHT
        if role == Qt.ItemDataRole.ForegroundRole and column in (LAYER, SHARE):
            return QColor(self.colors.muted)
        return None


class ContentsView(QWidget):
    """The tile and the row that are chosen are the same."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = session.state
        self._parts: tuple[Part, ...] = ()
        self.title = Label()
        self.treemap = Treemap()
        self.treemap.part_chosen.connect(self._on_treemap_part_chosen)
        self.model = ContentsModel(self)
        self.table = Table("What is in the image")
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(SIZE, Qt.SortOrder.DescendingOrder)
        self.table.set_widths(136, 56, 88)
        self.table.selectionModel().currentRowChanged.connect(self._on_table_current_row_changed)
        head = make_row(8, (16, 4, 8, 4))
        head.addWidget(self.title, 1)
        titles = {name: f"By {name}" for name in VIEWS}
        tips = {name: f"Show sizes by {name}" for name in VIEWS}
        self.views = Segments("Sizes by", titles, tips, session.state.preference(PREFERENCE))
        self.views.chosen.connect(self._on_views_chosen)
        head.addWidget(self.views)
        picture = QWidget()
        box = QVBoxLayout(picture)
        box.setContentsMargins(16, 0, 8, 12)
        box.addWidget(self.treemap)
        sides = QSplitter(handleWidth=1, childrenCollapsible=False)
        sides.addWidget(picture)
        sides.addWidget(self.table)
        sides.setStretchFactor(0, 1)
        sides.setSizes([640, 420])
        self.unknown = Label(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.unknown.setProperty("tone", "muted")
        self.stack = QStackedWidget()
        self.stack.addWidget(sides)
        self.stack.addWidget(self.unknown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)

    def load(self, record: ImageRecord | None) -> None:
        """Show what an image holds."""
        self._parts = parts_of(record) if record else ()
        title = f"{record.environment}:{record.version} · {size_text(record.size)}" if record else ""
        self.title.setText(title)
        self.unknown.setText(UNKNOWN if record else "Choose an image to see what it holds.")
        self.stack.setCurrentIndex(0 if self._parts else 1)
        self.model.load(self._parts)
        self._show()

    def _show(self) -> None:
        self.treemap.load(self._parts, layers=self.views.current == VIEWS[1])

    def apply_theme(self) -> None:
        """Take over the colours of the theme."""
        self.model.colors = theme.colors(self.palette())
        self.treemap.update()

    @Slot(str)
    def _on_views_chosen(self, name: str) -> None:
        self._state.prefer(PREFERENCE, name)
        self._show()

    @Slot(object)
    def _on_treemap_part_chosen(self, part: Part) -> None:
        row = self.model.row_of(part)
        if row >= 0:
            self.table.selectRow(row)
        else:
            self.table.clearSelection()

    @Slot(QModelIndex)
    def _on_table_current_row_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            part = self.model.part(index.row())
            self.treemap.choose(part.name, part.layer)
