"""Images and builds as the library remembers them, as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.amounts import size_text
from envstudio.domain.image import ImageRecord
from envstudio.gui.look import theme
from envstudio.gui.pages.build_status import STATUS_ICONS, took
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows_model import RIGHT, Index, RowsModel
from envstudio.library import BuildRecord
from envstudio.presentation.moments import when

Column = tuple[str, Callable[[Any], str], str]
STATES: dict[bool | str | None, tuple[str, str, str, str]] = {
    True: ("present", "done", "added", "The engine has this image."),
    False: (
        "missing",
        "image-stale",
        "changed",
        "This engine does not have it: it was removed, is in another engine, or was made for a registry or a file.",
    ),
    None: ("engine off", "engine", "muted", "No engine answers, so it is unknown whether the image exists."),
    "asking": ("…", "waiting", "muted", "Waiting for the engine."),
}

# Title, text, and the look of the cell: "", "mono" or "right".
IMAGE_COLUMNS: tuple[Column, ...] = (
    ("Version", lambda image: f"v{image.version}", ""),
    ("Engine", lambda image: "", ""),
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
    ("Took", took, "right"),
    ("Builder", lambda build: build.builder, ""),
    ("Error", lambda build: build.error, ""),
)


class RecordsModel(RowsModel):
    """Records of the library under columns that are given as functions."""

    def __init__(self, columns: tuple[Column, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self.titles = tuple(title for title, _, _ in columns)
        self.numbers = [at for at, (_, _, look) in enumerate(columns) if look == "right"]
        self.states: dict[str, bool | None] = {}
        self.rows: Sequence[ImageRecord | BuildRecord] = ()
        self.colors = theme.LIGHT
        self.monospace = QFont()

    def load(self, records: Sequence[ImageRecord | BuildRecord]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = records
        self.endResetModel()

    def show_states(self, states: Mapping[str, bool | None]) -> None:
        """Say of images, by id, whether the engine has them; None if no engine answers."""
        self.states = dict(states)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self._columns) - 1))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        record = self.rows[index.row()]
        title, text, look = self._columns[index.column()]
        if isinstance(record, ImageRecord) and title == "Engine":
            return self._state(record, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return text(record)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(text(record))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if index.column() in self.numbers else None
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

    def _state(self, record: ImageRecord, role: int) -> object:
        """Say whether the engine has an image, as a word with a sign."""
        word, icon, color, tip = STATES[self.states.get(record.image_id, "asking")]
        if role == Qt.ItemDataRole.DisplayRole:
            return word
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(tip)
        if role == Qt.ItemDataRole.DecorationRole:
            return theme.icon(icon, getattr(self.colors, color))
        return QColor(getattr(self.colors, color)) if role == Qt.ItemDataRole.ForegroundRole else None
