"""The preview of an update: what would change, and what to do with that."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFont

from envstudio.domain.amounts import seconds_text
from envstudio.domain.diff import summarize
from envstudio.gui.locks.preview_model import LINE_ROLE, PreviewModel
from envstudio.gui.look import theme
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.proposal_view import ProposalView
from envstudio.gui.widgets.table import Table
from envstudio.tasks.lock import Locked

NOTHING = "{} the newest that the definition and the options below allow."


EARLIER = "Back to an earlier lock"
SAME = "That lock holds the same packages as the one that counts."


class PreviewView(ProposalView):
    """`applied` stores what is shown; `narrowed` requests a preview of some packages alone."""

    applied = Signal()
    narrowed = Signal(tuple)

    def __init__(self) -> None:
        self.outcome: Locked | None = None
        self.model = PreviewModel()
        table = Table("What an update would change")
        nothing = EmptyPage("check", "Nothing to update", "", ("Back to the lock", self._close))
        super().__init__("", "Keep the current lock", table, self.model, nothing)
        self.model.setParent(self)
        self.model.chosen_changed.connect(self._on_model_chosen_changed)
        self.table.copy_role = LINE_ROLE
        self.table.set_widths(128, 216, 160, 160, 96)
        self.narrow = self._add_button("Only the chosen")
        self.narrow.setToolTip("Show what updating the ticked packages alone would change")
        self.narrow.clicked.connect(self._on_narrow_clicked)
        self.apply = self._add_button("Update all", primary=True)
        self.apply.clicked.connect(self.applied)

    def _close(self) -> None:
        self.closed.emit()

    def load(self, outcome: Locked, names: tuple[str, ...]) -> None:
        """Show the outcome of a preview that was about all packages, or about those named."""
        self.outcome = outcome
        self.model.load(outcome.changes)
        self.stack.setCurrentIndex(0 if outcome.changes else 1)
        what = f"{_listed(names)} {'is' if len(names) == 1 else 'are'}" if names else "Everything in the lock is"
        self.nothing.text.setText(SAME if outcome.reused else NOTHING.format(what))
        update = "Update preview" if not names else f"Update of {_listed(names)}"
        self.title.setText(EARLIER if outcome.reused else update)
        counts = summarize(outcome.changes)
        parts = (
            (counts.upgraded, "upgraded"),
            (counts.downgraded, "downgraded"),
            (counts.added, "added"),
            (counts.removed, "removed"),
            (counts.other, "rebuilt"),
        )
        nonzero = [f"{number} {what}" for number, what in parts if number]
        how = outcome.lock.digest[:19] if outcome.reused else f"solved in {seconds_text(outcome.seconds)}"
        self.summary.setText(" · ".join([*nonzero, how, "nothing is stored yet"]))
        self.narrow.setHidden(outcome.reused)
        self.apply.setText("Use this lock" if outcome.reused else "Update all" if not names else "Update these")
        self.apply.setEnabled(bool(outcome.changes))

    def apply_theme(self) -> None:
        """Take over the colours of the theme."""
        self.model.colors = theme.colors(self.palette())
        self.model.monospace = theme.monospace(self.table)
        bold = QFont(self.table.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.model.bold = bold
        self.table.viewport().update()

    @Slot()
    def _on_model_chosen_changed(self) -> None:
        count = len(self.model.chosen)
        self.narrow.setEnabled(bool(count))
        self.narrow.setText(f"Only the chosen ({count})" if count else "Only the chosen")

    @Slot()
    def _on_narrow_clicked(self) -> None:
        self.narrowed.emit(tuple(sorted(self.model.chosen)))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) < 4 else f"{len(names)} packages"
