"""The box that shows what files and folders hold before it is registered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QSplitter, QVBoxLayout, QWidget

from envstudio.domain.problem import Severity, counted
from envstudio.domain.reference import checked_name
from envstudio.errors import InvalidInput
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.widgets.label import Label, plain_tip
from envstudio.gui.widgets.rows_model import Index, RowsModel
from envstudio.gui.widgets.table import Table
from envstudio.tasks.import_preview import NEW_VERSION, PreviewedFile
from envstudio.tasks.import_several import ToImport

TAKE, FILE, FORMAT, HOLDS, LOOK = range(5)
RENAME = "Double-click, or press F2, to give it another name. An existing name makes it a new version of that one."
TITLES = ("Import as", "File", "Format", "Holds", "Needs attention")


class FoundModel(RowsModel):
    """Rows are files; those that can be read have a box."""

    titles = TITLES
    refused = Signal(str)

    def __init__(
        self, found: tuple[PreviewedFile, ...], exists: Callable[[str], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.rows = found
        self.names: dict[int, str] = {}
        """The names that were typed, by row, and below whether an environment has each."""
        self._taken: dict[int, bool] = {}
        self._exists = exists
        self.chosen = {number for number, item in enumerate(found) if not item.error}
        self.colors = theme.LIGHT

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == TAKE and not self.rows[index.row()].error:
            flags |= Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._taken_as(index.row()) if column == TAKE else _text(item, column)
        if role == Qt.ItemDataRole.EditRole and column == TAKE:
            return self.name_of(index.row())
        if role == Qt.ItemDataRole.CheckStateRole and column == TAKE and not item.error:
            return Qt.CheckState.Checked if index.row() in self.chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column == LOOK and _text(item, LOOK):
            return theme.icon(*self._sign(item))
        if role == Qt.ItemDataRole.ForegroundRole and column == LOOK:
            return QColor(self._sign(item)[1])
        if role == Qt.ItemDataRole.ToolTipRole:
            tips = {FILE: str(item.path), TAKE: "" if item.error else RENAME}
            return plain_tip(tips.get(column) or details(item))
        return None

    def _sign(self, item: PreviewedFile) -> tuple[str, str]:
        """Return the icon and the colour of the worst that is reported about a file."""
        problems = {problem.severity for problem in (*item.problems, *item.checks)}
        if item.error or Severity.ERROR in problems:
            return "error", self.colors.removed
        return ("warning", self.colors.changed) if Severity.WARNING in problems else ("info", self.colors.muted)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if index.column() != TAKE:
            return False
        if role == Qt.ItemDataRole.EditRole:
            try:
                name = checked_name(str(value).strip())
            except InvalidInput as error:
                self.refused.emit(message_of(error))
                return False
            self.names[index.row()], self._taken[index.row()] = name, self._exists(name)
            self.chosen.add(index.row())
        elif role != Qt.ItemDataRole.CheckStateRole:
            return False
        elif Qt.CheckState(value) == Qt.CheckState.Checked:
            self.chosen.add(index.row())
        else:
            self.chosen.discard(index.row())
        # Whether a later file of its name makes a new version depends on it.
        self.dataChanged.emit(self.index(0, TAKE), self.index(len(self.rows) - 1, TAKE))
        return True

    def name_of(self, row: int) -> str:
        """Return the name that a file's environment gets."""
        return self.names.get(row) or str(self.rows[row].name)

    def wanted(self) -> list[ToImport]:
        """Return what is to be imported, as it is shown."""
        return [
            ToImport(self.rows[row].path, self.name_of(row), self.rows[row].environment) for row in sorted(self.chosen)
        ]

    def _taken_as(self, row: int) -> str:
        """Return what a file becomes; files of one name that are imported together become versions of each other."""
        name = self.name_of(row)
        if not name:
            return "cannot be read"
        earlier = any(self.name_of(other) == name for other in self.chosen if other < row)
        becomes = self.rows[row].becomes
        if earlier or (row in self.names and name != self.rows[row].name):
            becomes = NEW_VERSION if earlier or self._taken[row] else ""
        return f"{name}  ({becomes})" if becomes else name


def _text(item: PreviewedFile, column: int) -> str:
    if column == LOOK:
        return message_of(item.error) if item.error else counted((*item.problems, *item.checks))
    return {FILE: f"{item.path.parent.name}/{item.path.name}", FORMAT: item.format, HOLDS: item.holds}[column]


def details(item: PreviewedFile) -> str:
    """Return all that needs a look in a file, a line each."""
    problems = (*item.problems, *item.checks)
    return (
        message_of(item.error)
        if item.error
        else "\n".join(f"• {problem.message} {problem.advice}".rstrip() for problem in problems)
    )


class _FoundTable(Table):
    """Leaves Return to the dialog: it imports. F2 and a double click edit a name."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)


class ImportPreview(QDialog):
    """Emits `chosen` with a `ToImport` for each when the user agrees. A name can be typed over before that."""

    chosen = Signal(list)

    def __init__(self, found: tuple[PreviewedFile, ...], exists: Callable[[str], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Import")
        self.resize(1000, 520)
        readable, all_files = sum(not item.error for item in found), sum(item.rest or 1 for item in found)
        title = Label(f"{readable} of {all_files} files can be imported" if len(found) != 1 else found[0].path.name)
        title.setFont(theme.title_font(self))
        self.model = FoundModel(found, exists, self)
        self.model.colors = theme.colors(self.palette())
        self.table = _FoundTable("What was found")
        self.table.setModel(self.model)
        self.table.set_widths(216, 184, 160, 184)
        self.table.selectionModel().currentRowChanged.connect(self._on_table_current_row_changed)
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setProperty("field", True)
        self.details.setAccessibleName("What needs attention")
        self.details.setPlaceholderText("Nothing would be lost.")
        # Its text wraps, but Qt shows the bar that it needed before it had its width.
        self.details.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        sides = QSplitter(Qt.Orientation.Vertical, handleWidth=1, childrenCollapsible=False)
        sides.addWidget(self.table)
        sides.addWidget(self.details)
        sides.setSizes([300, 110])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.take = buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self.take.setProperty("primary", True)
        self.take.setDefault(True)
        buttons.accepted.connect(self._on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        self.model.dataChanged.connect(self._on_model_data_changed)
        self.model.refused.connect(self.details.setPlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (title, sides, buttons):
            layout.addWidget(widget)
        self.table.selectRow(next((row for row, item in enumerate(found) if details(item)), 0))
        self._on_model_data_changed()

    @Slot(QModelIndex, QModelIndex)
    def _on_table_current_row_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.details.setPlainText(details(self.model.rows[index.row()]))

    @Slot()
    def _on_model_data_changed(self) -> None:
        count = len(self.model.chosen)
        self.take.setText(f"Import {count}" if count > 1 else "Import")
        self.take.setEnabled(bool(count))

    @Slot()
    def _on_buttons_accepted(self) -> None:
        self.chosen.emit(self.model.wanted())
        self.accept()
