"""The page that shows what an environment was resolved to, and whether that still holds."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from envstudio.gui import theme
from envstudio.gui.document import Document
from envstudio.gui.editor.page import Page
from envstudio.gui.history.timeline_model import when
from envstudio.gui.locks.lock_model import LockModel, LockProxy
from envstudio.gui.session import Session
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.size import size_text
from envstudio.gui.widgets.table import Table

MISSING = "A lock is the exact list of packages, with address and checksum, that this definition resolves to."
STALE = "The definition has changed since this lock was made, so it is not what would be built."


class LockPage(Page):
    """One platform's packages at a time."""

    lock_requested = Signal()

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.banner = Banner(closable=False)
        self.platform = QComboBox()
        self.platform.setAccessibleName("Platform")
        self.platform.currentIndexChanged.connect(self._on_platform_current_index_changed)
        self.summary = QLabel()
        self.summary.setProperty("tone", "muted")
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
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
        head = make_row(8, (16, 8, 8, 8))
        head.addWidget(self.platform)
        head.addWidget(self.summary, 1)
        head.addWidget(self.filter)
        full = QWidget()
        box = QVBoxLayout(full)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.banner)
        box.addLayout(head)
        box.addWidget(self.table, 1)
        self.empty = EmptyPage("lock", "Not locked yet", MISSING, ("Lock now", self.lock_requested.emit))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(full)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        document.facts_changed.connect(self._on_document_facts_changed)
        self.setFocusProxy(self.table)
        self.tint()
        self._on_document_facts_changed()

    def find_field(self) -> QLineEdit | None:
        return self.filter if self.stack.currentIndex() else None

    def tint(self) -> None:
        if hasattr(self, "empty"):
            self.model.colors = self.colors()
            self.model.monospace = theme.monospace(self.table)
            bold = QFont(self.table.font())
            bold.setWeight(QFont.Weight.DemiBold)
            self.model.bold = bold
            self.table.viewport().update()

    @Slot()
    def _on_document_facts_changed(self) -> None:
        record, stale = self.document.lock()
        self.stack.setCurrentIndex(1 if record else 0)
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
        self._show_platform()

    def _show_platform(self) -> None:
        record, _ = self.document.lock()
        if record is None or not record.lock.platforms:
            return
        platform = record.lock.platforms[max(0, self.platform.currentIndex())]
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
