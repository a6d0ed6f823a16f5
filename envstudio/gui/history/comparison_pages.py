"""The pages of a comparison: what changed, what was resolved, the source side by side, and the timeline of packages."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.comparison import NOTHING, Comparison
from envstudio.domain.image_comparison import ImageComparison
from envstudio.domain.package_timeline import PackageTimeline
from envstudio.gui.history.diff_view import DiffView
from envstudio.gui.history.image_comparison import ImageComparisonTable
from envstudio.gui.history.package_timeline_view import PackageTimelineView
from envstudio.gui.history.source_diff import SourceDiff
from envstudio.gui.look import theme
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.filter_keys import FilterKeys
from envstudio.gui.widgets.layouts import make_row
from envstudio.library import Library, Snapshot
from envstudio.presentation.comparison import unlocked_text
from envstudio.presentation.source_rows import Row, source_rows
from envstudio.report import Report
from envstudio.tasks.compare import compare
from envstudio.tasks.compare_images import compare_images

CHANGES, RESOLVED, SOURCE, IMAGE, TIMELINE = range(5)
PARTS = ("Changes", "Resolved", "Source", "Image", "Timeline")
SORTS = (
    ("All changes", ""),
    ("Added", "added"),
    ("Removed", "removed"),
    ("Changed", "changed"),
    ("Downgraded", "downgrade"),
)
SAME = "Both define exactly the same."
ONLY_RESOLVED = "Both define exactly the same, but their locks differ: see Resolved."
SAME_LOCKS = "Both locks hold the same packages."
NO_LOCKS = "To compare exact packages, both sides need a lock of their own: {}."
NOTHING_BEFORE = "There is nothing before it that its exact packages could be compared with."
NO_MATCH = "The comparison has changes, but none that the filter keeps."


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison and its texts side by side."""

    comparison: Comparison
    rows: tuple[Row, ...]
    old_title: str
    new_title: str
    images: ImageComparison


def compare_fully(library: Library, old: Snapshot, new: Snapshot, *, report: Report) -> Compared:
    """Compare two definitions, their locks, their texts and their images."""
    comparison = compare(library, old, new, report=report)
    images = compare_images(library, old, new, report=report)
    return Compared(comparison, source_rows(old.text, new.text), old.title, new.title, images)


class ComparisonPages(QWidget):
    """Shows what it is given. `timeline_wanted` says that the timeline of a platform (empty: any) is looked at."""

    timeline_wanted = Signal(str)
    version_activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.compared: Compared | None = None
        self.tabs = QTabBar(drawBase=False, expanding=False)
        self.tabs.setProperty("kind", "pages")
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setAccessibleName("What to compare")
        for name in PARTS:
            self.tabs.addTab(name)
        self.filter = QLineEdit(placeholderText="Filter by name", clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter changes")
        self.filter.setMinimumWidth(72)
        self.filter.setMaximumWidth(168)
        self.sort = QComboBox()
        self.sort.setAccessibleName("Sort of change")
        for title, value in SORTS:
            self.sort.addItem(title, value)
        self.moved = QCheckBox("Only moved")
        self.moved.setToolTip("Only packages that moved between these versions")
        self.moved.setChecked(True)
        head = make_row(8, (4, 0, 12, 4))
        head.addWidget(self.tabs)
        head.addStretch(1)
        for widget in (self.moved, self.filter, self.sort):
            head.addWidget(widget)

        self.diff = DiffView()
        self.resolved = DiffView()
        self.resolved.setAccessibleName("Resolved differences")
        self.source = SourceDiff()
        self.images = ImageComparisonTable()
        self.timeline = PackageTimelineView()
        self.timeline.version_activated.connect(self.version_activated)
        self.timeline.platform_wanted.connect(self.timeline_wanted)
        self.same = EmptyPage("check", "No differences", SAME)
        self.no_match = EmptyPage("search", "No match", NO_MATCH)
        self.stack = QStackedWidget()
        for view in (self.diff, self.resolved, self.source, self.images, self.timeline, self.same, self.no_match):
            self.stack.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)
        self.tabs.currentChanged.connect(self._on_tabs_current_changed)
        self.filter.textChanged.connect(self._on_filter_changed)
        FilterKeys(self.filter, self._shown_list)
        self.sort.currentIndexChanged.connect(self._on_filter_changed)
        self.moved.toggled.connect(self._on_filter_changed)
        self._show_part()

    def _shown_list(self) -> QWidget:
        return self.stack.currentWidget() or self.stack

    def apply_theme(self) -> None:
        """Take over the colours of the theme."""
        self.timeline.apply_theme()
        self.images.image_model.colors = theme.colors(self.palette())
        self.images.image_model.monospace = theme.monospace(self)
        self.source.apply_theme()

    def load(self, compared: Compared) -> None:
        """Show a comparison."""
        self.compared = compared
        self.diff.load(compared.comparison, "changes")
        self.resolved.load(compared.comparison, "resolved")
        self.images.image_model.load(compared.images)
        self.source.source_model.load(compared.rows, compared.old_title, compared.new_title)
        for part, count in ((CHANGES, len(compared.comparison.changes)), (RESOLVED, len(compared.comparison.resolved))):
            self.tabs.setTabText(part, f"{PARTS[part]} {count}" if count else PARTS[part])
        # The bar's own hint forgets that the chosen tab is bold.
        self.tabs.setMinimumWidth(self.tabs.sizeHint().width() + 24)
        self._on_filter_changed()
        self._show_part()

    def load_timeline(self, timeline: PackageTimeline) -> None:
        """Show when each package moved."""
        self.timeline.load(timeline)

    def _show_part(self) -> None:
        part = self.tabs.currentIndex()
        self.moved.setVisible(part == TIMELINE)
        self.sort.setVisible(part in (CHANGES, RESOLVED))
        self.filter.setVisible(part != SOURCE)
        self.stack.setCurrentIndex(part)
        if self.compared is not None and part in (CHANGES, RESOLVED):
            self._show_rows(part, self.compared.comparison)

    def _show_rows(self, part: int, comparison: Comparison) -> None:
        """Say so instead of the rows if there are none."""
        title, text = "No differences", ""
        if part == CHANGES and not comparison.changes:
            text = ONLY_RESOLVED if comparison.resolved else SAME
        elif part == RESOLVED and not comparison.both_locked:
            title, text = "Not locked on both sides", NO_LOCKS.format(unlocked_text(comparison))
            if comparison.old_title == NOTHING:
                title, text = "Nothing to compare with", NOTHING_BEFORE
        elif part == RESOLVED and not comparison.resolved:
            text = SAME_LOCKS
        elif not (self.diff if part == CHANGES else self.resolved).diff_model.rowCount():
            self.stack.setCurrentWidget(self.no_match)
        if text:
            self.same.title.setText(title)
            self.same.text.setText(text)
            self.stack.setCurrentWidget(self.same)

    @Slot(int)
    def _on_tabs_current_changed(self, part: int) -> None:
        self._show_part()
        if part == TIMELINE:
            self.timeline_wanted.emit(self.timeline.platform.currentText())

    @Slot()
    def _on_filter_changed(self) -> None:
        text, wanted = self.filter.text(), str(self.sort.currentData())
        for view in (self.diff, self.resolved):
            view.narrow(text, wanted)
        self.images.image_model.narrow(text)
        self.timeline.narrow(text, self.moved.isChecked())
        self._show_part()

    @Slot()
    def go_forward(self) -> None:
        """Go to the next change."""
        self._step(True)

    @Slot()
    def go_back(self) -> None:
        """Go to the previous change."""
        self._step(False)

    def _step(self, forward: bool) -> None:
        part = self.tabs.currentIndex()
        if part == SOURCE:
            self.source.step(forward)
        elif part == IMAGE:
            self.images.step(forward)
        elif part == TIMELINE:
            self.timeline.step(forward)
        else:
            (self.diff if part == CHANGES else self.resolved).step(forward)
