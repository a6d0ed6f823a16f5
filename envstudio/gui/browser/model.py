"""The browser's list: environments, curated and archived ones under a heading each.

It is a flat list, because a tree view requests every row that it lays out, and there may be ten thousand. Rows are the
library's own values, the number of a group for its heading, or None if a row is known to be there but not yet read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from envstudio.domain.query import searched_text
from envstudio.domain.reference import CURATED
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows import changed_runs, changed_span, take_over
from envstudio.library.environment_info import DeletedRow, EnvironmentInfo

if TYPE_CHECKING:
    from envstudio.domain.query import Query

Index = QModelIndex | QPersistentModelIndex
Row = EnvironmentInfo | DeletedRow | int | None
INFO_ROLE = int(Qt.ItemDataRole.UserRole)
BUSY_ROLE = INFO_ROLE + 1
COUNT_ROLE = INFO_ROLE + 2
FOLDED_ROLE = INFO_ROLE + 3
DELETED_ROLE = INFO_ROLE + 4
GROUPS = ENVIRONMENTS, CURATED_GROUP, ARCHIVED, DELETED = range(4)
TITLES = ("Environments", "Curated", "Archived", "Deleted")
ROOT = QModelIndex()
MOST_RUNS = 64
"""With how many runs of rows that go and come each is reported to the view; with more, they are reported as one."""
CURATED_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)
OWN_FLAGS = CURATED_FLAGS | Qt.ItemFlag.ItemIsEditable

LOCK_WORDS = {"locked": "locked", "stale": "lock is stale", "": "not locked"}
BUSY_WORDS = {"lock": "locking", "build": "building"}
IMAGE_WORDS = {"built": "image built", "stale": "image is stale", "failed": "last build failed", "": "no image"}


class BrowserModel(QAbstractListModel):
    """Holds all environments and shows those that match, group by group; folded groups show their heading alone."""

    rename_requested = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts: list[str] = []
        self._by_name: dict[str, EnvironmentInfo] = {}
        self._sorted: list[EnvironmentInfo] = []
        self._query: Query | None = None
        self._definitions: frozenset[str] | None = None
        self._deleted: list[DeletedRow] = []
        self._folded: set[int] = {CURATED_GROUP, ARCHIVED, DELETED}
        self._counts = [0] * len(TITLES)
        self._rows: list[Row] = []
        self._busy: dict[str, str] = {}

    # Filling

    def show_first(self, infos: Iterable[EnvironmentInfo], count: int) -> None:
        """Show the first of that many environments, and room for the rest, until `load` brings all."""
        first = list(infos)
        self.beginResetModel()
        self._counts[ENVIRONMENTS] = count
        self._rows = [ENVIRONMENTS, *first, *[None] * (count - len(first))]
        self.endResetModel()

    def load(self, infos: Iterable[EnvironmentInfo], query: Query, definitions: frozenset[str] | None) -> None:
        """Show these environments; `definitions` are the digests of those that hold what the query requests."""
        self._sort(infos)
        self.filter(query, definitions)

    def _sort(self, infos: Iterable[EnvironmentInfo]) -> None:
        self._sorted = sorted(infos, key=_order)
        self._texts = []
        self._by_name = {}

    @property
    def query(self) -> Query | None:
        """Return what is kept to now; None before the first `load`."""
        return self._query

    def shows(self, query: Query, definitions: frozenset[str] | None) -> bool:
        """Return whether exactly what matches a query is shown already."""
        return (query, definitions) == (self._query, self._definitions)

    def filter(self, query: Query, definitions: frozenset[str] | None) -> None:
        """Keep what matches another query."""
        self.beginResetModel()
        self._query, self._definitions = query, definitions
        self._rows = self._shown_rows()
        self.endResetModel()

    def refresh(self, names: Iterable[str], infos: Iterable[EnvironmentInfo]) -> None:
        """Take over what the library now says of these names; a name without a value is gone."""
        gone = frozenset(names)
        self._sort([*(info for info in self._sorted if info.name not in gone), *infos])
        self._show()

    def show_deleted(self, found: Iterable[DeletedRow]) -> None:
        """Take over which environments were deleted."""
        after = list(found)
        if after != self._deleted:
            self._deleted = after
            self._show()

    def set_folded(self, group: int, folded: bool) -> None:
        """Fold a group to its heading, or unfold it."""
        if folded != (group in self._folded):
            self._folded ^= {group}
            self._show()

    def unfold(self, name: str) -> None:
        """Unfold the group of an environment."""
        info = self.find(name)
        if info is not None:
            self.set_folded(group_of(info), False)

    def is_folded(self, group: int) -> bool:
        """Return whether a group shows its heading alone. While one searches, none does."""
        return group in self._folded and not self._filtering

    @property
    def _filtering(self) -> bool:
        query = self._query
        return self._definitions is not None or bool(query and (query.words or query.labels or query.tags))

    def _matching(self) -> Iterable[EnvironmentInfo]:
        """Return what matches the query, in order."""
        query, definitions = self._query, self._definitions
        found = self._sorted
        if query is not None and query.words:
            self._texts = self._texts or [_text(info) for info in found]
            for number, word in enumerate(query.words):
                if number == 0:
                    found = [info for info, text in zip(found, self._texts, strict=True) if word in text]
                else:
                    found = [info for info in found if word in _text(info)]
        if definitions is not None:
            found = [info for info in found if info.digest in definitions]
        if query is not None and (query.labels or query.tags):
            found = [info for info in found if query.fits(dict(info.labels), dict(info.tags))]
        return found

    def _matching_deleted(self) -> list[DeletedRow]:
        """Return the deleted environments whose names match; nothing else of them is looked at."""
        query = self._query
        if self._definitions is not None or (query and (query.labels or query.tags)):
            return []
        words = query.words if query is not None else ()
        return [item for item in self._deleted if all(word in item.name.lower() for word in words)]

    def _shown_rows(self) -> list[Row]:
        """Return the rows for the present query and folds."""
        groups: list[list[EnvironmentInfo]] = [[] for _ in TITLES]
        for info in self._matching():
            groups[group_of(info)].append(info)
        rows: list[Row] = []
        shown: list[Sequence[EnvironmentInfo | DeletedRow]] = [*groups[:DELETED], self._matching_deleted()]
        for number, found in enumerate(shown):
            self._counts[number] = len(found)
            if found or (number == ENVIRONMENTS and not self._filtering):
                rows.append(number)
                rows += () if self.is_folded(number) else found
        return rows

    def _show(self) -> None:
        """Bring the rows up to date if they differ, so that what is selected is the environment, not its location."""
        after = self._shown_rows()
        top, gone, come = changed_span(self._rows, after)
        old, new = self._rows[top : top + gone], after[top : top + come]
        for first, end, start, stop in changed_runs([*map(_key, old)], [*map(_key, new)], MOST_RUNS) or ():
            if end > first:
                self.beginRemoveRows(ROOT, top + first, top + end - 1)
                self._rows = self._rows[: top + first] + self._rows[top + end :]
                self.endRemoveRows()
            if stop > start:
                self.beginInsertRows(ROOT, top + first, top + first + stop - start - 1)
                self._rows = self._rows[: top + first] + new[start:stop] + self._rows[top + first :]
                self.endInsertRows()
        take_over(self, self._rows, after, self._put_rows)
        for row, value in enumerate(after):
            if isinstance(value, int):
                self._row_changed(row)

    def _put_rows(self, rows: list[Row]) -> None:
        self._rows = rows

    def _row_changed(self, row: int) -> None:
        index = self.index(row)
        self.dataChanged.emit(index, index)

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
        """Return the index of an environment; an invalid one if it is not shown."""
        info = self.find(name)
        # Rows are the values themselves, which a list finds ten times as quickly as a loop.
        try:
            return self.index(self._rows.index(info)) if info is not None else QModelIndex()
        except ValueError:
            return QModelIndex()

    def row(self, index: Index) -> Row | None:
        """Return an environment, a group's number, or None for an invalid index."""
        return self._rows[index.row()] if index.isValid() else None

    def info(self, index: Index) -> EnvironmentInfo | None:
        """Return the environment of a row; None for a heading."""
        value = self.row(index)
        return value if isinstance(value, EnvironmentInfo) else None

    def deleted(self, index: Index) -> DeletedRow | None:
        """Return the deleted environment of a row; None for any other."""
        value = self.row(index)
        return value if isinstance(value, DeletedRow) else None

    def find(self, name: str) -> EnvironmentInfo | None:
        """Return the environment of that name, shown or not."""
        if not self._by_name:
            self._by_name = {info.name: info for info in self._sorted}
        return self._by_name.get(name)

    def infos(self) -> Iterable[EnvironmentInfo]:
        """Return all environments, shown or not."""
        return self._sorted

    def count(self, group: int) -> int:
        """Return how many environments of a group match, folded or not."""
        return self._counts[group]

    # Qt

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        value = self.row(index)
        if isinstance(value, int):
            return self._heading(value, role)
        if value is None:
            return None
        if isinstance(value, DeletedRow):
            return _of_deleted(value, role)
        if role == INFO_ROLE:
            return value
        if role == BUSY_ROLE:
            return self._busy.get(value.name, "")
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return value.name.removeprefix(CURATED)
        if role == Qt.ItemDataRole.ToolTipRole:
            busy = self._busy.get(value.name)
            return plain_tip(f"{tip(value)}\n{BUSY_WORDS.get(busy, busy)} now" if busy else tip(value))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            busy = self._busy.get(value.name, "")
            return ", ".join([value.name, *states(value), *([BUSY_WORDS.get(busy, busy)] if busy else [])])
        return None

    def _heading(self, group: int, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[group]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[group]}, {self.count(group)}, {'collapsed' if self.is_folded(group) else 'expanded'}"
        if role == COUNT_ROLE:
            return self.count(group)
        return self.is_folded(group) if role == FOLDED_ROLE else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        info = self.info(index)
        name = str(value).strip()
        if info is None or role != Qt.ItemDataRole.EditRole or not name or name == info.name:
            return False
        self.rename_requested.emit(info.name, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        value = self.row(index)
        if value is None:
            return Qt.ItemFlag.NoItemFlags
        if isinstance(value, int):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        if isinstance(value, DeletedRow):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return CURATED_FLAGS if value.kind == "curated" else OWN_FLAGS

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        mime.setText("\n".join(info.name for index in indexes if (info := self.info(index))))
        return mime


def _text(info: EnvironmentInfo) -> str:
    """Return what words are looked for in."""
    return searched_text(info.name, info.description, info.tags)


def group_of(info: EnvironmentInfo) -> int:
    if info.kind == "curated":
        return CURATED_GROUP
    return ARCHIVED if info.archived else ENVIRONMENTS


def _of_deleted(item: DeletedRow, role: int) -> object:
    when = f"deleted {item.deleted_at:%Y-%m-%d %H:%M} UTC"
    if role == DELETED_ROLE:
        return item
    if role == Qt.ItemDataRole.DisplayRole:
        return item.name
    if role == Qt.ItemDataRole.ToolTipRole:
        return plain_tip(f"{item.name}\n{when}\nEnter or a right click offers to restore it")
    return f"{item.name}, {when}" if role == Qt.ItemDataRole.AccessibleTextRole else None


def _key(row: Row) -> int | str | None:
    """Return what a row is of, whatever is known of it now; its group is part of that."""
    if isinstance(row, DeletedRow):
        return f"{DELETED} {row.number}"
    return f"{group_of(row)} {row.name}" if isinstance(row, EnvironmentInfo) else row


def _order(info: EnvironmentInfo) -> str:
    return info.name.lower()


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
