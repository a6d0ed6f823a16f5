"""A form of text fields. What a field cannot mean stays in it, marked with the reason, and outlives the tab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from envstudio.domain.environment import Environment
from envstudio.errors import InvalidInput
from envstudio.gui.editor.problems_panel import ProblemsPanel
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.field_undo import TAKEN_AS_TYPED
from envstudio.gui.widgets.form_heading import add_form_heading
from envstudio.gui.widgets.text_field import TextField


@dataclass(frozen=True, slots=True)
class FieldOf:
    """How a field is read from an environment, and how its text changes it. `put` raises `InvalidInput`."""

    field: TextField
    title: str
    get: Callable[[Environment], str]
    put: Callable[[Environment, str], Environment]


class FormPage(Page):
    """Fields in rows under headings; a subclass adds its own with `add_field`."""

    def __init__(
        self, session: Session, document: Document, prefixes: tuple[str, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(session, document, parent)
        self._fields: dict[str, FieldOf] = {}
        self._editing = ""
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(24)
        self.form.setVerticalSpacing(12)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        content = QFrame()
        content.setProperty("surface", "base")
        content.setEnabled(not document.read_only)
        box = QVBoxLayout(content)
        box.setContentsMargins(16, 4, 16, 16)
        box.addLayout(self.form)
        box.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        # Its fields are the stops of Tab, and the view follows them.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        self.problems = ProblemsPanel(document, *prefixes)
        self.problems.setProperty("line", "top")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.problems)
        document.environment_changed.connect(self._on_document_environment_changed)

    def add_heading(self, text: str, note: str = "") -> None:
        """Add the title of a group, and a sentence about it."""
        add_form_heading(self.form, text, note)

    def add_field(self, key: str, label: str, how: FieldOf) -> None:
        """Add a field; `key` names its place in what is kept."""
        self._fields[key] = how
        self.form.addRow(label, how.field)
        how.field.typed.connect(partial(self._take, key))
        how.field.edit.setProperty(TAKEN_AS_TYPED, True)

    def load(self) -> None:
        """Show the value, and what was typed and not understood."""
        for key, how in self._fields.items():
            if key == self._editing:
                continue
            kept = self.document.invalid_inputs.get(key)
            how.field.set_text(how.get(self.document.environment) if kept is None else kept)
            if kept is not None:
                try:
                    how.put(self.document.environment, kept)
                except InvalidInput as error:
                    how.field.refuse(message_of(error))
            else:
                how.field.refuse("")

    def _take(self, key: str, text: str) -> None:
        how = self._fields[key]
        try:
            environment = how.put(self.document.environment, text)
        except InvalidInput as error:
            self.document.keep(key, text)
            how.field.refuse(message_of(error))
            return
        self.document.keep(key, None)
        how.field.refuse("")
        self._editing = key
        self.document.edit(how.title, environment, merge=key)
        self._editing = ""

    def _on_document_environment_changed(self, old: Environment, new: Environment) -> None:
        for key, how in self._fields.items():
            # What was typed for a value is of no use once that has become another, by undo or in the source.
            if key in self.document.invalid_inputs and how.get(old) != how.get(new):
                self.document.keep(key, None)
        self.load()

    def apply_theme(self) -> None:
        self.problems.model.colors = self.colors()
        for how in self._fields.values():
            how.field.edit.setFont(theme.monospace(self))
