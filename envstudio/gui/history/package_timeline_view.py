"""When each package moved, and who moved it: the table, and under it the story of the chosen cell."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QVBoxLayout, QWidget

from envstudio.domain.package_timeline import PackageTimeline
from envstudio.domain.version import VersionInfo
from envstudio.gui.history.package_timeline_model import MovedProxy, PackageTimelineModel
from envstudio.gui.look import theme
from envstudio.gui.widgets.frozen_column import FrozenColumn
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.table import Table

WHO = "Click a coloured cell to see who moved the package; double-click compares that version."
NAME_WIDTH = 224
CELL_WIDTH = 80


class PackageTimelineView(QWidget):
    """Shows what it is given. The names stay where the versions are scrolled."""

    version_activated = Signal(int)
    platform_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = PackageTimelineModel(self)
        self.proxy = MovedProxy(self)
        self.proxy.setSourceModel(self.model)
        self.table = Table("Versions of each package")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.table.setModel(self.proxy)
        self.table.horizontalHeader().setStretchLastSection(False)
        self.frozen = FrozenColumn(self.table)
        self.table.empty_text = "No package has moved between these versions."
        self.table.selectionModel().currentChanged.connect(self._on_table_current_changed)
        self.table.row_activated.connect(self._on_table_row_activated)
        self.mover = Label(WHO, wordWrap=True)
        self.mover.setProperty("tone", "muted")
        self.mover.setTextFormat(Qt.TextFormat.PlainText)
        self.mover.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.platform = QComboBox()
        self.platform.setAccessibleName("Platform")
        self.platform.setToolTip("The platform whose resolved versions are shown")
        self.platform.textActivated.connect(self.platform_wanted)
        self.platform.hide()
        foot = make_row(8, (16, 8, 12, 8))
        foot.addWidget(self.mover, 1)
        foot.addWidget(self.platform)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.table, 1)
        box.addLayout(foot)
        self.setFocusProxy(self.table)

    def load(self, timeline: PackageTimeline) -> None:
        """Show when each package moved; the newest version is in sight."""
        self.model.load(timeline)
        self.table.setColumnWidth(0, NAME_WIDTH)
        for column in range(1, self.model.columnCount()):
            self.table.setColumnWidth(column, CELL_WIDTH)
        self.table.scrollTo(self.proxy.index(0, self.proxy.columnCount() - 1))
        self.platform.clear()
        self.platform.addItems(timeline.platforms)
        self.platform.setCurrentText(timeline.platform)
        self.platform.setVisible(len(timeline.platforms) > 1)

    def apply_theme(self) -> None:
        """Take over the colours and fonts of the theme."""
        self.model.colors = theme.colors(self.palette())
        self.model.monospace = theme.monospace(self)
        self.model.bold = QFont(self.font())
        self.model.bold.setWeight(QFont.Weight.DemiBold)

    def narrow(self, text: str, moved: bool) -> None:
        """Keep packages whose name holds a text; with `moved`, only those that ever moved."""
        self.proxy.narrow(text, moved)

    def step(self, forward: bool) -> None:
        """Go to the next cell in which a package moved, row by row, or to the one before."""
        cells = [
            (row, column)
            for row in range(self.proxy.rowCount())
            for column in range(1, self.proxy.columnCount())
            if self._moved_in(self.proxy.index(row, column)) is not None
        ]
        current = self.table.currentIndex()
        before = (-1, 0) if forward else (self.proxy.rowCount(), 0)
        here = (current.row(), current.column()) if current.isValid() else before
        later = [cell for cell in cells if cell > here] if forward else [cell for cell in cells if cell < here]
        if later:
            index = self.proxy.index(*(later[0] if forward else later[-1]))
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)

    def _moved_in(self, index: QModelIndex) -> VersionInfo | None:
        return self.model.moved_in(self.proxy.mapToSource(index))

    @Slot(QModelIndex, QModelIndex)
    def _on_table_current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        self.mover.setText(self.model.story(self.proxy.mapToSource(index)) or WHO)

    @Slot(QModelIndex)
    def _on_table_row_activated(self, index: QModelIndex) -> None:
        info = self._moved_in(index)
        if info is not None:
            self.version_activated.emit(info.number)
