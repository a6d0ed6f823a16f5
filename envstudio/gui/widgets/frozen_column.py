"""The first column of a table, which stays where the others are scrolled away under it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot

from envstudio.gui.widgets.table import Table


class FrozenColumn(Table):
    """Lies over the table that it is made for, once that is scrolled to the right, and hands its focus on to that."""

    def __init__(self, table: Table) -> None:
        """Freeze the first column of a table that has its model."""
        super().__init__(table.accessibleName(), table)
        self._table = table
        self.setProperty("frozen", True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # So that it also draws the frame of the focus, if the keys are in this column.
        self.setFocusProxy(table)
        self.setModel(table.model())
        self.setSelectionModel(table.selectionModel())
        self.setSelectionBehavior(table.selectionBehavior())
        for bar in (self.setVerticalScrollBarPolicy, self.setHorizontalScrollBarPolicy):
            bar(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setStretchLastSection(False)
        self.pressed.connect(self._on_pressed)
        self.clicked.connect(table.clicked)
        self.row_activated.connect(table.row_activated)
        self.model().modelReset.connect(self._fit)
        table.horizontalHeader().sectionResized.connect(self._fit)
        table.horizontalScrollBar().valueChanged.connect(self._on_scrolled)
        table.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(table.verticalScrollBar().setValue)
        table.installEventFilter(self)
        self._fit()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._table and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._fit()
        elif watched is self._table and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_pressed(self) -> None:
        self._table.setFocus(Qt.FocusReason.MouseFocusReason)

    @Slot()
    def _fit(self, *_: object) -> None:
        table = self._table
        for column in range(1, self.model().columnCount()):
            self.setColumnHidden(column, True)
        width, frame = table.columnWidth(0), table.frameWidth()
        self.setColumnWidth(0, width)
        header = table.horizontalHeader().height()
        self.horizontalHeader().setFixedHeight(header)
        self.setGeometry(frame, frame, width, header + table.viewport().height())
        self._on_scrolled()

    @Slot()
    def _on_scrolled(self, *_: object) -> None:
        """Be there only while the table's own first column is not."""
        shown = self._table.horizontalScrollBar().value() > 0
        if shown:
            self.verticalScrollBar().setValue(self._table.verticalScrollBar().value())
        self.setVisible(shown)
