"""A strip that says one thing and offers what to do about it, instead of a box."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt, SignalInstance, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QWidget

from envstudio.domain.amounts import amount_text
from envstudio.gui.widgets.icon_button import IconButton, IconLabel
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.small_button import SmallButton

TONES = {"info": ("info", "accent"), "warning": ("warning", "changed"), "error": ("error", "removed")}
MOST_LINES = 8
MOST_KEPT = 100
"""How many lines of a message are laid out; a file of 500 reasons would hold the GUI thread for a third of a second."""
Offer = tuple[str, Callable[[], object]]


class _Scrolled(QScrollArea):
    """As tall as the words of a label, up to `MOST_LINES`; more than that is scrolled to."""

    def __init__(self, label: Label) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._label = label
        self.setWidget(label)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Whoever has no mouse scrolls too, but only where there is something to scroll.
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        self.setProperty("ground", "none")

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return min(self._label.heightForWidth(width), self._most())

    def sizeHint(self) -> QSize:
        hint = self._label.sizeHint()
        return QSize(hint.width(), min(hint.height(), self._most()))

    def minimumSizeHint(self) -> QSize:
        hint = self._label.minimumSizeHint()
        return QSize(hint.width(), min(hint.height(), self._most()))

    @Slot(int, int)
    def _on_range_changed(self, _: int, last: int) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if last else Qt.FocusPolicy.NoFocus)

    def _most(self) -> int:
        return MOST_LINES * self._label.fontMetrics().lineSpacing()


class Banner(QFrame):
    """Hidden until it has something to say."""

    def __init__(self, parent: QWidget | None = None, *, closable: bool = True) -> None:
        super().__init__(parent)
        self._icon = IconLabel()
        self.label = Label(wordWrap=True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = IconButton("close", "Dismiss")
        self._close.clicked.connect(self.hide)
        self._close.setVisible(closable)
        self.buttons: list[QPushButton] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(16, 6, 8, 6)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._icon)
        self._layout.addWidget(_Scrolled(self.label), 1)
        self._layout.addWidget(self._close)
        self.hide()

    def say(self, tone: str, text: str, *offers: Offer) -> None:
        """Show a message with a button for each offer; of a very long one, its first lines."""
        lines = text.split("\n", MOST_KEPT)
        if len(lines) > MOST_KEPT:
            more = amount_text(lines.pop().count("\n") + 1, "more line")
            text = "\n".join([*lines, f"… and {more}"])
        self.clear()
        self.setProperty("banner", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.set_icon(*TONES[tone])
        self.label.setText(text)
        self.setAccessibleName(text)
        for title, call in offers:
            button = SmallButton(title, call)
            button.clicked.connect(self._on_button_clicked)
            self._layout.insertWidget(self._layout.count() - 1, button)
            self.buttons.append(button)
        self.show()

    def clear(self) -> None:
        """Say nothing."""
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.hide()

    def clear_at(self, signal: SignalInstance) -> None:
        """Say what is said now until a signal is emitted."""
        signal.connect(partial(self._clear_message, self.label.text()), Qt.ConnectionType.SingleShotConnection)

    def _clear_message(self, text: str, *_: object) -> None:
        if self.label.text() == text:
            self.clear()

    @Slot()
    def _on_button_clicked(self) -> None:
        # What the button did may have said something new.
        if self.sender() in self.buttons and self._close.isVisibleTo(self):
            self.hide()
