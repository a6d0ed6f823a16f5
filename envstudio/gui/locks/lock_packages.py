"""The packages of one platform, as a table or as a tree; which of the two is remembered."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStackedWidget, QTreeView, QWidget

from envstudio.domain.lock import LockedPackage, PlatformLock
from envstudio.gui.locks.lock_model import LINE_ROLE, LockModel, LockProxy, requirement_line
from envstudio.gui.locks.lock_tree import LockTreeModel
from envstudio.gui.look import theme
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.table import Table

TABLE, TREE = range(2)
VIEWS = ("table", "tree")
PREFERENCE = "lock_view"
FILTER_MILLISECONDS = 120


class Tree(QTreeView):
    """A tree with whole-row selection, whose Enter activates a row and whose Ctrl+C copies requirement lines."""

    row_activated = Signal(QModelIndex)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setProperty("kind", "diff")
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setIndentation(20)
        self.header().setStretchLastSection(True)
        self.header().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.doubleClicked.connect(self.row_activated)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            rows = self.selectionModel().selectedRows()
            QGuiApplication.clipboard().setText("\n".join(dict.fromkeys(index.data(LINE_ROLE) for index in rows)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.row_activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class LockPackages(QStackedWidget):
    """`explained` and `update_wanted` carry names of packages; they are requests."""

    explained = Signal(str)
    update_wanted = Signal(tuple)
    selection_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = session.state
        self._text = ""
        self._platform: PlatformLock | None = None
        self.model = LockModel(self)
        self.proxy = LockProxy(self)
        self.proxy.setSourceModel(self.model)
        self.table = Table("Locked packages")
        self.table.copy_role = LINE_ROLE
        self.table.setModel(self.proxy)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.set_widths(200, 112, 152, 64, 144, 88, 80, 144)
        self.table.row_activated.connect(self._on_table_row_activated)
        session.state.watch_header("lock", self.table.horizontalHeader())
        self.tree_model = LockTreeModel(self)
        self.tree = Tree("Locked packages and what they bring")
        self.tree.setModel(self.tree_model)
        self.tree.setSortingEnabled(True)
        self.tree.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        for column, width in enumerate((296, 120, 88, 72, 160)):
            self.tree.setColumnWidth(column, width)
        session.state.watch_header("lock-tree", self.tree.header())
        self.tree.row_activated.connect(self._on_tree_row_activated)
        self._timer = QTimer(self, interval=FILTER_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self._narrow_tree)
        for view in (self.table, self.tree):
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            view.customContextMenuRequested.connect(self._on_view_custom_context_menu_requested)
            view.selectionModel().selectionChanged.connect(self.selection_changed)
            self.addWidget(view)
        self.show_view(session.state.preference(PREFERENCE) or VIEWS[TABLE])

    @property
    def view(self) -> Table | Tree:
        """Return the one that is shown."""
        return self.tree if self.currentIndex() == TREE else self.table

    def show_view(self, name: str) -> None:
        """Show the "table" or the "tree", and remember that."""
        wanted = TREE if name == VIEWS[TREE] else TABLE
        if wanted != self.currentIndex():
            self.setCurrentIndex(wanted)
            self._state.prefer(PREFERENCE, VIEWS[wanted])
            self._load_tree()
            self.selection_changed.emit()
        self.setFocusProxy(self.view)

    def load(self, platform: PlatformLock) -> None:
        """Show the packages of a platform."""
        self._platform = platform
        self.model.load(platform.packages)
        self._load_tree()

    def _load_tree(self) -> None:
        if self._platform is not None and self.currentIndex() == TREE:
            self.tree_model.load(self._platform)
            self._expand()

    def add_facts(self, facts: dict[str, tuple[str, int]]) -> None:
        """Fill in licences and sizes by sha256."""
        self.model.add_facts(facts)
        self.tree_model.facts = self.model.facts
        self.tree.viewport().update()

    def narrow(self, text: str) -> None:
        """Keep packages whose name holds a text; in the tree, those that lead to them too."""
        self._text = text
        self.proxy.set_text(text)
        self._timer.start()

    def show_all(self) -> None:
        """Keep all packages, at once."""
        self._timer.stop()
        self._text = ""
        self._narrow_tree()

    @Slot()
    def _narrow_tree(self) -> None:
        self.tree_model.narrow(self._text)
        self._expand()

    def _expand(self) -> None:
        """Open the way to what is looked for."""
        if self._text.strip() and self.currentIndex() == TREE:
            self.tree.expandToDepth(1)

    def selected(self) -> tuple[str, ...]:
        """Return the names of the packages that are selected."""
        return tuple(sorted({package.name for package in self._chosen()}))

    def _chosen(self) -> list[LockedPackage]:
        rows = self.view.selectionModel().selectedRows()
        if self.currentIndex() == TREE:
            found = (self.tree_model.package(index) for index in rows)
            return [package for package in found if package is not None]
        return [self.model.package(self.proxy.mapToSource(index).row()) for index in rows]

    def select(self, name: str) -> bool:
        """Select a package and return whether there is one of that name among those shown."""
        if self.currentIndex() == TREE:
            index = self.tree_model.index_of(name)
        else:
            row = self.model.row_of(name)
            index = self.proxy.mapFromSource(self.model.index(row, 0)) if row >= 0 else QModelIndex()
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.view.selectionModel().setCurrentIndex(index, flags)
            self.view.scrollTo(index)
        return index.isValid()

    def apply_theme(self) -> None:
        """Take over the fonts and colours of the theme."""
        bold = QFont(self.table.font())
        bold.setWeight(QFont.Weight.DemiBold)
        for model in (self.model, self.tree_model):
            model.colors = theme.colors(self.palette())
            model.monospace = theme.monospace(self.table)
            model.bold = bold
        self.view.viewport().update()

    def menu(self) -> QMenu | None:
        """Return what can be done with the selected packages."""
        names = self.selected()
        if not names:
            return None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(names) == 1:
            menu.addAction("Why is it there?", partial(self.explained.emit, names[0]))
        what = names[0] if len(names) == 1 else f"these {len(names)}"
        menu.addAction(f"Preview an update of {what}", partial(self.update_wanted.emit, names))
        menu.addSeparator()
        menu.addAction("Copy as requirement lines", self._copy_lines)
        menu.addAction("Copy address and sha256", self._copy_addresses)
        return menu

    def _copy_lines(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(map(requirement_line, self._chosen())))

    def _copy_addresses(self) -> None:
        lines = (f"{package.url} sha256:{package.sha256}" for package in self._chosen())
        QGuiApplication.clipboard().setText("\n".join(lines))

    @Slot(QPoint)
    def _on_view_custom_context_menu_requested(self, location: QPoint) -> None:
        if menu := self.menu():
            menu.popup(self.view.viewport().mapToGlobal(location))

    @Slot(QModelIndex)
    def _on_table_row_activated(self, index: QModelIndex) -> None:
        self.explained.emit(self.model.package(self.proxy.mapToSource(index).row()).name)

    @Slot(QModelIndex)
    def _on_tree_row_activated(self, index: QModelIndex) -> None:
        package = self.tree_model.package(index)
        if package is not None:
            self.explained.emit(package.name)
