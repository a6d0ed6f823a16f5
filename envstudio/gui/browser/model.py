"""The browser's tree: environments, curated and archived ones. It holds the library's own values, no copies of rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from envstudio.domain.query import Query
from envstudio.domain.reference import CURATED
from envstudio.library import EnvironmentInfo

Index = QModelIndex | QPersistentModelIndex
INFO_ROLE = int(Qt.ItemDataRole.UserRole)
BUSY_ROLE = INFO_ROLE + 1
ENVIRONMENTS, CURATED_GROUP, ARCHIVED = range(3)
TITLES = ("Environments", "Curated", "Archived")
ROOT = QModelIndex()
# A view asks for the flags of every row that it lays out, so they are not put together each time.
CURATED_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)
OWN_FLAGS = CURATED_FLAGS | Qt.ItemFlag.ItemIsEditable

LOCK_WORDS = {"locked": "locked", "stale": "lock is stale", "": "not locked"}
IMAGE_WORDS = {"built": "image built", "stale": "image is stale", "failed": "last build failed", "": "no image"}


@dataclass(slots=True)
class _Group:
    rows: list[EnvironmentInfo] = field(default_factory=list)


class BrowserModel(QAbstractItemModel):
    """Three groups and their environments. The internal id of a row is its group's number plus one, a group's is 0."""

    rename_requested = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups = [_Group() for _ in TITLES]
        self._all: dict[str, EnvironmentInfo] = {}
        self._texts: dict[str, str] = {}
        self._query = Query()
        self._matching: frozenset[str] | None = None
        self._busy: dict[str, str] = {}

    # Filling

    def load(self, infos: Iterable[EnvironmentInfo], query: Query, matching: frozenset[str] | None) -> None:
        """Show these environments; `matching` are the names that a query beyond plain words found."""
        self.beginResetModel()
        self._all = {info.name: info for info in infos}
        self._texts = {name: _text(info) for name, info in self._all.items()}
        self._set_query(query, matching)
        self.endResetModel()

    def filter(self, query: Query, matching: frozenset[str] | None) -> None:
        """Keep what matches another query."""
        self.beginResetModel()
        self._set_query(query, matching)
        self.endResetModel()

    def _set_query(self, query: Query, matching: frozenset[str] | None) -> None:
        self._query, self._matching = query, matching
        for group in self._groups:
            group.rows = []
        for info in self._all.values():
            if self._shows(info):
                self._groups[_group_of(info)].rows.append(info)
        for group in self._groups:
            group.rows.sort(key=_order)

    def _shows(self, info: EnvironmentInfo) -> bool:
        if self._matching is not None and info.name not in self._matching:
            return False
        text = self._texts[info.name]
        return all(word in text for word in self._query.words)

    def refresh(self, names: Iterable[str], infos: Iterable[EnvironmentInfo]) -> None:
        """Take over what the library now says of these names; a name without a value is gone."""
        found = {info.name: info for info in infos}
        for name in names:
            self._replace(name, found.get(name))

    def _replace(self, name: str, info: EnvironmentInfo | None) -> None:
        old = self.index_of(name)
        if info is None:
            self._all.pop(name, None)
            self._texts.pop(name, None)
        else:
            self._all[name] = info
            self._texts[name] = _text(info)
        shown = info is not None and (self._matching is None or name in self._matching or old.isValid())
        shown = shown and info is not None and all(word in self._texts[name] for word in self._query.words)
        if old.isValid() and shown and info is not None and _group_of(info) == old.parent().row():
            self._groups[old.parent().row()].rows[old.row()] = info
            self.dataChanged.emit(old, old)
            return
        if old.isValid():
            self.beginRemoveRows(old.parent(), old.row(), old.row())
            del self._groups[old.parent().row()].rows[old.row()]
            self.endRemoveRows()
        if shown and info is not None:
            group = _group_of(info)
            rows = self._groups[group].rows
            row = sum(_order(other) < _order(info) for other in rows)
            self.beginInsertRows(self.index(group, 0), row, row)
            rows.insert(row, info)
            self.endInsertRows()

    def set_busy(self, busy: dict[str, str]) -> None:
        """Show what is being done to environments: texts by name."""
        changed = [name for name in {*busy, *self._busy} if busy.get(name) != self._busy.get(name)]
        self._busy = busy
        for name in changed:
            index = self.index_of(name)
            if index.isValid():
                self.dataChanged.emit(index, index)

    # Asking

    def index_of(self, name: str) -> QModelIndex:
        """Return the index of an environment; an invalid one where it is not shown."""
        for number, group in enumerate(self._groups):
            for row, info in enumerate(group.rows):
                if info.name == name:
                    return self.createIndex(row, 0, number + 1)
        return QModelIndex()

    def info(self, index: Index) -> EnvironmentInfo | None:
        """Return the environment of a row; None for a group."""
        if not index.isValid() or index.internalId() == 0:
            return None
        return self._groups[index.internalId() - 1].rows[index.row()]

    def find(self, name: str) -> EnvironmentInfo | None:
        """Return the environment of that name, shown or not."""
        return self._all.get(name)

    def infos(self) -> Iterable[EnvironmentInfo]:
        """Return all environments, shown or not."""
        return self._all.values()

    def count(self, group: int) -> int:
        """Return how many rows a group shows."""
        return len(self._groups[group].rows)

    # Qt

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if column != 0 or not 0 <= row < self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index = ROOT) -> QModelIndex:  # type: ignore[override]
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(TITLES)
        return self.count(parent.row()) if parent.internalId() == 0 and parent.column() == 0 else 0

    def columnCount(self, parent: Index = ROOT) -> int:
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        info = self.info(index)
        if info is None:
            if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                return TITLES[index.row()]
            return None
        if role == INFO_ROLE:
            return info
        if role == BUSY_ROLE:
            return self._busy.get(info.name, "")
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return info.name.removeprefix(CURATED)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(info)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join([info.name, *states(info)])
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        info = self.info(index)
        name = str(value).strip()
        if info is None or role != Qt.ItemDataRole.EditRole or not name or name == info.name:
            return False
        self.rename_requested.emit(info.name, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        group = index.internalId() - 1
        if group < 0:
            return Qt.ItemFlag.ItemIsEnabled
        return CURATED_FLAGS if group == CURATED_GROUP else OWN_FLAGS

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        mime.setText("\n".join(info.name for index in indexes if (info := self.info(index))))
        return mime


def _group_of(info: EnvironmentInfo) -> int:
    if info.kind == "curated":
        return CURATED_GROUP
    return ARCHIVED if info.archived else ENVIRONMENTS


def _order(info: EnvironmentInfo) -> str:
    return info.name.lower()


def _text(info: EnvironmentInfo) -> str:
    tags = " ".join(f"{key} {value}" for key, value in info.tags)
    return f"{info.name} {info.description} {tags}".lower()


def states(info: EnvironmentInfo) -> list[str]:
    """Name the states of an environment in words."""
    if info.kind == "curated":
        return ["curated"]
    words = [f"version {info.latest}", LOCK_WORDS[info.lock], IMAGE_WORDS[info.image]]
    if info.draft_changed:
        words.insert(1, "draft changed")
    return [*words, "archived"] if info.archived else words


def tip(info: EnvironmentInfo) -> str:
    """Return what the tooltip of an environment says."""
    lines = [info.name, info.description, ", ".join(states(info))]
    if info.labels:
        lines.append("labels: " + ", ".join(f"{label} → v{number}" for label, number in info.labels))
    if info.tags:
        lines.append("tags: " + ", ".join(f"{key}={value}" for key, value in info.tags))
    if isinstance(info.updated_at, datetime):
        lines.append(f"changed {info.updated_at:%Y-%m-%d %H:%M} UTC by {info.updated_by}")
    return "\n".join(line for line in lines if line)
