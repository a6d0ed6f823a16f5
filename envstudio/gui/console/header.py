"""The line above the console that stays when it is folded: what is shown, how it goes, what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from envstudio.gui.model.command_table import keys_of
from envstudio.gui.widgets.icon_button import IconButton, IconLabel
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.small_button import SmallButton

HEADER_HEIGHT = 32


class ConsoleHeader(QWidget):
    """Its parts are the panel's to fill and to follow."""

    cancel_wanted = Signal()
    rebuild_wanted = Signal()
    why_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "window")
        self.setProperty("line", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEADER_HEIGHT)
        self.fold = IconButton("chevron-down", "Collapse the console")
        title = Label("Console")
        font = QFont(title.font())
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        self.state_icon = IconLabel()
        self.state = Label()
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress")
        self.progress.setFixedWidth(160)
        self.cancel = SmallButton("Cancel", self.cancel_wanted, "Stop this job")
        self.rebuild = SmallButton("Rebuild", self.rebuild_wanted, "Build again with the same inputs")
        self.why = SmallButton("Why would it rebuild?", self.why_wanted, "Show which part has changed since")
        self.find_button = IconButton("search", f"Find in the log ({keys_of('find')})")
        self.save = IconButton("export", "Save the log as a file")
        self.copy = IconButton("copy", "Copy the log")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.fold)
        row.addWidget(title)
        row.addSpacing(16)
        row.addWidget(self.state_icon)
        row.addWidget(self.state)
        row.addWidget(self.progress)
        row.addStretch(1)
        for button in (self.why, self.rebuild, self.cancel, self.find_button, self.save, self.copy):
            row.addWidget(button)
