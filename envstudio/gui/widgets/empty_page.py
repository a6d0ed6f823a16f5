"""What an empty place shows: what would be here, and the first step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from envstudio.gui.look import theme
from envstudio.gui.widgets.icon_button import IconLabel
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row


class EmptyPage(QWidget):
    """An icon, a title, a sentence and buttons, centred."""

    def __init__(
        self, icon: str, title: str, text: str, *offers: tuple[str, Callable[[], object]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = Label(title)
        self.title.setFont(theme.title_font(self))
        self.text = Label(text, wordWrap=True)
        self.text.setProperty("tone", "muted")
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text.setFixedWidth(440)
        line = make_row(8)
        line.addStretch(1)
        self.buttons = []
        for position, (name, call) in enumerate(offers):
            button = QPushButton(name)
            button.setProperty("primary", position == 0)
            button.clicked.connect(call)
            line.addWidget(button)
            self.buttons.append(button)
        line.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(24, 24, 24, 24)
        self.box.setSpacing(12)
        self.box.addStretch(2)
        self.box.addWidget(IconLabel(icon, "muted", 40), 0, centre)
        self.box.addWidget(self.title, 0, centre)
        # Centred by what is beside it: an alignment would give it the height of a text of another width.
        middle = make_row(0)
        middle.addStretch(1)
        middle.addWidget(self.text)
        middle.addStretch(1)
        self.box.addLayout(middle)
        self.box.addLayout(line)
        self.box.addStretch(3)
