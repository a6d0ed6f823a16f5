"""A label that shortens a text for which there is no room, so that a long one never widens the window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent

from envstudio.gui.widgets.label import Label, plain_tip

LEAST_LETTERS = 8


class ElidedLabel(Label):
    """One line of plain text. What is not shown of it is in its tip."""

    mode = Qt.TextElideMode.ElideMiddle

    def setText(self, text: str) -> None:
        super().setText(text)
        self._tell()

    def minimumSizeHint(self) -> QSize:
        least = self.fontMetrics().averageCharWidth() * LEAST_LETTERS
        return QSize(min(least, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell()

    def shown(self) -> str:
        """Return what is seen of the text."""
        return self.fontMetrics().elidedText(self.text(), self.mode, self.width())

    def _tell(self) -> None:
        self.setToolTip(plain_tip(self.text()) if self.shown() != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        alignment = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.style().drawItemText(
            painter, self.rect(), alignment, self.palette(), self.isEnabled(), self.shown(), self.foregroundRole()
        )
