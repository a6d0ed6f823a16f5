"""The page of environment variables."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from envstudio.errors import InvalidInput
from envstudio.gui import theme
from envstudio.gui.document import Document
from envstudio.gui.editor.page import Page
from envstudio.gui.editor.problems_panel import ProblemsPanel
from envstudio.gui.editor.variables_model import FIRST_APPLIES, LINE_ROLE, PROBLEM, VariablesModel, parse_variables
from envstudio.gui.session import Session
from envstudio.gui.widgets.add_line import AddLine
from envstudio.gui.widgets.table import Table

EMPTY = "No variables yet. Type NAME=value below, or paste a .env file."


class VariablesPage(Page):
    """The table and the line to add with."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.model = VariablesModel(document, self)
        self.table = Table("Variables")
        self.table.empty_text = EMPTY
        self.table.copy_role = LINE_ROLE
        self.table.setModel(self.model)
        self.table.set_widths(264, 280, 160, *([56] * (PROBLEM - FIRST_APPLIES)))
        self.table.remove_requested.connect(self._on_table_remove_requested)
        self.table.paste_requested.connect(self._on_add_line_submitted)
        self.add_line = AddLine("Add a variable", "Type a variable: NAME=value   (paste a whole .env)")
        self.add_line.submitted.connect(self._on_add_line_submitted)
        self.add_line.setProperty("line", "top")
        self.add_line.setVisible(not document.read_only)
        self.problems = ProblemsPanel(document, "variables")
        self.problems.setProperty("line", "top")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.add_line)
        layout.addWidget(self.problems)
        self.setFocusProxy(self.table)
        self.tint()

    def tint(self) -> None:
        if hasattr(self, "problems"):
            self.model.colors = self.problems.model.colors = self.colors()
            self.model.monospace = theme.monospace(self.table)
            self.table.viewport().update()

    @Slot(str)
    def _on_add_line_submitted(self, text: str) -> None:
        if self.document.read_only or not text.strip():
            return
        try:
            variables = parse_variables(text)
        except InvalidInput as error:
            self.add_line.refuse(text.replace("\n", " "), f"{error.summary} {error.advice}")
            return
        environment = self.document.environment
        for variable in variables:
            environment = environment.with_variable(variable)
        what = variables[0].name if len(variables) == 1 else f"{len(variables)} variables"
        self.document.edit(f"Add {what}", environment)
        self.add_line.accept()

    @Slot()
    def _on_table_remove_requested(self) -> None:
        names = [self.model.variable(row).name for row in self.table.selected_rows()]
        environment = self.document.environment
        for name in names:
            environment = environment.without_variable(name)
        if names:
            self.document.edit(f"Remove {names[0] if len(names) == 1 else f'{len(names)} variables'}", environment)
