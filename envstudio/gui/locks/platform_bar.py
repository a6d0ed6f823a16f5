"""The platforms of a lock, one of which is shown, and a plus to lock for another one too."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QMenu, QToolButton, QWidget

from envstudio.domain.platforms import PLATFORMS
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.layouts import clear_from, make_row


class PlatformBar(QWidget):
    """`chosen` says which platform to show; `add_requested` is the request to lock for one more."""

    chosen = Signal(str)
    add_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Platforms of the lock")
        self._names: tuple[str, ...] = ()
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.add_button = IconButton("plus", "Lock for another platform too")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.add_button)
        self.menu.aboutToShow.connect(self._on_menu_about_to_show)
        self.add_button.setMenu(self.menu)
        self._chips = make_row(4)
        layout = make_row(4)
        layout.addLayout(self._chips)
        layout.addWidget(self.add_button)
        self.setLayout(layout)

    @property
    def current(self) -> str:
        """Return the platform that is shown; empty if there is none."""
        button = self._group.checkedButton()
        return button.text() if button is not None else ""

    def button(self, name: str) -> QAbstractButton:
        """Return the button of a platform."""
        return next(button for button in self._group.buttons() if button.text() == name)

    def show_names(self, names: tuple[str, ...]) -> None:
        """Offer these; the one that was shown stays where it is among them."""
        if names == self._names:
            return
        before = self.current
        self._names = names
        for button in self._group.buttons():
            self._group.removeButton(button)
        clear_from(self._chips, 0)
        for name in names:
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            button.setToolTip(f"Show the packages for {name}")
            button.setProperty("chip", True)
            button.clicked.connect(partial(self._choose, name))
            self._group.addButton(button)
            self._chips.addWidget(button)
        self.choose(before if before in names else names[0] if names else "")

    def choose(self, name: str) -> None:
        """Mark a platform as the one that is shown."""
        for button in self._group.buttons():
            button.setChecked(button.text() == name)

    def _choose(self, name: str, *_: object) -> None:
        self.chosen.emit(name)

    @Slot()
    def _on_menu_about_to_show(self) -> None:
        self.menu.clear()
        for name in PLATFORMS:
            if name not in self._names:
                self.menu.addAction(f"Lock {name} too", partial(self.add_requested.emit, name))
        if self.menu.isEmpty():
            self.menu.addAction("Locked for all platforms").setEnabled(False)
