"""The workspace browser: a filter that speaks the query language, and the tree of environments."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.change import Aspect, Change
from envstudio.domain.query import Query, parse_query
from envstudio.domain.reference import checked_name
from envstudio.errors import InvalidInput
from envstudio.gui.actions import Actions
from envstudio.gui.browser.delegate import BrowserDelegate
from envstudio.gui.browser.model import ARCHIVED, CURATED_GROUP, ENVIRONMENTS, BrowserModel
from envstudio.gui.session import Session
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.layouts import make_column
from envstudio.library import EnvironmentInfo, curated

FILTER_HINT = "Filter: name  pkg:numpy>=2  label:prod"
SHOWN_ASPECTS = (
    Aspect.ENVIRONMENTS | Aspect.DRAFT | Aspect.VERSIONS | Aspect.LABELS | Aspect.LOCKS | Aspect.IMAGES | Aspect.BUILDS
)


class BrowserTree(QTreeView):
    """The tree; Enter opens, as a double click does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class BrowserPanel(QWidget):
    """The left part of the window. It opens nothing itself; it says what was wished."""

    open_requested = Signal(str)
    rename_requested = Signal(str, str)
    paths_dropped = Signal(list)
    selection_changed = Signal()

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._actions = actions
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)

        self.filter = QLineEdit(placeholderText=FILTER_HINT, clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter environments")
        self.filter.setToolTip("Words, pkg:numpy>=2, label:prod, tag:team=vision, var:NAME")
        self.filter.textChanged.connect(self._on_filter_text_changed)
        self.reason = QLabel(wordWrap=True)
        self.reason.hide()
        self.reason.setProperty("tone", "error")

        self.model = BrowserModel(self)
        self.model.rename_requested.connect(self._on_model_rename_requested)
        self.tree = BrowserTree(uniformRowHeights=True, headerHidden=True, indentation=12, expandsOnDoubleClick=False)
        self.tree.setAccessibleName("Environments")
        self.tree.setModel(self.model)
        self.tree.setItemDelegate(BrowserDelegate(self.tree))
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.tree.customContextMenuRequested.connect(self._on_tree_context_menu_requested)
        self.tree.activated.connect(self._on_tree_activated)
        self.tree.doubleClicked.connect(self._on_tree_activated)
        self.tree.selectionModel().selectionChanged.connect(self.selection_changed)
        self.tree.addActions([actions["rename"], actions["delete"]])

        self._nothing = EmptyPage("search", "No match", "No environment matches the filter.")
        self._nothing.text.setFixedWidth(200)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.tree)
        self.stack.addWidget(self._nothing)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        box = make_column(4, (8, 8, 8, 8))
        box.addWidget(self.filter)
        box.addWidget(self.reason)
        layout.addLayout(box)
        layout.addWidget(self.stack, 1)

        session.library_changed.connect(self._on_session_library_changed)
        session.workspace_changed.connect(self._on_session_workspace_changed)
        session.jobs.job_added.connect(self._on_jobs_changed)
        session.jobs.job_finished.connect(self._on_jobs_changed)
        self.reload()

    def reload(self) -> None:
        """Read the whole list again."""
        infos = [*self._session.library.environments.list(archived=True), *curated.infos()]
        query, matching = self._read_filter() or (Query(), None)
        self.model.load(infos, query, matching)
        self._show_groups()

    def select(self, name: str) -> None:
        """Make an environment the current one."""
        index = self.model.index_of(name)
        if index.isValid():
            self.tree.setCurrentIndex(index)

    def selected(self) -> list[EnvironmentInfo]:
        """Return the environments selected."""
        found = (self.model.info(index) for index in self.tree.selectionModel().selectedRows())
        return [info for info in found if info is not None]

    def edit_name(self, name: str) -> None:
        """Begin to rename an environment in place."""
        index = self.model.index_of(name)
        if index.isValid():
            self.tree.setFocus()
            self.tree.setCurrentIndex(index)
            self.tree.edit(index)

    def _show_groups(self) -> None:
        """Unfold what is worth seeing; hide groups that are empty."""
        filtering = bool(self.filter.text().strip())
        total = 0
        for group in (ENVIRONMENTS, CURATED_GROUP, ARCHIVED):
            count = self.model.count(group)
            total += count
            self.tree.setRowHidden(group, QModelIndex(), count == 0 and (filtering or group != ENVIRONMENTS))
            unfold = group == ENVIRONMENTS or filtering or (group == CURATED_GROUP and not self.model.count(0))
            self.tree.setExpanded(self.model.index(group, 0), unfold)
        self.stack.setCurrentIndex(1 if filtering and not total else 0)

    def _read_filter(self) -> tuple[Query, frozenset[str] | None] | None:
        """Return the query and the names that match it beyond plain words; None where it is malformed."""
        try:
            query = parse_query(self.filter.text())
        except InvalidInput as error:
            self._mark(f"{error.summary} {error.advice}")
            return None
        self._mark("")
        if query.is_plain:
            return query, None
        return query, frozenset(info.name for info in self._session.library.environments.list(query, archived=True))

    def _mark(self, reason: str) -> None:
        self.filter.setProperty("invalid", bool(reason))
        self.filter.style().unpolish(self.filter)
        self.filter.style().polish(self.filter)
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))

    @Slot(str)
    def _on_filter_text_changed(self, text: str) -> None:
        read = self._read_filter()
        if read is not None:
            self.model.filter(*read)
            self._show_groups()

    @Slot(object)
    def _on_session_library_changed(self, change: Change) -> None:
        if change.aspects & SHOWN_ASPECTS and change.environments:
            names = change.environments
            self.model.refresh(names, self._session.library.environments.list(archived=True, names=names))
            for group in (CURATED_GROUP, ARCHIVED):
                self.tree.setRowHidden(group, QModelIndex(), self.model.count(group) == 0)
            self.selection_changed.emit()

    @Slot(str)
    def _on_session_workspace_changed(self, name: str) -> None:
        self.reload()

    @Slot(object)
    def _on_jobs_changed(self, job: object) -> None:
        active = self._session.jobs.active()
        keys = (other.key.partition(":") for other in active if other.key)
        self.model.set_busy({name: verb for verb, _, name in keys})

    @Slot(QModelIndex)
    def _on_tree_activated(self, index: QModelIndex) -> None:
        info = self.model.info(index)
        if info is not None:
            self.open_requested.emit(info.name)
        elif index.isValid():
            self.tree.setExpanded(index, not self.tree.isExpanded(index))

    @Slot(str, str)
    def _on_model_rename_requested(self, old: str, new: str) -> None:
        checked_name(new)
        # Renaming replaces the row whose editor is just being closed, so it waits until that is over.
        QTimer.singleShot(0, self, lambda: self.rename_requested.emit(old, new))

    @Slot(QPoint)
    def _on_tree_context_menu_requested(self, position: QPoint) -> None:
        if self.model.info(self.tree.indexAt(position)) is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions.fill_menu(menu, "browser")
        menu.popup(self.tree.viewport().mapToGlobal(position))

    # Files dropped here are imported.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.paths_dropped.emit(paths)
