"""The page Runs: a command is run in the environment here, and what was run before can be run again."""

from __future__ import annotations

import shlex
from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from envstudio.domain.change import Aspect, LibraryChange
from envstudio.errors import EnvStudioError
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.runs.run_form import RunForm
from envstudio.gui.runs.runs_model import RunsModel
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.table import Table
from envstudio.library import RunRecord

NONE_YET = "Nothing was run yet. Type a command above; its output comes to the console."
CURATED = "This environment is read-only. Duplicate it to run something in it."


class RunsPage(Page):
    """Its form requests runs; its table has what was run."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.form = RunForm(session, document.name)
        self.form.setEnabled(not document.read_only)
        self.form.accepted.connect(self.run_requested)
        self.banner = Banner()
        self.model = RunsModel(self)
        self.table = Table("Runs")
        self.table.setModel(self.model)
        self.table.set_widths(56, 304, 120, 64, 104, 72)
        self.table.empty_text = CURATED if document.read_only else NONE_YET
        self.table.row_activated.connect(self._on_table_row_activated)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_table_menu_requested)
        self.table.setToolTip("Enter or double-click puts a command above, to run it again")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.form)
        layout.addWidget(self.banner)
        layout.addWidget(self.table, 1)
        self.setFocusProxy(self.form)
        session.library_changed.connect(self._on_session_library_changed)
        document.renamed.connect(self._on_document_renamed)
        self.follow_theme()
        self.reload()

    def apply_theme(self) -> None:
        self.model.colors = self.colors()
        self.model.monospace = theme.monospace(self.table)
        self.form.apply_theme()

    def reload(self) -> None:
        """Read the runs again."""
        if not self.document.read_only:
            self.model.take_rows(self.session.library.runs.list(self.document.environment.name))

    def show_failure(self, error: EnvStudioError) -> None:
        """Say how a run ended that did not end well."""
        self.banner.say("error", message_of(error))

    def again(self, record: RunRecord) -> None:
        """Put a command into the form, to be looked at and run."""
        self.form.put(shlex.join(record.command), record.target)
        self.form.command.setFocus()

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        if change.touches(self.document.environment.name, Aspect.RUNS):
            self.reload()

    @Slot(str, str)
    def _on_document_renamed(self, _old: str, new: str) -> None:
        self.form.follow(new)

    @Slot(QModelIndex)
    def _on_table_row_activated(self, index: QModelIndex) -> None:
        self.again(self.model.rows[index.row()])

    @Slot(QPoint)
    def _on_table_menu_requested(self, position: QPoint) -> None:
        index = self.table.indexAt(position)
        if not index.isValid():
            return
        record = self.model.rows[index.row()]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Run again…", partial(self.again, record))
        menu.addAction("Copy the command", partial(QGuiApplication.clipboard().setText, shlex.join(record.command)))
        menu.popup(self.table.viewport().mapToGlobal(position))
