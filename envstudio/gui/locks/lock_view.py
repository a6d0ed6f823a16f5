"""The packages of a lock, one platform at a time, what can be asked of them, and the panel that explains one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.amounts import amount_text, size_text
from envstudio.domain.lock import PlatformLock
from envstudio.gui.locks.export_lock import LockExport
from envstudio.gui.locks.lock_packages import PREFERENCE, VIEWS, LockPackages
from envstudio.gui.locks.platform_bar import PlatformBar
from envstudio.gui.model.session import Session
from envstudio.gui.pages.why_panel import WhyPanel
from envstudio.gui.widgets.filter_keys import FilterKeys
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.segments import Segments
from envstudio.library import LockRecord, LockSummary
from envstudio.presentation.moments import when

TIPS = {"table": "Every package in one list", "tree": "What brings which packages"}


class LockView(QWidget):
    """`platform_shown` says that other packages are shown; the rest are requests."""

    platform_shown = Signal()
    update_requested = Signal(tuple)
    explain_requested = Signal(str)
    earlier_requested = Signal()
    earlier_chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: LockRecord | None = None
        self._state = session.state
        self.platforms = PlatformBar()
        self.platforms.chosen.connect(self._on_platforms_chosen)
        self.summary, self.machine = Label(wordWrap=True), Label(wordWrap=True)
        for label in (self.summary, self.machine):
            label.setProperty("tone", "muted")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.machine.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.machine.setToolTip("Virtual packages: what the solver assumed about the machine")
        self.update_button = QPushButton("Update preview")
        self.update_button.setToolTip("Show what the newest packages would change; nothing is stored")
        self.update_button.clicked.connect(self._on_update_button_clicked)
        self.export = LockExport(session, self)
        self.export_button = QPushButton("Export")
        self.export_button.setToolTip("Write the lock as a file of another tool")
        self.export_button.setMenu(self.export.menu)
        self.earlier_button = QPushButton("Earlier")
        self.earlier_button.setToolTip("The locks that this definition had before, to compare with and to go back to")
        self.earlier_menu = QMenu(self.earlier_button)
        self.earlier_menu.aboutToShow.connect(self.earlier_requested)
        self.earlier_button.setMenu(self.earlier_menu)
        for button in (self.update_button, self.earlier_button, self.export_button):
            button.setProperty("small", True)
        self.filter = QLineEdit(clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter locked packages")
        self.filter.setFixedWidth(200)
        self.packages = LockPackages(session)
        self.packages.explained.connect(self.explain_requested)
        self.packages.update_wanted.connect(self.update_requested)
        self.packages.selection_changed.connect(self._on_packages_selection_changed)
        self.filter.textChanged.connect(self.packages.narrow)
        FilterKeys(self.filter, lambda: self.packages.view)
        self.why = WhyPanel()
        self.why.package_activated.connect(self.show_package)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(self._make_head())
        facts_row = make_row(16, (16, 0, 16, 8))
        facts_row.addWidget(self.summary, 3)
        facts_row.addWidget(self.machine, 1)
        box.addLayout(facts_row)
        sides = QSplitter(handleWidth=1, childrenCollapsible=False)
        sides.addWidget(self.packages)
        sides.addWidget(self.why)
        sides.setStretchFactor(0, 1)
        sides.setSizes([700, 320])
        box.addWidget(sides, 1)
        self.setFocusProxy(self.packages)

    def _make_head(self) -> QHBoxLayout:
        titles = {name: name.capitalize() for name in VIEWS}
        self.views = Segments("Table or tree", titles, TIPS, self._state.preference(PREFERENCE))
        self.views.chosen.connect(self._on_views_chosen)
        head = make_row(8, (16, 8, 8, 4))
        head.addWidget(self.platforms)
        head.addStretch(1)
        head.addWidget(self.views)
        for widget in (self.update_button, self.earlier_button, self.export_button, self.filter):
            head.addWidget(widget)
        return head

    def load(self, record: LockRecord) -> None:
        """Show a lock; the platform stays where the lock has it."""
        self._record = record
        self.platforms.show_names(record.lock.platform_names)
        self._show_platform()

    def show_earlier(self, found: tuple[LockSummary, ...]) -> None:
        """Offer the locks that the definition had before; the menu says so if there was none."""
        self.earlier_menu.clear()
        for item in found:
            text = f"{when(item.created_at)} · {item.created_by} · {item.digest[7:15]}"
            self.earlier_menu.addAction(text, partial(self.earlier_chosen.emit, item.digest))
        if not found:
            self.earlier_menu.addAction("No earlier locks").setEnabled(False)

    def platform(self) -> PlatformLock | None:
        """Return the packages of the platform that is shown."""
        if self._record is None or not self._record.lock.platforms:
            return None
        lock, current = self._record.lock, self.platforms.current
        return lock.platforms[lock.platform_names.index(current) if current in lock.platform_names else 0]

    def _show_platform(self) -> None:
        platform = self.platform()
        if self._record is None or platform is None:
            return
        if platform.packages != self.packages.model.packages():
            self.why.hide()
            self.packages.load(platform)
            self.platform_shown.emit()
        self.export.set_lock(self._record.lock, platform.platform)
        self.machine.setText("  ".join(platform.virtual_packages))
        self.filter.setPlaceholderText(f"Filter {amount_text(len(platform.packages), 'package')}")
        self.summarize()

    def summarize(self) -> None:
        """Say how much there is."""
        platform, record = self.platform(), self._record
        if record is None or platform is None:
            return
        total, requested = self.packages.model.total(), sum(package.requested for package in platform.packages)
        parts = [
            amount_text(len(platform.packages), "package"),
            f"{requested} requested",
            f"{len(platform.of('conda'))} conda, {len(platform.of('pip'))} pip",
            f"{'' if self.packages.model.knows_all_sizes() else 'more than '}{size_text(total)}" if total else "",
            f"Python {platform.python}" if platform.python else "",
            f"locked {when(record.created_at)} by {record.created_by}",
        ]
        self.summary.setText(" · ".join(part for part in parts if part))
        self.summary.setToolTip(f"Lock {record.lock.digest}")

    def show_package(self, name: str) -> None:
        """Select a package and explain why it is there."""
        platform = self.platform()
        if platform is None or not platform.find(name):
            return
        if not self.packages.select(name):
            self.filter.clear()
            self.packages.show_all()
            self.packages.select(name)
        self.explain_requested.emit(name)

    @Slot(str)
    def _on_platforms_chosen(self, name: str) -> None:
        self.why.hide()
        self._show_platform()

    @Slot(str)
    def _on_views_chosen(self, name: str) -> None:
        self.packages.show_view(name)
        self.packages.setFocus()

    @Slot()
    def _on_packages_selection_changed(self) -> None:
        count = len(self.packages.selected())
        self.update_button.setText(f"Update preview of {count}" if count > 1 else "Update preview")

    @Slot()
    def _on_update_button_clicked(self) -> None:
        chosen = self.packages.selected()
        self.update_requested.emit(chosen if len(chosen) > 1 else ())
