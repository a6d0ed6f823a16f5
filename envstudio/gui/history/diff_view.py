"""The view of a comparison: in the history, and in the box in which a draft is registered."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from envstudio.domain.comparison import Comparison
from envstudio.gui.history.diff_model import NAME, NEW, OLD, WHAT, DiffModel, Row
from envstudio.gui.look import theme
from envstudio.presentation.comparison import comparison_markdown

ROW_HEIGHT = 26
WIDTHS = (152, 216)
LEAST = 96
FEW, MANY = 4, 48
LONGEST = "↓  downgrade"
"""What is the widest in the first column, which holds it whatever the font."""
MARGINS = 24


class RowDelegate(QStyledItemDelegate):
    """Gives all rows one height."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)


class DiffView(QTreeView):
    """Sections that unfold to rows; copying gives the whole comparison as Markdown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.comparison: Comparison | None = None
        self.diff_model = DiffModel(self)
        self.setModel(self.diff_model)
        self.setProperty("kind", "diff")
        self.setAccessibleName("Differences")
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIndentation(16)
        self.setItemDelegate(RowDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.header().setSectionResizeMode(NEW, QHeaderView.ResizeMode.Stretch)
        self.header().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._sharing = self._chosen = False
        self.set_widths(*WIDTHS)
        self.header().sectionResized.connect(self._on_header_section_resized)
        self._apply_theme()

    def set_widths(self, what: int, name: int) -> None:
        """Set the widths of what changed and of the name; the old value and the new one share the rest."""
        sign_and_word = self.fontMetrics().horizontalAdvance(LONGEST) + 2 * self.indentation() + MARGINS
        self.setColumnWidth(WHAT, max(what, sign_and_word))
        self.setColumnWidth(NAME, name)
        self._share()

    def _share(self) -> None:
        """Divide what is left between the old values and the new ones as the longest of each need it."""
        rest = self.viewport().width() - self.columnWidth(WHAT) - self.columnWidth(NAME)
        old, new = self._longest()
        self._sharing = True
        self.setColumnWidth(OLD, max(LEAST, min(rest - LEAST, rest * old // (old + new))))
        self._sharing = False

    def _longest(self) -> tuple[int, int]:
        """Return the letters of the longest old and the longest new value; very long ones need not be seen whole."""
        shown = self.comparison
        rows: tuple[Row, ...] = (*shown.changes, *shown.resolved) if shown is not None else ()
        olds, news = [len(row.old or "") for row in rows], [len(row.new or "") for row in rows]
        return min(MANY, max(olds, default=FEW) or FEW), min(MANY, max(news, default=FEW) or FEW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._chosen:
            self._share()

    @Slot(int, int, int)
    def _on_header_section_resized(self, column: int, _before: int, _width: int) -> None:
        # The last one is Qt's to fit; what the user has drawn stays.
        self._chosen = self._chosen or (column == OLD and not self._sharing)

    def load(self, comparison: Comparison, part: str = "all") -> None:
        """Show a comparison, or its part "changes" or "resolved", all of it unfolded."""
        self.comparison = comparison
        self.diff_model.load(comparison, part)
        self._unfold()
        if not self._chosen:
            self._share()

    def narrow(self, text: str, wanted: str) -> None:
        """Keep the rows with that in their names and that sort of change."""
        if self.diff_model.narrow(text, wanted):
            self._unfold()

    def step(self, forward: bool) -> None:
        """Go to the next or the previous change."""
        model = self.diff_model
        rows = [
            model.index(row, 0, model.index(section, 0))
            for section in range(model.rowCount())
            for row in range(model.rowCount(model.index(section, 0)))
        ]
        here = self.currentIndex().siblingAtColumn(0)
        position = rows.index(here) if here in rows else -1 if forward else len(rows)
        position += 1 if forward else -1
        if 0 <= position < len(rows):
            self.setCurrentIndex(rows[position])
            self.scrollTo(rows[position])

    def _unfold(self) -> None:
        self.expandToDepth(1)
        for row in range(self.diff_model.rowCount()):
            self.setFirstColumnSpanned(row, QModelIndex(), True)

    def copy(self) -> None:
        """Copy the comparison as Markdown."""
        if self.comparison is not None:
            QGuiApplication.clipboard().setText(comparison_markdown(self.comparison))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._apply_theme()

    def _apply_theme(self) -> None:
        self.diff_model.colors = theme.colors(self.palette())
        self.diff_model.monospace = theme.monospace(self)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.diff_model.bold = bold
