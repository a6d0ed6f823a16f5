"""What the commands of all nouns have in common: the window that they act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from envstudio.library import EnvironmentInfo

if TYPE_CHECKING:
    from envstudio.gui.environment_view import EnvironmentView
    from envstudio.gui.main_window import MainWindow


class CommandGroup(QObject):
    """The verbs of one noun. A command's id is the name of its method here, with `do_` before it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session

    def _view(self) -> EnvironmentView | None:
        return self._window.current_view()

    def _targets(self) -> list[EnvironmentInfo]:
        """Return the environments that a command is about: the browser's where one is there, else the open tab's."""
        return self._window.targets()
