"""The line over a comparison: what is compared, the counts, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from envstudio.domain.comparison import Comparison
from envstudio.domain.diff import summarize
from envstudio.gui.look import theme
from envstudio.gui.model.command_table import keys_of
from envstudio.gui.widgets.elided_label import ElidedLabel
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row


class ComparisonHeader(QWidget):
    """Its buttons are connected by the page."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setFont(theme.title_font(self))
        self.counts = Label()
        self.counts.setTextFormat(Qt.TextFormat.RichText)
        self.previous = IconButton("chevron-up", f"Previous change ({keys_of('previous_change')})")
        self.next = IconButton("chevron-down", f"Next change ({keys_of('next_change')})")
        self.others = QPushButton("Compare with")
        self.others.setToolTip("Compare the shown version with something else")
        menu = QMenu(self.others)
        self.with_version = menu.addAction(f"A version of any environment… ({keys_of('compare_with')})")
        self.with_file = menu.addAction(f"A file… ({keys_of('compare_file')})")
        self.others.setMenu(menu)
        self.version = QPushButton("Version")
        self.version.setToolTip("Build, lock or clone the shown version")
        menu = QMenu(self.version)
        self.build, self.lock = menu.addAction("Build"), menu.addAction("Lock")
        self.clone = menu.addAction(f"Clone… ({keys_of('clone_version')})")
        self.version.setMenu(menu)
        self.restore = QPushButton("Restore")
        self.label = QPushButton("Label…")
        self.copy = IconButton("copy", f"Copy as Markdown ({keys_of('copy_comparison')})")
        self.export = IconButton("export", f"Export as HTML ({keys_of('export_comparison')})")
        head = make_row(8, (16, 8, 12, 8))
        head.addWidget(self.title)
        head.addWidget(self.counts)
        steps = make_row(0)
        for step in (self.previous, self.next):
            steps.addWidget(step)
        head.addLayout(steps)
        head.addStretch(1)
        for button in (self.others, self.version, self.restore, self.label):
            button.setProperty("small", True)
            head.addWidget(button)
        for icon in (self.copy, self.export):
            head.addWidget(icon)
        self.setLayout(head)

    def show_counts(self, comparison: Comparison, *, resolved: bool) -> None:
        """Show how many rows of the definitions, or of the locks, there are of each sort, each with its sign."""
        chosen = theme.colors(self.palette())
        counts = summarize(comparison.resolved if resolved else comparison.changes)
        parts = (
            (f"+{counts.added}", "added", chosen.added),
            (f"−{counts.removed}", "removed", chosen.removed),
            (f"↑{counts.upgraded}", "upgraded", chosen.changed),
            (f"↓{counts.downgraded}", "downgraded", chosen.downgrade),
            (f"~{counts.other}", "otherwise changed", chosen.changed),
        )
        shown = [part for part in parts if part[0][1:] != "0"]
        self.counts.setText(
            "&nbsp;&nbsp; ".join(f'<span style="color:{color}">{text}</span>' for text, _, color in shown)
        )
        self.counts.setToolTip(", ".join(f"{text[1:]} {word}" for text, word, _ in shown))
        self.counts.setAccessibleName(self.counts.toolTip())
