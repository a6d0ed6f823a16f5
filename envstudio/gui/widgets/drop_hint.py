"""What is said over a part of the window while something is dragged there that it takes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLabel, QWidget

from envstudio.gui.widgets.label import Label

MARGIN = 4


class DropHint(QObject):
    """Watches a widget that takes drops: while one is above it that it has accepted, a frame says what it would do."""

    def __init__(self, over: QWidget, text: str) -> None:
        super().__init__(over)
        self._over = over
        self._text = text
        self.label: QLabel | None = None

    def follow(self, event: QEvent) -> None:
        """Show or hide the hint as an event of the widget says, after that was accepted or not."""
        if isinstance(event, QDragEnterEvent) and event.isAccepted():
            self._show()
        elif isinstance(event, QDragLeaveEvent) or (
            isinstance(event, QDropEvent) and not isinstance(event, QDragMoveEvent)
        ):
            self._hide()

    def _show(self) -> None:
        if self.label is None:
            self.label = Label(self._text, self._over, alignment=Qt.AlignmentFlag.AlignCenter)
            self.label.setProperty("drop", True)
            self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.setGeometry(self._over.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN))
        self.label.raise_()
        self.label.show()

    def _hide(self) -> None:
        if self.label is not None:
            self.label.hide()
