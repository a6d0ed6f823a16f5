"""The workspace browser: a filter that speaks the query language, and the list of environments."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.change import Aspect, LibraryChange
from envstudio.domain.query import Query, parse_query
from envstudio.domain.reference import checked_name
from envstudio.errors import InvalidInput, NotFound
from envstudio.gui.browser.action_bar import ActionBar
from envstudio.gui.browser.filter_completer import FilterCompleter
from envstudio.gui.browser.list import FILTER_HINT, MARGINS, BrowserList
from envstudio.gui.browser.model import CURATED_GROUP, ENVIRONMENTS, MOST_RUNS, BrowserModel
from envstudio.gui.browser.reads import BrowserReads
from envstudio.gui.jobs.job import Job
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.gui.pages.actions import Actions
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.file_drops import FileDrops
from envstudio.gui.widgets.filter_keys import FilterKeys
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_column
from envstudio.library import EnvironmentInfo, curated
from envstudio.library.environment_info import DeletedRow

READ_AT_ONCE = 20
"""How many rows are read again in the GUI thread; more are read aside."""
WORKED = Aspect.LOCKS | Aspect.IMAGES | Aspect.BUILDS
"""What long work ends with, when the window has more to bring in line; what the user does is shown at once."""
SELECT_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
BUSY_LANES = ("lock", "build")
SHOWN_ASPECTS = (
    Aspect.ENVIRONMENTS | Aspect.DRAFT | Aspect.VERSIONS | Aspect.LABELS | Aspect.LOCKS | Aspect.IMAGES | Aspect.BUILDS
)
SEARCHED_ASPECTS = Aspect.ENVIRONMENTS | Aspect.VERSIONS | Aspect.LOCKS
"""After which a search for packages and variables may find others."""


class BrowserPanel(QWidget):
    """The left part of the window. It opens nothing itself; it says what was requested."""

    open_requested = Signal(str)
    rename_requested = Signal(str, str)
    paths_dropped = Signal(list)
    selection_changed = Signal()
    curated_added = Signal()
    rows_changed = Signal()
    restore_requested = Signal(object)
    removal_requested = Signal(object)

    def __init__(
        self,
        session: Session,
        actions: Actions,
        infos: Iterable[EnvironmentInfo] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Show all environments of the library; `infos` are these if they were read already."""
        super().__init__(parent)
        self._session = session
        self._actions = actions
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        FileDrops(self, "Drop to import").dropped.connect(self.paths_dropped)

        self.filter = QLineEdit(placeholderText=FILTER_HINT, clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter environments")
        self.filter.setToolTip("Words, pkg:numpy>=2, label:prod, tag:team=vision, var:NAME")
        self.filter.textChanged.connect(self._on_filter_text_changed)
        self.reason = Label(wordWrap=True)
        self.reason.hide()
        self.reason.setProperty("tone", "error")

        self.model = BrowserModel(self)
        self.reads = BrowserReads(session, self)
        self.reads.rows_read.connect(self._refresh)
        self.reads.found.connect(self._on_reads_found)
        self.completer = FilterCompleter(session, self.filter, self.model.infos)
        self.model.rename_requested.connect(self._on_model_rename_requested)
        self.list = BrowserList(self.model)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.customContextMenuRequested.connect(self._on_list_context_menu_requested)
        self.list.activated.connect(self._on_list_activated)
        self.list.doubleClicked.connect(self._on_list_double_clicked)
        self.list.clicked.connect(self._on_list_clicked)
        self.list.fold_requested.connect(self._on_list_fold_requested)
        self.list.selectionModel().selectionChanged.connect(self.selection_changed)
        self.list.addActions([actions.of_selection("rename"), actions.of_selection("delete")])
        self.action_bar = ActionBar(actions)

        self._nothing = EmptyPage("search", "No match", "No environment matches the filter.")
        self._nothing.text.setFixedWidth(200)
        FilterKeys(self.filter, lambda: self.list)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self._nothing)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        box = make_column(4, MARGINS)
        box.addWidget(self.filter)
        box.addWidget(self.reason)
        layout.addLayout(box)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.action_bar)

        session.library_changed.connect(self._on_session_library_changed)
        session.workspace_changed.connect(self._on_session_workspace_changed)
        session.built_elsewhere_changed.connect(self._show_busy)
        session.jobs.job_added.connect(self._on_jobs_changed)
        session.jobs.job_finished.connect(self._on_jobs_changed)
        self.reload(infos)

    def reload(self, found: Iterable[EnvironmentInfo] | None = None) -> None:
        """Read the whole list again, or take over what was read already."""
        infos = list(self._session.library.environments.list(archived=True) if found is None else found)
        if infos:
            # They are folded, and reading them takes longer than all else: first what is the user's own is shown.
            QTimer.singleShot(0, self, self._add_curated)
        else:
            infos += curated.infos()
            QTimer.singleShot(0, self, self.read_deleted)
        query = self._read_filter() or Query()
        self.model.load(infos, query, None)
        if query.asks_definitions:
            self.reads.search(query)
        self.reads.forget()
        self.completer.forget()
        self.model.set_folded(CURATED_GROUP, self.model.count(ENVIRONMENTS) > 0)
        self._show_nothing()

    @Slot()
    def _add_curated(self) -> None:
        infos = curated.infos()
        self.model.refresh([info.name for info in infos], infos)
        self.read_deleted()
        self.curated_added.emit()

    def read_deleted(self) -> None:
        """Read again what was deleted."""
        # A workspace that is gone is left in a moment.
        with suppress(NotFound):
            self.model.show_deleted(self._session.library.deleted.list())

    def select(self, name: str) -> None:
        """Make an environment the current one; if it is folded or filtered away, none is selected."""
        index = self.model.index_of(name)
        if index.isValid():
            # The view's own way would take it out of the selection while Ctrl is down, as it is for a command by key.
            self.list.selectionModel().setCurrentIndex(index, SELECT_ROW)
        else:
            self.list.clearSelection()

    def _go_to(self, row: int) -> None:
        """Go to what follows an environment that is gone, or at a group's end to what was before it.

        It is not selected, so that the same key again is not about it.
        """
        rows = range(min(row, self.model.rowCount() - 1), -1, -1)
        following = next((info for at in rows if (info := self.model.info(self.model.index(at)))), None)
        if following is not None:
            index = self.model.index_of(following.name)
            self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def selected(self) -> list[EnvironmentInfo]:
        """Return the environments selected."""
        found = (self.model.info(index) for index in self.list.selectionModel().selectedRows())
        return [info for info in found if info is not None]

    def edit_name(self, name: str) -> None:
        """Begin to rename an environment in place, if it is shown for that."""
        self._reveal(name)
        index = self.model.index_of(name)
        if index.isValid():
            self.list.setFocus()
            self.list.setCurrentIndex(index)
            self.list.edit(index)

    def _reveal(self, name: str) -> None:
        """Take away what hides the row of an environment: a filter, or the fold of its group."""
        if not self.model.index_of(name).isValid():
            self.filter.clear()
            self.model.unfold(name)

    def _show_nothing(self) -> None:
        """Say so if nothing matches."""
        self.stack.setCurrentIndex(1 if self.filter.text().strip() and not self.model.rowCount() else 0)

    def _read_filter(self) -> Query | None:
        """Return the query; None if it is malformed."""
        try:
            query = parse_query(self.filter.text())
        except InvalidInput as error:
            self._mark(message_of(error))
            return None
        self._mark("")
        return query

    def _mark(self, reason: str) -> None:
        if reason == self.reason.text():
            return
        self.filter.setProperty("invalid", bool(reason))
        self.filter.style().unpolish(self.filter)
        self.filter.style().polish(self.filter)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))

    @Slot(str)
    def _on_filter_text_changed(self, text: str) -> None:
        query = self._read_filter()
        if query is None:
            return
        if query.asks_definitions:
            self.reads.search(query)
        else:
            self._show(query, None)

    @Slot(object, object)
    def _on_reads_found(self, query: Query, definitions: frozenset[str]) -> None:
        """Show what was found, unless one looks for something else by now."""
        if query == self._read_filter() and not self.model.shows(query, definitions):
            self._show(query, definitions)

    def _show(self, query: Query, definitions: frozenset[str] | None) -> None:
        """Show what matches, and leave a single row selected if it still does."""
        chosen = self.selected()
        self.model.filter(query, definitions)
        self._show_nothing()
        if len(chosen) == 1:
            self.select(chosen[0].name)

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        if change.aspects & SHOWN_ASPECTS and change.environments:
            names = change.environments
            if change.renamed_from:
                self._show_busy()
            if len(names) > READ_AT_ONCE or change.aspects & WORKED:
                self.reads.read_rows(names)
            else:
                self._refresh(names, self.reads.rows(names))
            query = self.model.query
            if change.aspects & SEARCHED_ASPECTS and query is not None and query.asks_definitions:
                self.reads.search(query)

    @Slot(object, object)
    def _refresh(self, names: frozenset[str], infos: Iterable[EnvironmentInfo]) -> None:
        chosen, row = [info.name for info in self.selected()], self.list.currentIndex().row()
        before = set(filter(self.model.find, names))
        self.model.refresh(names, infos)
        if before != set(filter(self.model.find, names)):
            self.read_deleted()
        if len(chosen) == 1 and len(names) > MOST_RUNS:
            self.select(chosen[0])
        if chosen and not self.selected():
            self._go_to(row)
        self._show_nothing()
        self.completer.forget()
        self.selection_changed.emit()
        self.rows_changed.emit()

    @Slot(str)
    def _on_session_workspace_changed(self, name: str) -> None:
        self.reload()
        self._show_busy()

    @Slot(object)
    def _on_jobs_changed(self, job: Job) -> None:
        self._show_busy()

    @Slot()
    def _show_busy(self) -> None:
        """Mark what is worked on in this workspace; another may have environments of the same names."""
        here = self._session.workspace_ref
        active = [job for job in self._session.jobs.active() if job.lane in BUSY_LANES and job.workspace_ref == here]
        keys = [job.key for job in active if job.key is not None]
        elsewhere = dict.fromkeys(self._session.built_elsewhere, "build")
        self.model.set_busy(elsewhere | {key.environment: key.verb for key in keys})

    @Slot(QModelIndex)
    def _on_list_activated(self, index: QModelIndex) -> None:
        info = self.model.info(index)
        if info is not None:
            self.open_requested.emit(info.name)
        elif (deleted := self.model.deleted(index)) is not None:
            self._offer(deleted, self.list.visualRect(index).bottomLeft())
        else:
            self._on_list_clicked(index)

    @Slot(QModelIndex)
    def _on_list_double_clicked(self, index: QModelIndex) -> None:
        info = self.model.info(index)
        if info is not None:
            self.open_requested.emit(info.name)

    @Slot(QModelIndex)
    def _on_list_clicked(self, index: QModelIndex) -> None:
        group = self.model.row(index)
        if isinstance(group, int):
            self.model.set_folded(group, not self.model.is_folded(group))

    @Slot(QModelIndex, bool)
    def _on_list_fold_requested(self, index: QModelIndex, folded: bool) -> None:
        group = self.model.row(index)
        if isinstance(group, int):
            self.model.set_folded(group, folded)

    @Slot(str, str)
    def _on_model_rename_requested(self, old: str, new: str) -> None:
        checked_name(new)
        # Renaming replaces the row whose editor is just being closed, so it waits until that is over.
        QTimer.singleShot(0, self, lambda: self.rename_requested.emit(old, new))

    @Slot(QPoint)
    def _on_list_context_menu_requested(self, position: QPoint) -> None:
        if (deleted := self.model.deleted(self.list.indexAt(position))) is not None:
            self._offer(deleted, position)
        if self.model.info(self.list.indexAt(position)) is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions.apply_theme(theme.colors(self.palette()), "browser")
        self._actions.fill_menu(menu, "browser")
        menu.popup(self.list.viewport().mapToGlobal(position))

    def _offer(self, deleted: DeletedRow, position: QPoint) -> None:
        """Offer what can be done with a deleted environment."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        colors = theme.colors(self.palette())
        restore = menu.addAction(theme.icon("restore", colors.text), f"Restore {deleted.name}")
        restore.triggered.connect(partial(self.restore_requested.emit, deleted))
        remove = menu.addAction(theme.icon("trash", colors.text), f"Remove {deleted.name} for ever…")
        remove.triggered.connect(partial(self.removal_requested.emit, deleted))
        menu.popup(self.list.viewport().mapToGlobal(position))
