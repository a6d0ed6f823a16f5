"""The versions of an environment at the left, and what changed between two of them at the right."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.change import LibraryChange
from envstudio.domain.comparison import Comparison
from envstudio.domain.environment import Environment
from envstudio.domain.reference import Reference
from envstudio.domain.version import VersionInfo
from envstudio.gui.history.comparison_files import ComparisonFiles
from envstudio.gui.history.comparison_header import ComparisonHeader
from envstudio.gui.history.comparison_pages import CHANGES, RESOLVED, TIMELINE, Compared, ComparisonPages, compare_fully
from envstudio.gui.history.comparison_sides import ComparisonSide, name_of, newest_number, snapshot_of
from envstudio.gui.history.timeline_model import DRAFT_ROW, TimelineDelegate, TimelineModel
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.model.document import Document
from envstudio.gui.model.labelling import label_taker
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.ask import ask
from envstudio.gui.widgets.keys import CTRL_CLICK
from envstudio.gui.widgets.label import Label
from envstudio.library import Snapshot
from envstudio.tasks.package_timeline import read_timeline

TIMELINE_WIDTHS = (248, 320)
WIDTH = "timeline_width"
"""Under what the window remembers how wide the timeline is."""


class HistoryPage(Page):
    """One version is compared with the one before it; two with each other; or one with any other definition."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.comparison: Comparison | None = None
        self._pair: tuple[ComparisonSide, ComparisonSide] | None = None
        self._draft: Environment | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.splitter = QSplitter(handleWidth=1, childrenCollapsible=False)
        left = self._make_timeline()
        self.splitter.addWidget(left)
        self.splitter.addWidget(self._make_diff())
        self.splitter.setStretchFactor(1, 1)
        self._laid_out = False
        self.splitter.splitterMoved.connect(self._on_splitter_moved)
        layout.addWidget(self.splitter)
        session.library_changed.connect(self._on_session_library_changed)
        document.facts_changed.connect(self._on_document_facts_changed)
        document.renamed.connect(self._on_document_renamed)
        self.setFocusProxy(self.timeline)
        self.follow_theme()
        self.reload()
        if document.read_only:
            # It has no versions to choose from.
            left.hide()
            self.setFocusProxy(self.pages.tabs)
            self._compare(None, session.library.find(document.name))
        else:
            self._select(0)

    def _make_timeline(self) -> QWidget:
        self.timeline_model = TimelineModel(self)
        self.timeline = QListView(uniformItemSizes=True)
        self.timeline.setAccessibleName("Versions")
        self.timeline.setModel(self.timeline_model)
        self.timeline.setItemDelegate(TimelineDelegate(self.timeline))
        self.timeline.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.timeline.setMinimumWidth(208)
        self.timeline.selectionModel().selectionChanged.connect(self._on_timeline_selection_changed)
        hint = Label(f"{CTRL_CLICK} another version to compare the two", wordWrap=True)
        hint.setProperty("tone", "muted")
        hint.setContentsMargins(16, 8, 8, 8)
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.timeline, 1)
        box.addWidget(hint)
        return holder

    def _make_diff(self) -> QWidget:
        self.header = ComparisonHeader()
        self.pages = ComparisonPages()
        self.files = ComparisonFiles(self.session, self.document, self.pages)
        self.files.read.connect(self.compare_with)
        self.title, self.counts = self.header.title, self.header.counts
        self.restore, self.label = self.header.restore, self.header.label
        self.copy, self.export = self.header.copy, self.header.export
        for signal, slot in (
            (self.restore.clicked, self._on_restore_clicked),
            (self.label.clicked, self._on_label_clicked),
            (self.copy.clicked, self.files.copy_markdown),
            (self.export.clicked, self.files.choose_export),
            (self.header.with_file.triggered, self.files.choose_file),
            (self.header.with_version.triggered, self._on_with_version_triggered),
            (self.header.build.triggered, self._on_build_triggered),
            (self.header.lock.triggered, self._on_lock_triggered),
            (self.header.clone.triggered, self._on_clone_triggered),
        ):
            signal.connect(slot)
        self.timeline.addActions([self.header.build, self.header.lock, self.header.clone])
        self.timeline.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.header.previous.clicked.connect(self.pages.go_back)
        self.header.next.clicked.connect(self.pages.go_forward)
        self.pages.timeline_wanted.connect(self._on_pages_timeline_wanted)
        self.pages.tabs.currentChanged.connect(self._show_counts)
        self.pages.version_activated.connect(self._on_pages_version_activated)
        self.diff = self.pages.diff
        self.diff_model = self.diff.diff_model
        self.same, self.stack = self.pages.same, self.pages.stack
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self.pages, 1)
        return holder

    def apply_theme(self) -> None:
        self.pages.apply_theme()
        self._show_counts()

    def find_field(self) -> QLineEdit | None:
        return self.pages.filter if self.pages.filter.isVisible() else None

    # Versions

    def reload(self) -> None:
        """Read the versions again; the selection stays, and where that is the newest alone, it follows it."""
        versions = () if self.document.read_only else self.session.library.versions.list(self.document.environment.name)
        count = len(self.document.changes())
        note = f"{count} change{'' if count == 1 else 's'} since v{self.document.base_version}" if count else ""
        kept = self._pair
        before = [name_of(info) for info in self._selected()]
        newest = before == [name_of(info) for info in self.timeline_model.rows[:1]]
        self.timeline_model.load(versions, note)
        if not newest:
            self._select_again(before)
        chosen = self._selected()
        if kept is not None and isinstance(kept[0], Snapshot):
            if kept[1] == DRAFT_ROW and DRAFT_ROW not in self.timeline_model.rows:
                self._compare(kept[0], self.timeline_model.rows[0])
        elif kept is not None and not chosen and not self.document.read_only:
            self._select(0)
        elif kept is not None and chosen and name_of(chosen[0]) != name_of(kept[1]):
            # The row is another's now, as when the draft at the top became a version.
            self._on_timeline_selection_changed()

    def _select(self, row: int) -> None:
        index = self.timeline_model.index(row)
        if index.isValid():
            # The view's own way would add to the selection while Ctrl is down, as it is for a command by key.
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.timeline.selectionModel().setCurrentIndex(index, flag)

    def _select_again(self, names: list[str]) -> None:
        """Select the rows of these names, if they all are still there; what is compared is shown already."""
        rows = [row for row, info in enumerate(self.timeline_model.rows) if name_of(info) in names]
        if len(rows) == len(names):
            selection = self.timeline.selectionModel()
            with QSignalBlocker(selection):
                selection.clearSelection()
                for row in rows:
                    selection.select(self.timeline_model.index(row), QItemSelectionModel.SelectionFlag.Select)
            self.timeline.viewport().update()

    def show_version(self, number: int) -> None:
        """Compare a version with the one before it."""
        self._select(self.timeline_model.row_of(number))

    def select_pair(self, old: int, new: int) -> None:
        """Compare two versions by their numbers."""
        self._select(self.timeline_model.row_of(new))
        flags = QItemSelectionModel.SelectionFlag.Select
        self.timeline.selectionModel().select(self.timeline_model.index(self.timeline_model.row_of(old)), flags)

    def _selected(self) -> list[VersionInfo | str]:
        rows = sorted(index.row() for index in self.timeline.selectionModel().selectedIndexes())
        return [self.timeline_model.rows[row] for row in rows]

    def _on_timeline_selection_changed(self) -> None:
        chosen = self._selected()
        if not chosen:
            return
        new = chosen[0]
        self._compare(chosen[-1] if len(chosen) > 1 else self._before(new), new)

    def _before(self, info: VersionInfo | str) -> VersionInfo | str | None:
        """Return what a version is compared with when it alone is chosen."""
        if info == DRAFT_ROW:
            row = self.timeline_model.row_of(self.document.base_version)
        else:
            row = self.timeline_model.rows.index(info) + 1
        return self.timeline_model.rows[row] if 0 <= row < len(self.timeline_model.rows) else None

    def _compare(self, old: ComparisonSide, new: ComparisonSide) -> None:
        self._pair = (old, new)
        self._draft = self.document.environment
        self._run_compare(*(snapshot_of(thing, self.document) for thing in (old, new)))

    @Slot(object)
    def compare_with(self, old: Snapshot) -> None:
        """Compare any other definition with what is looked at here."""
        new = self._pair[1] if self._pair else self.session.library.find(self.document.name)
        # So that a click on the version that was shown leads back to it.
        with QSignalBlocker(self.timeline.selectionModel()):
            self.timeline.selectionModel().clear()
        self.timeline.viewport().update()
        self._compare(old, new)

    def _run_compare(self, old: Snapshot, new: Snapshot) -> None:
        self.session.jobs.run(
            f"Compare {self.document.name}",
            compare_fully,
            self.session.library,
            old,
            new,
            lane="library",
            key=JobKey("compare", self.document.name),
            on_done=self._on_compare_done,
        )

    def _on_compare_done(self, compared: Compared) -> None:
        comparison = compared.comparison
        self.comparison = comparison
        self.pages.load(compared)
        old, new = self._pair or (None, None)
        of_others = isinstance(old, Snapshot) or isinstance(new, Snapshot)
        names = (comparison.old_title, comparison.new_title) if of_others else (name_of(old), name_of(new))
        self.title.setText(" → ".join(names))
        restorable = self.restorable()
        self.restore.setText(f"Restore v{restorable.number}" if restorable else "Restore")
        self.restore.setEnabled(restorable is not None)
        self.label.setEnabled(isinstance(new, VersionInfo))
        self.header.version.setText("Version" if self.document.read_only else f"v{self.version_number()}")
        self.header.version.setEnabled(not self.document.read_only)
        self._show_counts()

    @Slot()
    def _show_counts(self, *_: object) -> None:
        if self.comparison is not None:
            self.header.show_counts(self.comparison, resolved=self.pages.tabs.currentIndex() == RESOLVED)

    # What can be done from here

    def _version(self) -> VersionInfo | None:
        new = self._pair[1] if self._pair else None
        return new if isinstance(new, VersionInfo) else None

    def version_number(self) -> int:
        """Return the version that is looked at: the newer one compared, else the latest."""
        info = self._version()
        return info.number if info is not None else newest_number(self.timeline_model.rows)

    @Slot()
    def _on_with_version_triggered(self) -> None:
        self.command_requested.emit("compare_with")

    @Slot()
    def _on_build_triggered(self) -> None:
        self.command_requested.emit("build_version")

    @Slot()
    def _on_lock_triggered(self) -> None:
        self.command_requested.emit("lock_version")

    @Slot()
    def _on_clone_triggered(self) -> None:
        self.command_requested.emit("clone_version")

    def restorable(self) -> VersionInfo | None:
        """Return the version that can be made the newest: the new side, or where that is the newest, the old one."""
        newest = newest_number(self.timeline_model.rows)
        for info in reversed(self._pair or ()):
            if isinstance(info, VersionInfo) and info.number != newest:
                return info
        return None

    @Slot()
    def _on_restore_clicked(self) -> None:
        self.command_requested.emit("restore_version")

    @Slot()
    def _on_label_clicked(self) -> None:
        info = self._version()
        if info is None:
            return
        name, number = self.document.environment.name, info.number
        take = label_taker(self.session, Reference(name, number))
        ask(self.window(), f"Label {name} v{number}", "Label", "prod", take)

    @Slot()
    def _on_splitter_moved(self, *_: object) -> None:
        self.session.state.prefer(WIDTH, str(self.splitter.sizes()[0]))

    # Timeline of packages

    @Slot(int)
    def _on_pages_version_activated(self, number: int) -> None:
        self.pages.tabs.setCurrentIndex(CHANGES)
        self.show_version(number)

    @Slot(str)
    def _on_pages_timeline_wanted(self, platform: str) -> None:
        if not self.document.read_only:
            self.session.jobs.run(
                f"Timeline of {self.document.name}",
                read_timeline,
                self.session.library,
                self.document.environment.name,
                platform=platform,
                lane="library",
                key=JobKey("timeline", self.document.name),
                on_done=self.pages.load_timeline,
            )

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        if self.document.name in change.environments and self.document.name in self.session.documents:
            self.reload()
            if self.pages.tabs.currentIndex() == TIMELINE:
                self._on_pages_timeline_wanted(self.pages.timeline.platform.currentText())

    @Slot(str, str)
    def _on_document_renamed(self, old: str, new: str) -> None:
        """Compare again under the name that it has now, which a copy or a file would tell."""
        if self._pair is not None:
            self._compare(*self._pair)

    @Slot()
    def _on_document_facts_changed(self) -> None:
        if not self.isVisible():
            return
        self.reload()
        if self._pair is None or DRAFT_ROW not in self._pair or not self.document.changes():
            return
        if self._draft is not self.document.environment:
            self._compare(*self._pair)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._laid_out:
            # Before, the page is as narrow as Qt makes what is not shown yet, and the timeline would stay so.
            self._laid_out = True
            width = self.session.state.preference(WIDTH)
            least, most = TIMELINE_WIDTHS
            timeline = int(width) if width.isdecimal() else max(least, min(most, self.width() // 4))
            self.splitter.setSizes([timeline, max(1, self.width() - timeline)])
        # What was edited while another page was shown was not followed.
        self._on_document_facts_changed()
