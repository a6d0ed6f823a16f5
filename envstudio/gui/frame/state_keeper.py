"""Keeps how the window looks while it is open, so that a program that is killed comes back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from envstudio.gui.frame.window_look import look_of

if TYPE_CHECKING:
    from envstudio.gui.frame.window_look import LaidOutWindow

MILLISECONDS = 1000


class StateKeeper(QObject):
    """Writes the window's state a moment after the tabs changed, and whenever it is told to."""

    def __init__(self, window: LaidOutWindow) -> None:
        super().__init__(window.as_widget())
        self._window = window
        self._timer = QTimer(self, interval=MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self.save)
        window.tabs.currentChanged.connect(self._on_tabs_changed)
        window.tabs.tabBar().tabMoved.connect(self._on_tabs_changed)
        window.session.workspace_changed.connect(self._on_tabs_changed)
        # A tab behind the one that is shown goes without a word, except from the stack in which Qt keeps the pages.
        window.tabs.pages.widgetRemoved.connect(self._on_tabs_changed)

    @Slot()
    def _on_tabs_changed(self) -> None:
        self._timer.start()

    @Slot()
    def save(self) -> None:
        """Write it now."""
        self._timer.stop()
        self._window.state.save(look_of(self._window))

    def stop(self) -> None:
        """Write nothing more."""
        self._timer.stop()
        self._window.tabs.currentChanged.disconnect(self._on_tabs_changed)
        self._window.tabs.pages.widgetRemoved.disconnect(self._on_tabs_changed)
