"""The page that shows what an environment was resolved to, if that still holds, and what an update would change."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.change import Change
from envstudio.domain.lock import Lock, PlatformLock
from envstudio.domain.why import Why, why
from envstudio.gui import theme
from envstudio.gui.document import Document
from envstudio.gui.editor.page import Page
from envstudio.gui.history.timeline_model import when
from envstudio.gui.locks.lock_model import LockModel, LockProxy
from envstudio.gui.locks.preview_view import PreviewView
from envstudio.gui.locks.why_panel import WhyPanel
from envstudio.gui.session import Session
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.size import size_text
from envstudio.gui.widgets.table import Table
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.lock import Locked, LockOptions, preview

MISSING = "A lock is the exact list of packages, with address and checksum, that this definition resolves to."
STALE = "The definition has changed since this lock was made, so it is not what would be built."
EMPTY, LOCKED, PREVIEW = range(3)


class LockPage(Page):
    """One platform's packages at a time."""

    lock_requested = Signal()

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._names: tuple[str, ...] = ()
        self.empty = EmptyPage("lock", "Not locked yet", MISSING, ("Lock now", self.lock_requested.emit))
        self.preview = PreviewView()
        self.preview.applied.connect(self._on_preview_applied)
        self.preview.narrowed.connect(self.preview_update)
        self.preview.closed.connect(self._on_preview_closed)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._make_lock())
        self.stack.addWidget(self.preview)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        document.facts_changed.connect(self._on_document_facts_changed)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._on_escape_activated)
        self.setFocusProxy(self.table)
        self.tint()
        self._on_document_facts_changed()

    def _make_lock(self) -> QWidget:
        self.banner = Banner(closable=False)
        self.platform = QComboBox()
        self.platform.setAccessibleName("Platform")
        self.platform.currentIndexChanged.connect(self._on_platform_current_index_changed)
        self.summary = QLabel()
        self.summary.setProperty("tone", "muted")
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.update_button = QPushButton("Update preview")
        self.update_button.setProperty("small", True)
        self.update_button.setToolTip("Show what the newest packages would change; nothing is stored")
        self.update_button.clicked.connect(self._on_update_button_clicked)
        self.filter = QLineEdit(clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter locked packages")
        self.filter.setFixedWidth(200)
        self.model = LockModel(self)
        self.proxy = LockProxy(self)
        self.proxy.setSourceModel(self.model)
        self.filter.textChanged.connect(self.proxy.set_text)
        self.table = Table("Locked packages")
        self.table.setModel(self.proxy)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.set_widths(200, 112, 152, 64, 96, 80, 144)
        self.table.row_activated.connect(self._on_table_row_activated)
        self.table.selectionModel().selectionChanged.connect(self._on_table_selection_changed)
        self.session.state.watch_header("lock", self.table.horizontalHeader())
        self.why = WhyPanel()
        self.why.package_activated.connect(self.show_package)
        head = make_row(8, (16, 8, 8, 8))
        head.addWidget(self.platform)
        head.addWidget(self.summary, 1)
        head.addWidget(self.update_button)
        head.addWidget(self.filter)
        sides = QSplitter(handleWidth=1, childrenCollapsible=False)
        sides.addWidget(self.table)
        sides.addWidget(self.why)
        sides.setStretchFactor(0, 1)
        sides.setSizes([700, 320])
        full = QWidget()
        box = QVBoxLayout(full)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.banner)
        box.addLayout(head)
        box.addWidget(sides, 1)
        return full

    def find_field(self) -> QLineEdit | None:
        return self.filter if self.stack.currentIndex() == LOCKED else None

    def tint(self) -> None:
        if hasattr(self, "empty"):
            self.model.colors = self.colors()
            self.model.monospace = theme.monospace(self.table)
            bold = QFont(self.table.font())
            bold.setWeight(QFont.Weight.DemiBold)
            self.model.bold = bold
            self.preview.tint()
            self.table.viewport().update()

    @Slot()
    def _on_document_facts_changed(self) -> None:
        record, stale = self.document.lock()
        if self.stack.currentIndex() != PREVIEW:
            self.stack.setCurrentIndex(LOCKED if record else EMPTY)
        if record is None:
            for button in self.empty.buttons:
                button.setVisible(not self.document.read_only)
            return
        if stale and self.banner.isHidden():
            self.banner.say("warning", STALE, ("Lock again", self.lock_requested.emit))
        elif not stale:
            self.banner.clear()
        names = record.lock.platform_names
        if names != tuple(self.platform.itemText(row) for row in range(self.platform.count())):
            self.platform.blockSignals(True)
            self.platform.clear()
            self.platform.addItems(names)
            self.platform.blockSignals(False)
        self._show_platform()

    @Slot(int)
    def _on_platform_current_index_changed(self, index: int) -> None:
        self.why.hide()
        self._show_platform()

    def _platform(self) -> PlatformLock | None:
        record, _ = self.document.lock()
        if record is None or not record.lock.platforms:
            return None
        return record.lock.platforms[max(0, self.platform.currentIndex())]

    def _show_platform(self) -> None:
        record, _ = self.document.lock()
        platform = self._platform()
        if record is None or platform is None:
            return
        if platform.packages != self.model.packages():
            self.why.hide()
            self.model.load(platform.packages)
        total = sum(package.size for package in platform.packages)
        parts = [
            f"Python {platform.python}" if platform.python else "",
            f"{len(platform.of('conda'))} conda",
            f"{len(platform.of('pip'))} pip",
            size_text(total) if total else "",
            f"locked {when(record.created_at)} by {record.created_by}",
        ]
        self.summary.setText(" · ".join(part for part in parts if part))
        self.summary.setToolTip(f"Lock {record.lock.digest}")
        self.filter.setPlaceholderText(f"Filter {len(platform.packages)} packages")

    # Why

    def show_package(self, name: str) -> None:
        """Select a package and tell why it is there."""
        row = self.model.row_of(name)
        if row < 0:
            return
        index = self.proxy.mapFromSource(self.model.index(row, 0))
        if not index.isValid():
            self.filter.clear()
            index = self.proxy.mapFromSource(self.model.index(row, 0))
        self.table.setCurrentIndex(index)
        self.table.scrollTo(index)
        self._explain(name)

    @Slot(QModelIndex)
    def _on_table_row_activated(self, index: QModelIndex) -> None:
        self._explain(self.model.package(self.proxy.mapToSource(index).row()).name)

    def _explain(self, name: str) -> None:
        platform = self._platform()
        if platform is not None:
            self.session.jobs.run(
                f"Why {name}",
                explained,
                platform,
                name,
                lane="library",
                key=f"why:{self.document.name}",
                on_done=self._on_why_done,
            )

    def _on_why_done(self, found: Why) -> None:
        self.why.load(found)

    @Slot()
    def _on_escape_activated(self) -> None:
        if self.stack.currentIndex() == PREVIEW:
            self._on_preview_closed()
        else:
            self.why.hide()
            self.table.setFocus()

    # Updating

    def _selected(self) -> tuple[str, ...]:
        rows = (self.proxy.mapToSource(index).row() for index in self.table.selectionModel().selectedRows())
        return tuple(sorted({self.model.package(row).name for row in rows}))

    @Slot()
    def _on_table_selection_changed(self) -> None:
        count = len(self._selected())
        self.update_button.setText(f"Update preview of {count}" if count > 1 else "Update preview")

    @Slot()
    def _on_update_button_clicked(self) -> None:
        chosen = self._selected()
        self.preview_update(chosen if len(chosen) > 1 else ())

    @Slot(tuple)
    def preview_update(self, names: tuple[str, ...]) -> None:
        """Solve for the newest packages, or for those named and what they force, and show what that would change."""
        self.document.flush()
        name = self.document.environment.name
        self._names = names
        self.update_button.setEnabled(False)
        self.banner.clear()
        job = self.session.jobs.run(
            f"Preview an update of {name}",
            preview,
            self.session.library,
            self.session.settings,
            f"{name}@draft" if self.document.has_draft() else name,
            options=LockOptions(again=True, update=names),
            lane="lock",
            key=f"lock:{name}",
            on_done=self._on_preview_done,
        )
        job.changed.connect(self._on_job_changed)

    @Slot()
    def _on_job_changed(self) -> None:
        active = any(job.key == f"lock:{self.document.environment.name}" for job in self.session.jobs.active())
        self.update_button.setEnabled(not active)

    def _on_preview_done(self, outcome: Locked) -> None:
        self.preview.load(outcome, self._names)
        self.stack.setCurrentIndex(PREVIEW)
        self.preview.setFocus()
        self._on_document_facts_changed()

    @Slot()
    def _on_preview_applied(self) -> None:
        """Store exactly the lock that was shown."""
        outcome = self.preview.outcome
        if outcome is not None:
            name = self.document.environment.name
            self.session.jobs.run(
                f"Store the lock of {name}",
                stored,
                self.session.library,
                name,
                outcome.lock,
                lane="library",
                on_done=self._on_stored,
            )

    def _on_stored(self, change: Change) -> None:
        self.stack.setCurrentIndex(LOCKED)
        self.session.apply(change)

    @Slot()
    def _on_preview_closed(self) -> None:
        self.stack.setCurrentIndex(LOCKED)
        self.table.setFocus()
        self._on_document_facts_changed()


def explained(platform: PlatformLock, name: str, *, report: Report) -> Why:
    """Tell why a package is in a platform's lock, as a job."""
    report.raise_if_cancelled()
    return why(platform, name)


def stored(library: Library, name: str, lock: Lock, *, report: Report) -> Change:
    """Keep a lock that was previewed, as a job."""
    report.raise_if_cancelled()
    return library.locks.save(name, lock)
