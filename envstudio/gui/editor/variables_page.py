"""The page of environment variables."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QStyleOptionViewItem, QVBoxLayout, QWidget

from envstudio.credentials import secret_entry
from envstudio.domain.amounts import amount_text
from envstudio.domain.environment import Variable
from envstudio.domain.problem import Problem
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.formats.dotenv import entries, parse_entry
from envstudio.gui.editor.problems_panel import Offer, ProblemsPanel
from envstudio.gui.editor.secrets_command import SecretsCommand, Values
from envstudio.gui.editor.variables_model import (
    FIRST_APPLIES,
    LINE_ROLE,
    PROBLEM,
    SECRET_ROLE,
    VALUE,
    VariablesModel,
)
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.add_line import AddLine
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.table import CellDelegate, Table
from envstudio.report import Report

EMPTY = "No variables yet. Type NAME=value below, or paste a .env file."
REVEALED_MILLISECONDS = 30_000


class ValueDelegate(CellDelegate):
    """Types a secret behind dots."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit) and index.data(SECRET_ROLE):
            editor.setEchoMode(QLineEdit.EchoMode.Password)
            editor.setPlaceholderText("new secret value")
        return editor


class VariablesPage(Page):
    """The table and the line to add with. Values of secrets go to the keyring and come from it, in jobs."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.model = VariablesModel(document, self)
        self.table = Table("Variables")
        self.table.empty_text = EMPTY
        self.table.copy_role = LINE_ROLE
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(VALUE, ValueDelegate(self.table))
        self.table.set_widths(264, 304, 64, *([56] * (PROBLEM - FIRST_APPLIES)))
        session.state.watch_header("variables", self.table.horizontalHeader())
        self.model.secret_wanted.connect(self._on_model_secret_wanted)
        self.model.secret_typed.connect(self._on_model_secret_typed)
        self.count = Label()
        self.count.setProperty("tone", "muted")
        self.reveal = QPushButton("Reveal secrets")
        self.reveal.setCheckable(True)
        self.reveal.setProperty("small", True)
        self.reveal.toggled.connect(self._on_reveal_toggled)
        self._hide_timer = QTimer(self, interval=REVEALED_MILLISECONDS, singleShot=True)
        self._hide_timer.timeout.connect(self._on_hide_timer_timeout)
        head = make_row(8, (16, 8, 8, 8))
        head.addWidget(self.count, 1)
        head.addWidget(self.reveal)
        self.table.remove_requested.connect(self._on_table_remove_requested)
        self.table.paste_requested.connect(self._on_add_line_submitted)
        self.add_line = AddLine("Add a variable", "Type a variable: NAME=value   (paste a whole .env)")
        self.add_line.submitted.connect(self._on_add_line_submitted)
        self.setAcceptDrops(not document.read_only)
        self.add_line.setProperty("line", "top")
        self.add_line.setVisible(not document.read_only)
        self.problems = ProblemsPanel(document, "variables")
        self.problems.setProperty("line", "top")
        self.problems.offer("secret-value", self._secret_offer)
        self.problems.location_activated.connect(self._on_problems_location_activated)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.add_line)
        layout.addWidget(self.problems)
        document.environment_changed.connect(self._on_document_environment_changed)
        self._show_counts()
        self.setFocusProxy(self.table)
        self.follow_theme()

    def apply_theme(self) -> None:
        self.model.colors = self.problems.model.colors = self.colors()
        self.model.monospace = theme.monospace(self.table)
        self.table.viewport().update()

    def _show_counts(self) -> None:
        variables = self.document.environment.variables
        secrets = sum(bool(item.secret) for item in variables)
        parts = [amount_text(len(variables), "variable")]
        parts += [amount_text(secrets, "secret")] if secrets else []
        self.count.setText(" · ".join(parts))
        self.reveal.setVisible(bool(secrets))

    def _on_document_environment_changed(self, old: object, new: object) -> None:
        self._show_counts()

    # Secrets

    @Slot(object, bool)
    def _on_model_secret_wanted(self, variable: Variable, wanted: bool) -> None:
        from envstudio.tasks.secrets import keep_new_secret, read_secret

        failed = partial(self._on_secret_failed, variable)
        if wanted:
            # Variables of one name in two environments are two secrets.
            name = f"{self.document.environment.name}.{variable.name}"
            title, kept = f"Store the secret {name}", partial(self._on_secret_kept, variable)
            self.session.jobs.run(
                title,
                keep_new_secret,
                self.session.library,
                self.document.environment.name,
                name,
                variable.value,
                on_done=kept,
                on_failed=failed,
            )
        else:
            title, read = f"Read the secret {variable.secret}", partial(self._on_secret_taken_back, variable)
            workspace = self.session.library.workspace
            self.session.jobs.run(title, read_secret, workspace, variable.secret, on_done=read, on_failed=failed)

    def _secret_offer(self, problem: Problem) -> Offer | None:
        variables = self.document.environment.variables
        found = next((item for item in variables if problem.where == f"variables.{item.name}"), None)
        return ("Make it a secret", partial(self._on_model_secret_wanted, found, True)) if found else None

    @Slot(str)
    def _on_problems_location_activated(self, location: str) -> None:
        names = [f"variables.{item.name}" for item in self.document.environment.variables]
        if location in names:
            self.table.selectRow(names.index(location))
            self.table.setFocus()

    def _on_secret_kept(self, variable: Variable, name: str) -> None:
        """The keyring has the value; whether the definition still has the variable is seen now."""
        self._hide_secrets(variable)
        if variable in self.document.environment.variables:
            new = replace(variable, secret=name, value="")
            self.document.edit(f"Make {variable.name} a secret", self.document.environment.with_variable(new))

    @Slot(object, str)
    def _on_model_secret_typed(self, variable: Variable, value: str) -> None:
        entry = secret_entry(self.session.library.workspace, variable.secret)
        self._store(f"Change the secret {variable.name}", {entry: value}, variable)

    def _store(self, title: str, values: Values, variable: Variable, plain: tuple[Variable, ...] = ()) -> None:
        """Put other values of secrets into the keyring, and then what came with them into the definition."""
        from envstudio.tasks.secrets import replace_own_secrets

        self.session.jobs.run(
            title,
            replace_own_secrets,
            self.session.library,
            self.document.environment.name,
            values,
            on_done=partial(self._on_stored, title, values, variable, plain),
            on_failed=partial(self._on_secret_failed, variable),
        )

    def _on_stored(
        self, title: str, values: Values, variable: Variable, plain: tuple[Variable, ...], before: Values
    ) -> None:
        self._hide_secrets(variable)
        stack = self.document.undo_stack
        stack.beginMacro(title)
        stack.push(SecretsCommand(title, self.session.jobs, before, values))
        self._put(title, plain)
        stack.endMacro()

    def _put(self, title: str, variables: tuple[Variable, ...]) -> None:
        environment = self.document.environment
        for variable in variables:
            environment = environment.with_variable(variable)
        self.document.edit(title, environment)

    def _hide_secrets(self, variable: Variable) -> None:
        self.model.refuse(variable.name, "")
        self.model.reveal({})
        self.reveal.setChecked(False)

    def _on_secret_taken_back(self, variable: Variable, value: str) -> None:
        self.model.refuse(variable.name, "")
        if variable in self.document.environment.variables:
            new = replace(variable, secret="", value=value)
            self.document.edit(f"Make {variable.name} no secret", self.document.environment.with_variable(new))

    def _on_secret_failed(self, variable: Variable, error: EnvStudioError) -> None:
        self.model.refuse(variable.name, message_of(error))

    @Slot(bool)
    def _on_reveal_toggled(self, wanted: bool) -> None:
        self.reveal.setText("Hide secrets" if wanted else "Reveal secrets")
        self._hide_timer.stop()
        if not wanted:
            self.model.reveal({})
            return
        from envstudio.tasks.secrets import read_secret

        self._hide_timer.start()
        found: dict[str, str] = {}
        for variable in self.document.environment.variables:
            if variable.secret:
                self.session.jobs.run(
                    f"Read the secret {variable.secret}",
                    read_secret,
                    self.session.library.workspace,
                    variable.secret,
                    on_done=partial(self._on_secret_read, found, variable),
                    on_failed=partial(self._on_secret_failed, variable),
                )

    def _on_secret_read(self, found: dict[str, str], variable: Variable, value: str) -> None:
        found[variable.secret] = value
        if self.reveal.isChecked():
            self.model.refuse(variable.name, "")
            self.model.reveal(dict(found))

    @Slot()
    def _on_hide_timer_timeout(self) -> None:
        self.reveal.setChecked(False)

    def hideEvent(self, event: QHideEvent) -> None:
        self.reveal.setChecked(False)
        super().hideEvent(event)

    # Rows

    @Slot(str)
    def _on_add_line_submitted(self, text: str) -> None:
        if self.document.read_only or not text.strip():
            return
        there = {variable.name: variable for variable in self.document.environment.variables}
        found: dict[str, Variable] = {}
        refused: list[tuple[str, str]] = []
        for entry in entries(text):
            try:
                variable = parse_entry(entry)
            except InvalidInput as error:
                refused.append((entry, message_of(error)))
                continue
            known = there.get(variable.name)
            found[variable.name] = replace(known, value=variable.value) if known else variable
        workspace = self.session.library.workspace
        kept = [item for item in found.values() if item.secret and item.value]
        secrets = {secret_entry(workspace, item.secret): item.value for item in kept}
        plain = tuple(item for item in found.values() if not item.secret)
        title = f"Add {next(iter(found))}" if len(found) == 1 else f"Add {len(found)} variables"
        if secrets:
            # What is a secret stays one: its new value goes to the keyring.
            self._store(title, secrets, there[kept[0].name], plain)
        elif plain:
            self._put(title, plain)
        if refused:
            self.add_line.refuse_several(refused)
        else:
            self.add_line.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        for path in paths:
            self.session.jobs.run(f"Read {path.name}", read_lines, path, on_done=self._on_add_line_submitted)
        if not paths:
            self._on_add_line_submitted(event.mimeData().text())

    @Slot()
    def _on_table_remove_requested(self) -> None:
        names = [self.model.variable(row).name for row in self.table.selected_rows()]
        environment = self.document.environment
        for name in names:
            environment = environment.without_variable(name)
        if names:
            self.document.edit(f"Remove {names[0] if len(names) == 1 else f'{len(names)} variables'}", environment)


def read_lines(path: Path, *, report: Report) -> str:
    """Return the text of a `.env` file, as a job. Raises `InvalidInput`."""
    report.raise_if_cancelled()
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read.", "Drop a text file with lines of NAME=value.", str(error)
        ) from error
