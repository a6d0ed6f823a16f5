"""The packages of a document as a table. Rows are the definition's own requirements, conda's before pip's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QFont

from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.requirement import CondaRequirement, PipRequirement
from envstudio.domain.version_order import order_key
from envstudio.errors import InvalidInput
from envstudio.gui.editor.locked_versions import LockedVersions
from envstudio.gui.editor.newest_versions import NewestVersions, has_address
from envstudio.gui.editor.requirement_text import (
    CONDA,
    PIP,
    Requirement,
    editable_text,
    manager_of,
    renamed,
    shown_name,
    wanted_text,
    with_replaced,
    with_source,
    with_wanted,
)
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows_model import Index, RowsModel
from envstudio.tasks.known_packages import Newest

NAME, WANTED, SOURCE, LOCKED, NEWEST, PROBLEM = range(6)
TITLES = ("Package", "Wanted", "From", "Locked", "Newest", "Problem")
LINE_ROLE = int(Qt.ItemDataRole.UserRole)
CHOICES_ROLE = LINE_ROLE + 1
SORT_ROLE = LINE_ROLE + 2
OWN_ROLE = LINE_ROLE + 3
"""The line with its manager before it, as only this program reads it."""
Cell = tuple[Requirement, int]
SEVERITY_ICONS = {Severity.ERROR: ("error", "removed"), Severity.WARNING: ("warning", "changed")}


class PackagesModel(RowsModel):
    """Edits go to the document; what it refuses stays in the cell, marked, with the reason as the row's problem."""

    titles = TITLES

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.rows: Sequence[Requirement] = _rows(document.environment)
        self._invalid: dict[Cell, tuple[str, str]] = {}
        self._problems: dict[str, list[Problem]] = {}
        self.locked = LockedVersions(None, False)
        self.newest = NewestVersions({}, self.locked)
        self.selected: Callable[[], list[Requirement]] = list
        self.colors = theme.LIGHT
        self.monospace = QFont()
        document.environment_changed.connect(self._on_document_environment_changed)
        document.facts_changed.connect(self._on_document_facts_changed)
        self._read_facts()
        self._read_unfinished()

    def _read_unfinished(self) -> None:
        """Mark again what was typed and not understood when the page was last open."""
        for item in self.rows if self._document.invalid_inputs else ():
            for column in (NAME, WANTED, SOURCE):
                text = self._document.invalid_inputs.get(_key(item, column))
                if text is not None:
                    try:
                        self._typed(item, column, text)
                    except InvalidInput as error:
                        self._invalid[item, column] = (text, message_of(error))

    def set_newest(self, newest: Newest) -> None:
        """Show the newest versions, by manager and name."""
        self.newest = NewestVersions(newest, self.locked)
        if self.rows:
            self.dataChanged.emit(self.index(0, NEWEST), self.index(len(self.rows) - 1, NEWEST))

    def requirement(self, row: int) -> Requirement:
        """Return the requirement of a row."""
        return self.rows[row]

    def row_of(self, manager: str, name: str) -> int:
        """Return the row of a package, or -1."""
        for row, item in enumerate(self.rows):
            if item.name == name and manager_of(item) == manager:
                return row
        return -1

    def _read_facts(self) -> None:
        self._problems = {}
        for problem in self._document.problems():
            self._problems.setdefault(problem.where, []).append(problem)
        self.locked = LockedVersions(*self._document.lock())
        self.newest = NewestVersions(self.newest.known, self.locked)

    @Slot(object, object)
    def _on_document_environment_changed(self, old: Environment, new: Environment) -> None:
        """Change only the rows between what is the same at the top and at the bottom; the facts follow."""
        self.take_rows(_rows(new))
        # What was typed for a requirement is of no use once that has become another, by undo, a fix or the source.
        rows = set(self.rows) if self._invalid else set()
        for item, column in [cell for cell in self._invalid if cell[0] not in rows]:
            self._forget(item, column)

    def _forget(self, item: Requirement, column: int) -> None:
        self._invalid.pop((item, column), None)
        self._document.keep(_key(item, column), None)

    @Slot()
    def _on_document_facts_changed(self) -> None:
        self._read_facts()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, LOCKED, LOCKED)
        self._all_changed()

    def _all_changed(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(TITLES) - 1))

    # Qt

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return "Locked (stale)" if section == LOCKED and self.locked.is_stale else TITLES[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if index.column() in (NAME, WANTED, SOURCE) and not self._document.read_only:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item, column = self.rows[index.row()], index.column()
        invalid = self._invalid.get((item, column))
        if role == Qt.ItemDataRole.DisplayRole:
            return invalid[0] if invalid else self._shown(item, column)
        if role == Qt.ItemDataRole.EditRole:
            return invalid[0] if invalid else self._edited(item, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._color(item, column, invalid is not None)
        if role == Qt.ItemDataRole.FontRole:
            return self.monospace if column in (WANTED, LOCKED, NEWEST) else None
        if role == Qt.ItemDataRole.DecorationRole and column == PROBLEM:
            return self._decoration(item)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(invalid[1] if invalid else self._tip(item, column))
        if role in (LINE_ROLE, OWN_ROLE):
            line = item.text if isinstance(item, CondaRequirement) else item.line
            return line if role == LINE_ROLE else f"{manager_of(item)}:{line}"
        if role == CHOICES_ROLE and column == SOURCE:
            return (CONDA, *self._document.environment.python.channels, PIP)
        if role == SORT_ROLE:
            return self._sorted_by(item, column)
        return None

    def _sorted_by(self, item: Requirement, column: int) -> str:
        if column == LOCKED:
            package = self.locked.package(item)
            return order_key(package.version) if package else ""
        if column == NEWEST:
            return self.newest.sorted_by(item)
        return self._shown(item, column).lower()

    def _shown(self, item: Requirement, column: int) -> str:
        if column == NAME:
            return shown_name(item)
        if column == WANTED:
            return wanted_text(item)
        if column == SOURCE:
            return self._source(item)
        if column == LOCKED:
            return self.locked.text(item)
        if column == NEWEST:
            return self.newest.text(item)
        reason = self._invalid_reason(item)
        found = self._found(item)
        more = f"  (and {len(found) - 1} more)" if len(found) > 1 else ""
        return reason or (found[0].message + more if found else "")

    def _edited(self, item: Requirement, column: int) -> str:
        return {NAME: shown_name(item), WANTED: editable_text(item)}.get(column) or self._shown_source(item, column)

    def _shown_source(self, item: Requirement, column: int) -> str:
        if column != SOURCE:
            return ""
        return PIP if manager_of(item) == PIP else (item.channel if isinstance(item, CondaRequirement) else "") or CONDA

    def _source(self, item: Requirement) -> str:
        if not isinstance(item, CondaRequirement):
            return PIP
        package = self.locked.package(item)
        channels = self._document.environment.python.channels
        if package is not None and not item.channel:
            return next((channel for channel in channels if _is_from(package.url, channel)), CONDA)
        return item.channel or (channels[0] if len(channels) == 1 else CONDA)

    def _found(self, item: Requirement) -> list[Problem]:
        return self._problems.get(f"python.{manager_of(item)}.{item.name}", [])

    def _invalid_reason(self, item: Requirement) -> str:
        for column in (NAME, WANTED, SOURCE):
            if found := self._invalid.get((item, column)):
                return found[1]
        return ""

    def _color(self, item: Requirement, column: int, invalid: bool) -> QColor | None:
        chosen = self.colors
        if invalid:
            return QColor(chosen.removed)
        if column == PROBLEM and not self._invalid_reason(item):
            found = self._found(item)
            _, color = SEVERITY_ICONS.get(found[0].severity, ("", "muted")) if found else ("", "muted")
            return QColor(getattr(chosen, color))
        if column == PROBLEM:
            return QColor(chosen.removed)
        if column == NEWEST:
            return QColor(chosen.changed if self.newest.is_newer(item) else chosen.muted)
        asks_nothing = column == WANTED and not item.constraint
        if column == SOURCE or asks_nothing or (column == LOCKED and self.locked.is_stale):
            return QColor(chosen.muted)
        return None

    def _decoration(self, item: Requirement) -> object:
        if self._invalid_reason(item):
            return theme.icon("error", self.colors.removed)
        found = self._found(item)
        if not found:
            return None
        name, color = SEVERITY_ICONS.get(found[0].severity, ("info", "muted"))
        return theme.icon(name, getattr(self.colors, color))

    def _tip(self, item: Requirement, column: int) -> str | None:
        if column == LOCKED:
            return self.locked.tip(item)
        if column == NEWEST:
            return self.newest.tip(item)
        found = self._found(item)
        if found:
            return "\n".join(f"{problem.severity}: {problem.message} {problem.advice}".rstrip() for problem in found)
        return item.text

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or self._document.read_only:
            return False
        item, column, text = self.rows[index.row()], index.column(), str(value).strip()
        if text == self._edited(item, column) and (item, column) not in self._invalid:
            return False
        try:
            new = self._typed(item, column, text)
        except InvalidInput as error:
            self._invalid[item, column] = (text, message_of(error))
            self._document.keep(_key(item, column), text)
            self._all_changed()
            return False
        several = self.selected() if column in (WANTED, SOURCE) else []
        if len(several) > 1 and item in several:
            return self._set_several(several, item, column, text)
        self._forget(item, column)
        self._carry_over(item, new)
        environment = with_replaced(self._document.environment, item, new)
        self._document.edit(f"Change {item.name}", environment, merge=f"{manager_of(item)}.{new.name}.{column}")
        self._all_changed()
        return True

    def _carry_over(self, old: Requirement, new: Requirement) -> None:
        """Keep what is not understood in the other cells of a row that is being changed."""
        for column in (NAME, WANTED, SOURCE):
            found = self._invalid.get((old, column))
            if found is not None:
                self._forget(old, column)
                self._invalid[new, column] = found
                self._document.keep(_key(new, column), found[0])

    def _set_several(self, items: list[Requirement], edited: Requirement, column: int, text: str) -> bool:
        """Put what was typed in one cell into that column of all rows that are selected, as one step."""
        environment, changed = self._document.environment, 0
        for item in items:
            if column == WANTED and item is not edited and has_address(item):
                continue
            try:
                new = self._typed(item, column, text)
            except InvalidInput:
                # It is right for the cell in which it was typed; what cannot have it stays as it is.
                continue
            self._forget(item, column)
            self._carry_over(item, new)
            environment = with_replaced(environment, item, new)
            changed += 1
        self._document.edit(f"Change {edited.name}" if changed == 1 else f"Change {changed} packages", environment)
        self._all_changed()
        return True

    def _typed(self, item: Requirement, column: int, text: str) -> Requirement:
        """Return the requirement that a cell's new text means. Raises `InvalidInput`."""
        if column == WANTED:
            return with_wanted(item, text)
        if column == SOURCE:
            return with_source(item, text, self._document.environment.python.channels)
        return renamed(item, text)


def _is_from(url: str, channel: str) -> bool:
    """Return whether a package's address lies in a channel that is given by its name or its address."""
    url_part = channel.rstrip("/")
    return url.startswith(f"{url_part}/") if "://" in url_part else f"/{url_part}/" in url


def _key(item: Requirement, column: int) -> str:
    """Name a cell in what is kept between sessions; requirements of one name have other markers."""
    marker = f"/{item.marker}" if isinstance(item, PipRequirement) and item.marker else ""
    return f"packages/{manager_of(item)}/{item.name}/{column}{marker}"


def _rows(environment: Environment) -> Sequence[Requirement]:
    return (*environment.python.conda, *environment.python.pip)
