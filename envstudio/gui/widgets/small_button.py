"""The button with a text that stands in a line among other things."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QPushButton, QWidget

from envstudio.gui.widgets.label import plain_tip


class SmallButton(QPushButton):
    """Calls or emits something when it is pressed; `tip` says what its text has no room for."""

    def __init__(
        self, text: str, call: Callable[..., object] | SignalInstance, tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("small", True)
        self.setToolTip(plain_tip(tip))
        self.clicked.connect(call)
