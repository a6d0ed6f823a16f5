"""The runs of an environment as a table."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont

from envstudio.domain.amounts import seconds_text
from envstudio.gui.look import theme
from envstudio.gui.runs.run_form import TARGETS
from envstudio.gui.widgets.label import plain_tip
from envstudio.gui.widgets.rows_model import RIGHT, Index, RowsModel
from envstudio.library import RunRecord
from envstudio.presentation.moments import when

RUN, COMMAND, RESULT, VERSION, WHERE, TOOK, STARTED = range(7)


class RunsModel(RowsModel):
    """Newest first."""

    titles = ("Run", "Command", "Result", "Version", "Where", "Took", "Started")
    numbers = (TOOK,)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[RunRecord] = ()
        self.colors = theme.LIGHT
        self.monospace = QFont()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        record, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _texts(record)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_texts(record)[column])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column in self.numbers else None
        if role == Qt.ItemDataRole.FontRole:
            return self.monospace if column == COMMAND else None
        if column == RESULT:
            shade = self.colors.removed if record.exit_code else self.colors.added
            if role == Qt.ItemDataRole.DecorationRole:
                return theme.icon("error" if record.exit_code else "done", shade)
            return QColor(shade) if role == Qt.ItemDataRole.ForegroundRole else None
        return None


def _texts(record: RunRecord) -> tuple[str, ...]:
    return (
        f"#{record.id}",
        shlex.join(record.command),
        f"exit status {record.exit_code}" if record.exit_code else "succeeded",
        f"v{record.version}",
        TARGETS.get(record.target, record.target),
        seconds_text(record.seconds),
        when(record.started_at),
    )
