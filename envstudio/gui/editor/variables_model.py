"""The variables of a document as a table: name, value, secret, and a box for each occasion on which they are set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont

from envstudio.domain.environment import Applies, Environment, Variable
from envstudio.errors import InvalidInput
from envstudio.formats.dotenv import entry_of
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows_model import Index, RowsModel

NAME, VALUE, SECRET, FIRST_APPLIES = range(4)
STAGES = tuple(Applies)
PROBLEM = FIRST_APPLIES + len(STAGES)
TITLES = ("Name", "Value", "Secret", *(str(stage).capitalize() for stage in STAGES), "Problem")
LINE_ROLE = int(Qt.ItemDataRole.UserRole)
SECRET_ROLE = LINE_ROLE + 1
DOTS = "••••••••"


class VariablesModel(RowsModel):
    """Rows are the variables themselves. A refused name stays in its cell, marked.

    Values of secrets are not here: `secret_wanted` and `secret_typed` request them to be moved to the keyring.
    """

    titles = TITLES

    secret_wanted = Signal(object, bool)
    secret_typed = Signal(object, str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._invalid: dict[str, tuple[str, str]] = {}
        self._refused: dict[str, str] = {}
        self._revealed: dict[str, str] = {}
        self.rows: Sequence[Variable] = document.environment.variables
        self.colors = theme.LIGHT
        self.monospace = QFont()
        document.environment_changed.connect(self._on_document_environment_changed)
        self._read_unfinished()

    def _read_unfinished(self) -> None:
        """Mark again what was typed and not understood when the page was last open."""
        for variable in self.rows:
            text = self._document.invalid_inputs.get(_key(variable))
            if text is not None:
                try:
                    self._typed(variable, NAME, text)
                except InvalidInput as error:
                    self._invalid[variable.name] = (text, message_of(error))

    def refuse(self, name: str, reason: str) -> None:
        """Say beside a variable why its secret could not be kept or read; an empty reason takes that back."""
        self._refused.pop(name, None)
        if reason:
            self._refused[name] = reason
        self._all_changed()

    def reveal(self, values: dict[str, str]) -> None:
        """Show these secrets, by their names in the keyring, instead of dots."""
        self._revealed = values
        self._all_changed()

    def _all_changed(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(TITLES) - 1))

    def variable(self, row: int) -> Variable:
        """Return the variable of a row."""
        return self.rows[row]

    def _on_document_environment_changed(self, old: Environment, new: Environment) -> None:
        self.take_rows(new.variables)
        names = {variable.name for variable in new.variables}
        for variable in old.variables if self._invalid else ():
            if variable.name in self._invalid and variable.name not in names:
                # Gone by undo or in the source; one that comes back has the name that it has.
                self._invalid.pop(variable.name)
                self._document.keep(_key(variable), None)
        self._all_changed()

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self._document.read_only or index.column() == PROBLEM:
            return flags
        if index.column() >= SECRET:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        variable, column = self.rows[index.row()], index.column()
        invalid = self._invalid.get(variable.name)
        if role == Qt.ItemDataRole.EditRole and column == VALUE and variable.secret:
            return self._revealed.get(variable.secret, "")
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.EditRole:
            return self._text(variable, column)
        if role == SECRET_ROLE:
            return bool(variable.secret)
        if role == Qt.ItemDataRole.CheckStateRole and column == SECRET:
            return Qt.CheckState.Checked if variable.secret else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.CheckStateRole and FIRST_APPLIES <= column < PROBLEM:
            there = STAGES[column - FIRST_APPLIES] in variable.applies
            return Qt.CheckState.Checked if there else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.FontRole and column <= VALUE:
            return self.monospace
        if role == Qt.ItemDataRole.ForegroundRole:
            if (invalid and column in (NAME, PROBLEM)) or (column == PROBLEM and variable.name in self._refused):
                return QColor(self.colors.removed)
            if column == PROBLEM:
                return QColor(self.colors.changed)
            hidden = column == VALUE and variable.secret and variable.secret not in self._revealed
            return QColor(self.colors.muted) if hidden else None
        if role == Qt.ItemDataRole.DecorationRole and column == PROBLEM and self._text(variable, PROBLEM):
            bad = invalid or variable.name in self._refused
            return theme.icon(*(("error", self.colors.removed) if bad else ("warning", self.colors.changed)))
        if role == Qt.ItemDataRole.ToolTipRole and column == SECRET:
            return plain_tip(
                f"Kept in the keyring as {variable.secret}" if variable.secret else "Keep the value in the keyring"
            )
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._text(variable, column) or None)
        if role == LINE_ROLE:
            return entry_of(variable)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == SECRET:
            return "secret" if variable.secret else "not secret"
        if role == Qt.ItemDataRole.AccessibleTextRole and FIRST_APPLIES <= column < PROBLEM:
            stage = STAGES[column - FIRST_APPLIES]
            return f"{stage}: {'set' if stage in variable.applies else 'not set'}"
        return None

    def _text(self, variable: Variable, column: int) -> str:
        invalid = self._invalid.get(variable.name)
        if column == NAME:
            return invalid[0] if invalid else variable.name
        if column == VALUE:
            return self._revealed.get(variable.secret, DOTS) if variable.secret else variable.value
        if column == PROBLEM:
            if invalid or variable.name in self._refused:
                return invalid[1] if invalid else self._refused[variable.name]
            location = f"variables.{variable.name}"
            return next((problem.message for problem in self._document.problems() if problem.where == location), "")
        return ""

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if self._document.read_only:
            return False
        variable, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column >= FIRST_APPLIES:
            return self._set_applies(variable, STAGES[column - FIRST_APPLIES], Qt.CheckState(value))
        if role == Qt.ItemDataRole.CheckStateRole and column == SECRET:
            self.secret_wanted.emit(variable, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role != Qt.ItemDataRole.EditRole:
            return False
        if column == VALUE and variable.secret:
            # Leaving the cell untouched must not store an empty secret.
            if str(value) and str(value) != self._revealed.get(variable.secret):
                self.secret_typed.emit(variable, str(value))
            return True
        try:
            new = self._typed(variable, column, str(value))
        except InvalidInput as error:
            self._invalid[variable.name] = (str(value), message_of(error))
            self._document.keep(_key(variable), str(value))
            self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), PROBLEM))
            return False
        self._invalid.pop(variable.name, None)
        self._document.keep(_key(variable), None)
        self._put(variable, new, f"Change {variable.name}", f"variable.{new.name}.{column}")
        return True

    def _typed(self, variable: Variable, column: int, text: str) -> Variable:
        """Return the variable that a cell's new text means. Raises `InvalidInput`."""
        if column == NAME:
            taken = any(other.name == text.strip() for other in self.rows if other is not variable)
            if taken:
                raise InvalidInput(f"A variable named '{text.strip()}' already exists.", "Choose another name.")
            return replace(variable, name=text.strip())
        return replace(variable, value=text)

    def _set_applies(self, variable: Variable, stage: Applies, state: Qt.CheckState) -> bool:
        kept = tuple(item for item in variable.applies if item is not stage)
        applies = (*kept, stage) if state == Qt.CheckState.Checked else kept
        self._put(variable, replace(variable, applies=applies), f"Change when {variable.name} is set", "")
        return True

    def _put(self, old: Variable, new: Variable, text: str, merge: str) -> None:
        rows = tuple(new if item is old else item for item in self.rows)
        self._document.edit(text, replace(self._document.environment, variables=rows), merge=merge)


def _key(variable: Variable) -> str:
    return f"variables/{variable.name}"
