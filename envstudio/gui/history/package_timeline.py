"""When each package moved: rows are packages, columns versions, cells what was resolved, or else wanted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.diff import ANY_VERSION
from envstudio.domain.reference import Reference
from envstudio.domain.version import Level, VersionInfo, version_level
from envstudio.gui import theme
from envstudio.library import Library
from envstudio.report import Report

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
MAX_VERSIONS = 30
SIGNS = {"added": "+", "removed": "−", "changed": "↑", "downgrade": "↓"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One package in one version. `moved` is a state's colour, such as "downgrade", empty where nothing changed."""

    text: str = ""
    resolved: bool = False
    moved: str = ""


@dataclass(frozen=True, slots=True)
class TimelineRow:
    manager: str
    name: str
    requested: bool
    cells: tuple[Cell, ...]

    @property
    def moves(self) -> bool:
        return any(cell.moved for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PackageTimeline:
    """`versions` are oldest first, as the cells of each row are."""

    versions: tuple[VersionInfo, ...] = ()
    rows: tuple[TimelineRow, ...] = ()


Held = dict[tuple[str, str], tuple[str, bool, bool]]


def read_timeline(library: Library, name: str, *, report: Report) -> PackageTimeline:
    """Read the last versions of an environment with their locks."""
    versions = tuple(reversed(library.versions.list(name)[:MAX_VERSIONS]))
    held = []
    for info in versions:
        report.raise_if_cancelled()
        held.append(_held(library, name, info))
    keys = sorted({key for version in held for key in version}, key=lambda key: (key[0], key[1]))
    rows = []
    for key in keys:
        cells, before = [], None
        for number, version in enumerate(held):
            found = version.get(key)
            cells.append(_cell(before, found, first=number == 0))
            before = found
        requested = any(version[key][2] for version in held if key in version)
        rows.append(TimelineRow(*key, requested, tuple(cells)))
    return PackageTimeline(versions, tuple(sorted(rows, key=lambda row: not row.requested)))


def _held(library: Library, name: str, info: VersionInfo) -> Held:
    """Return the packages of a version: text, whether it is resolved, and whether it was asked for."""
    environment = library.find(Reference(name, info.number)).environment
    python = environment.python
    held: Held = {("conda", item.name): (item.constraint or ANY_VERSION, False, True) for item in python.conda}
    held |= {("pip", item.name): (item.constraint or ANY_VERSION, False, True) for item in python.pip}
    record = library.locks.find(name, info.digest) if info.locked else None
    if record is not None and record.lock.platforms:
        for package in record.lock.platforms[0].packages:
            held[package.manager, package.name] = (package.version, True, package.requested)
    return held


def _cell(before: tuple[str, bool, bool] | None, now: tuple[str, bool, bool] | None, *, first: bool) -> Cell:
    if now is None:
        # What a lock held and a version without a lock does not name has not gone: nobody knows.
        return Cell("", False, "removed" if before is not None and not before[1] else "")
    text, resolved, _ = now
    if first or (before is not None and before[0] == text):
        return Cell(text, resolved)
    if before is None:
        return Cell(text, resolved, "" if resolved else "added")
    if before[1] != resolved:
        return Cell(text, resolved)
    lower = resolved and version_level(before[0], text) is Level.DOWNGRADE
    return Cell(text, resolved, "downgrade" if lower else "changed")


class PackageTimelineModel(QAbstractTableModel):
    """The first column is the package."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.timeline = PackageTimeline()
        self.colors = theme.LIGHT
        self.monospace = QFont()
        self.bold = QFont()

    def load(self, timeline: PackageTimeline) -> None:
        """Show a timeline."""
        self.beginResetModel()
        self.timeline = timeline
        self.endResetModel()

    def story(self, index: Index) -> str:
        """Tell of a cell what the package is there, from what it came, and who moved it when and why."""
        if not index.isValid() or index.column() == 0:
            return ""
        row, place = self.timeline.rows[index.row()], index.column() - 1
        cell, info = row.cells[place], self.timeline.versions[place]
        what = f"{row.name} {cell.text or 'is not there'} in v{info.number}"
        if not cell.moved:
            return f"{what}, as in the version before." if place else f"{what}, the first version shown."
        before = row.cells[place - 1].text
        came = f", {before} before" if before else ", not there before"
        return (
            f"{what}{came} · {info.created_by}, {info.created_at:%Y-%m-%d %H:%M} UTC · {info.message or 'no message'}"
        )

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.timeline.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else 1 + len(self.timeline.versions)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if section == 0:
            return "Package" if role == Qt.ItemDataRole.DisplayRole else None
        info = self.timeline.versions[section - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"v{info.number}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{info.message or 'no message'}\n{info.created_by}, {info.created_at:%Y-%m-%d %H:%M} UTC"
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self.timeline.rows[index.row()], index.column()
        if column == 0:
            if role == Qt.ItemDataRole.DisplayRole:
                return row.name if row.manager == "conda" else f"{row.name}  (pip)"
            return self.bold if role == Qt.ItemDataRole.FontRole and row.requested else None
        cell = row.cells[column - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{SIGNS.get(cell.moved, '')} {cell.text}".strip()
        if role == Qt.ItemDataRole.FontRole:
            return self.monospace
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(getattr(self.colors, cell.moved or ("text" if cell.resolved else "muted")))
        if role == Qt.ItemDataRole.BackgroundRole and cell.moved:
            fill = QColor(getattr(self.colors, cell.moved))
            fill.setAlpha(44)
            return fill
        if role == Qt.ItemDataRole.ToolTipRole and cell.text:
            info = self.timeline.versions[column - 1]
            who = f"; {info.created_by}: {info.message or 'no message'}" if cell.moved else ""
            return f"{row.name} {cell.text}, {'resolved' if cell.resolved else 'wanted'} in v{info.number}{who}"
        return None


class MovedProxy(QSortFilterProxyModel):
    """Keeps rows by name, and those that moved where only they are wanted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._moved = True

    def narrow(self, text: str, moved: bool) -> None:
        """Keep packages whose name holds a text; with `moved`, only those that ever changed."""
        self._text, self._moved = text.strip().lower(), moved
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        if not isinstance(model, PackageTimelineModel):
            return True
        found = model.timeline.rows[row]
        return self._text in found.name and (found.moves or not self._moved)
