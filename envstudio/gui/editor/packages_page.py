"""The page on which packages are requested."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSortFilterProxyModel, Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.amounts import amount_text
from envstudio.domain.environment import Environment, PipOption
from envstudio.errors import InvalidInput
from envstudio.gui.editor.available import AvailablePackages
from envstudio.gui.editor.package_completer import PackageCompleter
from envstudio.gui.editor.package_drops import PackageDrops, left_out, packages_of, with_packages_of
from envstudio.gui.editor.package_problems import PackageProblems
from envstudio.gui.editor.package_reasons import PackageReasons
from envstudio.gui.editor.package_sources import PackageSources
from envstudio.gui.editor.packages_model import LINE_ROLE, NAME, OWN_ROLE, SORT_ROLE, SOURCE, PackagesModel
from envstudio.gui.editor.requirement_text import (
    CHANNELS,
    CONDA,
    PIP,
    Requirement,
    manager_of,
    pasted_lines,
    with_line,
    without_requirement,
)
from envstudio.gui.editor.selected_packages import SelectedPackages
from envstudio.gui.editor.source_delegate import SourceDelegate
from envstudio.gui.look import theme
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.add_line import AddLine
from envstudio.gui.widgets.filter_keys import FilterKeys
from envstudio.gui.widgets.table import Table

LOOK_MILLISECONDS = 500
EDIT_TRIGGERS = (
    QAbstractItemView.EditTrigger.SelectedClicked
    | QAbstractItemView.EditTrigger.EditKeyPressed
    | QAbstractItemView.EditTrigger.AnyKeyPressed
)
SELECT_ROW = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
ADD_KEY = "packages/add"
EMPTY = "No packages yet. Type one below, such as python=3.12 or pandas>=2, or paste a whole list."


class PackagesPage(Page):
    """Channels and filter, the table, the line to add with, and the problems."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.sources = PackageSources(document, self)
        self.channels, self.options = self.sources.channels, self.sources.options
        self.filter = QLineEdit(self.sources, clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter packages")
        self.filter.setFixedWidth(200)

        self.model = PackagesModel(document, self)
        self.model.selected = self.selected
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(self.model)
        self.proxy.setFilterKeyColumn(NAME)
        self.proxy.setSortRole(SORT_ROLE)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter.textChanged.connect(self.proxy.setFilterFixedString)
        self._sides = QSplitter(self, handleWidth=1, childrenCollapsible=False)
        self.table = Table("Packages", self._sides)
        self.table.empty_text = EMPTY
        self.table.copy_role, self.table.own_role = LINE_ROLE, OWN_ROLE
        self.table.setModel(self.proxy)
        self.table.setItemDelegateForColumn(SOURCE, SourceDelegate(self.table))
        # A double click explains; a click on what is selected, F2, Enter or typing edits.
        self.table.setEditTriggers(EDIT_TRIGGERS)
        self.table.row_activated.connect(self._on_table_row_activated)
        self.table.set_widths(208, 160, 120, 120, 104)
        # A third click on a title returns to the order of the definition.
        self.table.horizontalHeader().setSortIndicatorClearable(True)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSortingEnabled(True)
        session.state.watch_header("packages", self.table.horizontalHeader())
        self.table.remove_requested.connect(self._on_table_remove_requested)
        self.table.paste_requested.connect(self._on_table_paste_requested)

        self.filter.setText(self._remembered())
        self.filter.textChanged.connect(self._on_filter_text_changed)
        FilterKeys(self.filter, lambda: self.table)

        self.add_line = AddLine("Add a package", "Type a package: pandas>=2   (pip:name for pip; paste many)", self)
        self.add_line.submitted.connect(self._on_add_line_submitted)
        self.add_line.show_left(document.invalid_inputs.get(ADD_KEY, ""))
        self.add_line.left_changed.connect(self._on_add_line_left_changed)
        self.manager = QComboBox(self.add_line)
        self.manager.addItems([CONDA, PIP])
        self.manager.setAccessibleName("Add with")
        self.add_line.row.addWidget(self.manager)
        self.add_line.setProperty("line", "top")
        self.available = AvailablePackages(session, document, self)
        self.available.newest_changed.connect(self._on_available_newest_changed)
        self.completer = PackageCompleter(self.add_line.edit, self.available, self.manager.currentText)
        self.several = SelectedPackages(document, self.table, self.selected, lambda: self.model.locked, self)
        self.reasons = PackageReasons(session, document, self.model, self.table, self._sides)
        self.several.explained.connect(self.reasons.explain_row)
        self.several.changed.connect(self.select_rows)
        self.several.refused.connect(self._on_several_refused)
        self.drops = PackageDrops(session, self)
        self.drops.lines_dropped.connect(self.add_lines)
        self.drops.read.connect(self._on_drops_read)
        self.problems = PackageProblems(document, self.model, self)
        self.problems.location_activated.connect(self._on_problems_location_activated)

        self.sources.head.addWidget(self.filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sources)
        self._sides.setStretchFactor(0, 1)
        layout.addWidget(self._sides, 1)
        layout.addWidget(self.several)
        layout.addWidget(self.add_line)
        layout.addWidget(self.problems)

        self.add_line.setVisible(not document.read_only)
        document.environment_changed.connect(self._on_document_environment_changed)
        self._on_document_environment_changed()
        self.setFocusProxy(self.table)
        self.follow_theme()

    def commit(self) -> None:
        self.add_line.tell_left()

    def find_field(self) -> QLineEdit:
        return self.filter

    def apply_theme(self) -> None:
        self.model.colors = self.problems.model.colors = self.colors()
        self.model.monospace = theme.monospace(self.table)
        self.table.viewport().update()

    def _remembered(self) -> str:
        return self.session.state.of_environment(self.session.library.workspace, self.document.name, "filter")

    @Slot(str)
    def _on_filter_text_changed(self, text: str) -> None:
        self.session.state.remember(self.session.library.workspace, self.document.name, "filter", text.strip())

    def selected(self) -> list[Requirement]:
        """Return the requirements selected."""
        rows = (self.proxy.mapToSource(index).row() for index in self.table.selectionModel().selectedRows())
        return [self.model.requirement(row) for row in sorted(rows)]

    @Slot(list)
    def select(self, keys: list[tuple[str, str]]) -> None:
        """Select packages by their managers and names."""
        self._select([self.model.row_of(manager, name) for manager, name in keys])

    @Slot(list)
    def select_rows(self, items: list[Requirement]) -> None:
        """Select these very requirements, also if others have their names."""
        wanted = set(items)
        self._select([row for row, item in enumerate(self.model.rows) if item in wanted])

    def _select(self, numbers: list[int]) -> None:
        rows = self.table.selectionModel()
        rows.clearSelection()
        for number in numbers:
            index = self.proxy.mapFromSource(self.model.index(number, NAME))
            rows.select(index, SELECT_ROW)
            if number == numbers[0]:
                rows.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def show_package(self, manager: str, name: str) -> None:
        """Select a package and scroll to it."""
        row = self.model.row_of(manager, name)
        if row >= 0:
            self.filter.clear()
            index = self.proxy.mapFromSource(self.model.index(row, NAME))
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)
            self.table.setFocus()

    @Slot(QModelIndex)
    def _on_table_row_activated(self, index: QModelIndex) -> None:
        self.reasons.explain_row(self.model.requirement(self.proxy.mapToSource(index).row()))

    # Editing

    def add_lines(self, lines: list[str]) -> None:
        """Add a requirement for each line; those that are not understood stay in the line, one after another."""
        environment, added, refused = self.document.environment, [], []
        known = {f"{CHANNELS}: {channel}" for channel in environment.python.channels}
        for line in lines:
            if line in known:
                continue
            try:
                environment, item = with_line(environment, line, self.manager.currentText())
            except InvalidInput as error:
                refused.append((line, message_of(error)))
                continue
            added.append(item)
        if added:
            what = added[0].name if len(added) == 1 else f"{len(added)} packages"
            self.document.edit(f"Add {what}", environment)
            packages = [item for item in added if not isinstance(item, PipOption)]
            if packages:
                self.show_package(manager_of(packages[-1]), packages[-1].name)
            self.add_line.edit.setFocus()
        if refused:
            self.add_line.refuse_several(refused)
        else:
            self.add_line.accept()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.available.is_outdated() and not self.document.read_only:
            # Some time after the page is painted: this is a help, and the page is what was requested.
            QTimer.singleShot(LOOK_MILLISECONDS, self, self._look)

    def _look(self) -> None:
        """Look at what is available; a page that one has left already looks when it is shown again."""
        if self.isVisible() and self.available.is_outdated():
            self.available.look()

    @Slot()
    def _on_available_newest_changed(self) -> None:
        self.model.set_newest(self.available.newest)

    @Slot(str)
    def _on_add_line_left_changed(self, text: str) -> None:
        # An address may hold a password, which goes into no file.
        self.document.keep(ADD_KEY, text if text and "://" not in text else None)

    @Slot(str)
    def _on_add_line_submitted(self, text: str) -> None:
        self.add_lines(pasted_lines(text) if "\n" in text else [text])

    @Slot(str)
    def _on_table_paste_requested(self, text: str) -> None:
        if not self.document.read_only and text.strip():
            self.add_lines(pasted_lines(text))

    @Slot()
    def _on_table_remove_requested(self) -> None:
        items = self.selected()
        environment = self.document.environment
        for item in items:
            environment = without_requirement(environment, item)
        if items:
            row = self.table.selected_rows()[0]
            what = items[0].name if len(items) == 1 else f"{len(items)} packages"
            self.document.edit(f"Remove {what}", environment)
            self.table.selectRow(min(row, self.proxy.rowCount() - 1))

    @Slot(str)
    def _on_several_refused(self, reason: str) -> None:
        self.add_line.refuse(self.add_line.edit.text(), reason)

    @Slot(str, object)
    def _on_drops_read(self, name: str, dropped: Environment) -> None:
        before = self.document.environment
        items = packages_of(dropped)
        if not items:
            self.add_line.refuse("", f"{name} holds no packages.")
            return
        self.document.edit(f"Add {amount_text(len(items), 'package')} of {name}", with_packages_of(before, dropped))
        self.select_rows(items)
        left = left_out(before, dropped)
        if left:
            self.add_line.refuse("", f"Only the packages of {name} were taken, without its {left}.")

    @Slot(str)
    def _on_problems_location_activated(self, location: str) -> None:
        parts = location.split(".", 2)
        bars = {"python.channels": self.channels, "python.pip_options": self.options}
        if len(parts) == 3 and parts[0] == "python":
            self.show_package(parts[1], parts[2])
        elif location in bars:
            bars[location].add_button.setFocus()
        else:
            self.add_line.edit.setFocus()

    def _on_document_environment_changed(self, old: Environment | None = None, new: Environment | None = None) -> None:
        self.filter.setPlaceholderText(f"Filter {amount_text(self.model.rowCount(), 'package')}")
