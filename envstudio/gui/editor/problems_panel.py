"""What `check` found, under the form: one line each, with a button if it can be fixed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QPushButton, QVBoxLayout, QWidget

from envstudio.domain.amounts import amount_text
from envstudio.domain.problem import Fix, Problem, Severity
from envstudio.gui.look import theme
from envstudio.gui.model.document import Document
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import Label, plain_tip
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.rows_model import Index, RowsModel
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.gui.widgets.table import Table

MAX_ROWS_SHOWN = 4
ICONS = {
    Severity.ERROR: ("error", "removed"),
    Severity.WARNING: ("warning", "changed"),
    Severity.INFO: ("info", "muted"),
}
WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "hint"}
BUTTON_MARGINS = (0, 2, 8, 2)
CELL_PADDING = 4
"""What the stylesheet leaves free at either side within a cell."""


Offer = tuple[str, Callable[[], object]]
"""A button's text, and what it does: a mending that only the window can do."""


class ProblemsModel(RowsModel):
    """Problems: what is wrong, what to do, and room for the button."""

    titles = ("Problem", "Advice", "Fix")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Problem, ...] = ()
        self.colors = theme.LIGHT

    def load(self, problems: tuple[Problem, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = problems
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        problem = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (problem.message, problem.advice, "")[index.column()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            name, color = ICONS[problem.severity]
            return theme.icon(name, getattr(self.colors, color))
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1:
            return QColor(self.colors.muted)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{problem.message}\n{problem.advice}".strip())
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return f"{WORDS[problem.severity]}: {problem.message}"
        return None


class ProblemsPanel(QFrame):
    """Hidden while there is nothing to say. Hints (the mildest findings) are folded at first."""

    location_activated = Signal(str)

    def __init__(self, document: Document, *prefixes: str, parent: QWidget | None = None) -> None:
        """Show the problems whose place begins with one of `prefixes`; all of them where none is given."""
        super().__init__(parent)
        self._document = document
        self._prefixes = prefixes
        self.offers: dict[str, Callable[[Problem], Offer | None]] = {}
        self._offered: list[Offer | None] = []
        self._hints_shown = False
        self.setProperty("surface", "window")
        self.summary = Label(self)
        self.summary.setAccessibleName("Problems")
        self.hints = IconButton("chevron-right", "Show hints", self)
        self.hints.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.hints.clicked.connect(self._on_hints_clicked)
        head = make_row(8, (12, 4, 8, 4))
        head.addWidget(self.summary)
        head.addWidget(self.hints)
        head.addStretch(1)

        self.model = ProblemsModel(self)
        self.fix_buttons: list[QPushButton] = []

        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(0)
        self.box.addLayout(head)
        document.facts_changed.connect(self._on_document_facts_changed)
        self._on_document_facts_changed()

    @cached_property
    def table(self) -> Table:
        """The problems that are not folded; made with the first one, as most definitions have none."""
        table = Table("Problems", self)
        table.setModel(self.model)
        header = table.horizontalHeader()
        header.hide()
        header.setStretchLastSection(False)
        for column, mode in ((0, "ResizeToContents"), (1, "Stretch"), (2, "Fixed")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode[mode])
        table.row_activated.connect(self._on_table_row_activated)
        self.box.addWidget(table)
        return table

    @Slot()
    def _on_document_facts_changed(self) -> None:
        found = self._document.problems()
        if self._prefixes:
            found = tuple(item for item in found if item.where.startswith(self._prefixes))
        hints = sum(problem.severity is Severity.INFO for problem in found)
        shown = found if self._hints_shown else tuple(item for item in found if item.severity is not Severity.INFO)
        self.setVisible(bool(found))
        self.summary.setText(_summary(found))
        self.hints.setVisible(bool(hints))
        self.hints.set_icon("chevron-down" if self._hints_shown else "chevron-right")
        self.hints.setText(_count(hints, "hint"))
        self.summary.setVisible(bool(self.summary.text()))
        if shown == self.model.rows == ():
            return
        offered = [self._offer(problem) for problem in shown]
        if shown != self.model.rows or _titles(offered) != _titles(self._offered):
            self._offered = offered
            self.model.load(shown)
            self._add_buttons()
        self.table.setVisible(bool(shown))
        self.table.setFixedHeight(min(len(shown), MAX_ROWS_SHOWN) * theme.ROW_HEIGHT + 4)

    def _add_buttons(self) -> None:
        self.fix_buttons = []
        for row, (problem, offer) in enumerate(zip(self.model.rows, self._offered, strict=True)):
            if offer is None:
                continue
            title, act = offer
            holder = QWidget(self.table.viewport())
            button = SmallButton(title, act, parent=holder)
            button.setAccessibleName(f"{title}: {problem.message}")
            box = QHBoxLayout(holder)
            box.setContentsMargins(*BUTTON_MARGINS)
            box.addStretch(1)
            box.addWidget(button)
            self.table.setIndexWidget(self.model.index(row, 2), holder)
            self.fix_buttons.append(button)
        self._fit_buttons()

    def _fit_buttons(self) -> None:
        """Make the last column as wide as the widest button, which is known once it has the window's style."""
        if not self.model.rows:
            return
        for button in self.fix_buttons:
            button.ensurePolished()
        taken = sum(BUTTON_MARGINS[::2]) + 2 * CELL_PADDING
        widths = [button.sizeHint().width() + taken for button in self.fix_buttons]
        self.table.setColumnWidth(2, max(widths, default=0))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_buttons()

    def _offer(self, problem: Problem) -> Offer | None:
        """Return what fixes a problem: the check's own fix, or what the page knows."""
        if self._document.read_only:
            return None
        if problem.fix is not None:
            return problem.fix.title, partial(self._fix, problem.fix)
        made = self.offers.get(problem.code)
        return made(problem) if made is not None else None

    def _fix(self, fix: Fix) -> None:
        self._document.edit(fix.title, fix.apply(self._document.environment))

    def offer(self, code: str, made: Callable[[Problem], Offer | None]) -> None:
        """Give problems of a code a button of the page's own."""
        self.offers[code] = made
        self._on_document_facts_changed()

    @Slot()
    def _on_hints_clicked(self) -> None:
        self._hints_shown = not self._hints_shown
        self._on_document_facts_changed()

    @Slot(QModelIndex)
    def _on_table_row_activated(self, index: QModelIndex) -> None:
        self.location_activated.emit(self.model.rows[index.row()].where)


def _titles(offers: list[Offer | None]) -> list[str]:
    return [offer[0] if offer else "" for offer in offers]


def _summary(problems: tuple[Problem, ...]) -> str:
    counts = [
        (severity, sum(item.severity is severity for item in problems))
        for severity in WORDS
        if severity is not Severity.INFO
    ]
    return " · ".join(_count(number, WORDS[severity]) for severity, number in counts if number)


def _count(number: int, word: str) -> str:
    return amount_text(number, word)
