"""What pruning would remove and what it would leave, and why; nothing goes before its button is pressed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor

from envstudio.domain.amounts import amount_text, size_text
from envstudio.gui.look import theme
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.proposal_view import ProposalView
from envstudio.gui.widgets.rows_model import Index, RowsModel
from envstudio.gui.widgets.table import Table
from envstudio.tasks.prune_images import PrunePlan

WHAT, IMAGE, SIZE, WHY = range(4)
TITLES = ("What", "Image", "Size", "Why")
UNNEEDED = "not the newest of its environment, and without a label"
REPLACED = "a newer image of this version has its names"
NOTHING = (
    "Every image of this workspace in the engine is the newest of its environment, has a label that points to its "
    "version, or is in use."
)
Row = tuple[bool, str, str, str]


class PruneModel(RowsModel):
    """Rows are images that go, then versions whose images stay."""

    titles = TITLES

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self.colors = theme.LIGHT

    def load(self, plan: PrunePlan) -> None:
        """Show a plan."""
        self.beginResetModel()
        needed = {reference for reference, _ in plan.kept}
        titles = [f"{item.environment}:{item.version}" for item in plan.removed]
        self.rows = [
            (True, title, size_text(item.size), REPLACED if title in needed else UNNEEDED)
            for title, item in zip(titles, plan.removed, strict=True)
        ]
        self.rows += [(False, reference, "", reason) for reference, reason in plan.kept]
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        goes, image, size, why = self.rows[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return ("−  remove" if goes else "✓  keep", image, size, why)[column]
        if role == Qt.ItemDataRole.ForegroundRole and column in (WHAT, WHY):
            color = self.colors.muted if column == WHY else self.colors.removed if goes else self.colors.added
            return QColor(color)
        return None


class PruneView(ProposalView):
    """`accepted` carries the plan that was shown."""

    accepted = Signal(object)

    def __init__(self) -> None:
        self.plan: PrunePlan | None = None
        self.model = PruneModel()
        table = Table("What pruning would do")
        nothing = EmptyPage("check", "Nothing to remove", NOTHING, ("Back to the images", self._close))
        super().__init__("Free space in the engine", "Keep everything", table, self.model, nothing)
        self.model.setParent(self)
        self.table.set_widths(96, 264, 96)
        self.accept = self._add_button("", primary=True)
        self.accept.clicked.connect(self._on_accept_clicked)

    def _close(self) -> None:
        self.closed.emit()

    def load(self, plan: PrunePlan) -> None:
        """Show a plan."""
        self.plan = plan
        self.model.load(plan)
        self.stack.setCurrentIndex(0 if plan.removed else 1)
        count = len(plan.removed)
        self.summary.setText(
            f"{count} of {amount_text(count + len(plan.stays), 'image')} of this workspace would be removed"
        )
        self.accept.setText(f"Free {size_text(plan.freed)}")
        self.accept.setVisible(bool(plan.removed))

    def apply_theme(self) -> None:
        """Take over the colours of the theme."""
        self.model.colors = theme.colors(self.palette())
        self.table.viewport().update()

    @Slot()
    def _on_accept_clicked(self) -> None:
        if self.plan is not None:
            self.accepted.emit(self.plan)
