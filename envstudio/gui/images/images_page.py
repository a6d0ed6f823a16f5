"""The images that were built of an environment, and the builds that made or failed to make them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from envstudio.domain.change import Aspect, Change
from envstudio.domain.image import ImageRecord
from envstudio.gui import theme
from envstudio.gui.document import Document
from envstudio.gui.editor.page import Page
from envstudio.gui.history.timeline_model import when
from envstudio.gui.session import Session
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.size import seconds_text, size_text
from envstudio.gui.widgets.table import Table
from envstudio.library import BuildRecord

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
Column = tuple[str, Callable[[Any], str], str]
EMPTY = "An image is this environment ready to run anywhere. Each build of it is listed here with its tags and size."
STATUS_ICONS = {
    "done": ("done", "added"),
    "failed": ("error", "removed"),
    "cancelled": ("cancelled", "muted"),
    "interrupted": ("cancelled", "muted"),
    "running": ("running", "accent"),
}

# Title, text, and the look of the cell: "", "mono" or "right".
IMAGE_COLUMNS: tuple[Column, ...] = (
    ("Version", lambda image: f"v{image.version}", ""),
    ("Tags", lambda image: ", ".join(image.tags), "mono"),
    ("Size", lambda image: size_text(image.size), "right"),
    ("Layers", lambda image: str(image.layers), "right"),
    ("Builder", lambda image: image.builder, ""),
    ("Built", lambda image: when(image.created_at), ""),
    ("Image", lambda image: image.image_id.removeprefix("sha256:")[:16], "mono"),
)
BUILD_COLUMNS: tuple[Column, ...] = (
    ("Build", lambda build: f"#{build.id}", ""),
    ("Version", lambda build: f"v{build.version}", ""),
    ("State", lambda build: build.status, ""),
    ("Started", lambda build: when(build.started_at), ""),
    ("Took", lambda build: seconds_text(build.seconds), "right"),
    ("Builder", lambda build: build.builder, ""),
    ("Error", lambda build: build.error, ""),
)


class RecordsModel(QAbstractTableModel):
    """Records of the library under columns that are given as functions."""

    def __init__(self, columns: tuple[Column, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self.records: Sequence[ImageRecord | BuildRecord] = ()
        self.colors = theme.LIGHT
        self.monospace = QFont()

    def load(self, records: Sequence[ImageRecord | BuildRecord]) -> None:
        """Show these."""
        self.beginResetModel()
        self.records = records
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        title, _, look = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        return _alignment(look) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        record = self.records[index.row()]
        title, text, look = self._columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return text(record)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(look)
        if role == Qt.ItemDataRole.FontRole and look == "mono":
            return self.monospace
        if title == "State" and isinstance(record, BuildRecord):
            name, color = STATUS_ICONS.get(record.status, ("info", "muted"))
            shade = getattr(self.colors, color)
            if role == Qt.ItemDataRole.DecorationRole:
                return theme.icon(name, shade)
            if role == Qt.ItemDataRole.ForegroundRole:
                return QColor(shade)
        return None


def _alignment(look: str) -> Qt.AlignmentFlag | None:
    return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter if look == "right" else None


class ImagesPage(Page):
    """Images above, builds below. A build's log is shown in the console."""

    build_requested = Signal()
    log_requested = Signal(object)

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.images = RecordsModel(IMAGE_COLUMNS, self)
        self.builds = RecordsModel(BUILD_COLUMNS, self)
        self.images_table = Table("Images")
        self.images_table.empty_text = "No build has succeeded yet."
        self.images_table.setModel(self.images)
        self.images_table.set_widths(80, 480, 88, 72, 88, 144)
        self.builds_table = Table("Builds")
        self.builds_table.setModel(self.builds)
        self.builds_table.set_widths(80, 72, 112, 144, 72, 96)
        self.builds_table.row_activated.connect(self._on_builds_table_row_activated)
        splitter = QSplitter(Qt.Orientation.Vertical, handleWidth=1, childrenCollapsible=False)
        splitter.addWidget(self._titled("Images", "", self.images_table))
        splitter.addWidget(self._titled("Builds", "Enter or double-click shows the log", self.builds_table))
        self.empty = EmptyPage("image", "No images yet", EMPTY, ("Build now", self.build_requested.emit))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        session.library_changed.connect(self._on_session_library_changed)
        self.setFocusProxy(self.images_table)
        self.tint()
        self.reload()

    def _titled(self, title: str, hint: str, table: Table) -> QWidget:
        holder = QWidget()
        name = QLabel(f"<b>{title}</b>" + (f"&nbsp;&nbsp; {hint}" if hint else ""))
        name.setContentsMargins(16, 8, 16, 8)
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(name)
        box.addWidget(table, 1)
        return holder

    def tint(self) -> None:
        if hasattr(self, "stack"):
            for model in (self.images, self.builds):
                model.colors = self.colors()
                model.monospace = theme.monospace(self.images_table)

    def reload(self) -> None:
        """Read images and builds again."""
        if self.document.read_only:
            self.empty.buttons[0].hide()
            return
        name = self.document.environment.name
        self.images.load(self.session.library.images.list(name))
        self.builds.load(self.session.library.builds.list(name))
        self.stack.setCurrentIndex(1 if self.images.records or self.builds.records else 0)

    @Slot(object)
    def _on_session_library_changed(self, change: Change) -> None:
        wanted = Aspect.IMAGES | Aspect.BUILDS
        if change.touches(self.document.name, wanted) and self.document.name in self.session.documents:
            self.reload()

    @Slot(QModelIndex)
    def _on_builds_table_row_activated(self, index: QModelIndex) -> None:
        self.log_requested.emit(self.builds.records[index.row()])
