"""What the commands of all nouns have in common: the window that they act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from envstudio.domain.reference import DRAFT
from envstudio.library import EnvironmentInfo

if TYPE_CHECKING:
    from envstudio.gui.frame.environment_view import EnvironmentView
    from envstudio.gui.frame.window import Window


def state_note(info: EnvironmentInfo) -> str:
    """Return what stands beside the name of an environment in the quick pick."""
    if info.kind == "curated":
        return info.kind
    return f"v{info.latest}, archived" if info.archived else f"v{info.latest}"


class CommandGroup(QObject):
    """The verbs of one noun. A command's id is the name of its method here, with `do_` before it."""

    def __init__(self, window: Window) -> None:
        super().__init__(window.as_widget())
        self._window = window
        self._widget = window.as_widget()
        self._session = window.session

    def _view(self) -> EnvironmentView | None:
        return self._window.current_view()

    def _targets(self) -> list[EnvironmentInfo]:
        """Return the environments that a command is about: the browser's if one is there, else the open tab's."""
        return self._window.targets()

    def _own_targets(self) -> list[EnvironmentInfo]:
        """Return those of the environments that are no curated ones, which cannot be changed."""
        return [info for info in self._targets() if info.kind != "curated"]

    def _reference(self, info: EnvironmentInfo) -> str:
        """Return the draft if it has changes, else the latest version: what commands that register nothing work on."""
        document = self._session.documents.get(info.name)
        has_draft = document.has_draft() if document is not None else info.draft_changed
        return f"{info.name}@{DRAFT}" if has_draft else info.name
