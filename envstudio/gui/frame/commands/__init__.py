"""What each command of the table does: one file for each noun, listed once here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from envstudio.gui.frame.commands.builds import BuildCommands
from envstudio.gui.frame.commands.drafts import DraftCommands
from envstudio.gui.frame.commands.environments import EnvironmentCommands
from envstudio.gui.frame.commands.files import FileCommands
from envstudio.gui.frame.commands.history import HistoryCommands
from envstudio.gui.frame.commands.navigation import NavigationCommands
from envstudio.gui.frame.commands.program import ProgramCommands
from envstudio.gui.frame.commands.runs import RunCommands
from envstudio.gui.model.command_table import COMMANDS, Needs

if TYPE_CHECKING:
    from envstudio.gui.frame.window import Window


ABOUT_ENVIRONMENTS = {item.id for item in COMMANDS if item.needs in (Needs.ENVIRONMENT, Needs.OWN)}
"""Commands whose methods take the environments that they are about."""


class Commands(QObject):
    """The verbs of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window.as_widget())
        self._window = window
        self.environments = EnvironmentCommands(window)
        self.files = FileCommands(window, self.environments)
        self.navigation = NavigationCommands(window)
        self.builds = BuildCommands(window)
        self.runs = RunCommands(window)
        self.drafts = DraftCommands(window, self.builds)
        self.history = HistoryCommands(window, self.builds, self.environments)
        self.program = ProgramCommands(window)
        self._groups = (
            self.files,
            self.navigation,
            self.drafts,
            self.environments,
            self.history,
            self.builds,
            self.runs,
            self.program,
        )

    def handler(self, command: str) -> Callable[[], None]:
        """Return what to call for a command, which is about the environment whose tab is in front."""
        for prefix, method in (("page_", self.navigation.show_page), ("theme_", self.navigation.set_theme)):
            if command.startswith(prefix):
                return partial(_ignoring_checked, method, command.removeprefix(prefix))
        method = self._method(command)
        if command in ABOUT_ENVIRONMENTS:
            return lambda *_: method(self._window.targets())
        return partial(_ignoring_checked, method)

    def of_selection(self, command: str) -> Callable[[], None]:
        """Return what to call for a command that is about what is selected in the browser."""
        method = self._method(command)
        return lambda *_: method(self._window.browser.selected())

    def _method(self, command: str) -> Callable[..., None]:
        found = next(found for group in self._groups if (found := getattr(group, f"do_{command}", None)))
        method: Callable[..., None] = found
        return method


def _ignoring_checked(method: Callable[..., None], *args: Any) -> None:
    """Call a command's method without the `checked` that Qt adds."""
    method(*(arg for arg in args if not isinstance(arg, bool)))
