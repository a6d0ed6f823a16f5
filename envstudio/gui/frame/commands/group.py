"""What the commands of all nouns have in common: the window that they act on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from envstudio.domain.reference import DRAFT
from envstudio.library import EnvironmentInfo

Targets = Sequence[EnvironmentInfo]
"""The environments that a command is about."""

if TYPE_CHECKING:
    from envstudio.gui.frame.environment_view import EnvironmentView
    from envstudio.gui.frame.window import Window


def own(targets: Iterable[EnvironmentInfo]) -> list[EnvironmentInfo]:
    """Return those environments that are no curated ones, which cannot be changed."""
    return [info for info in targets if info.kind != "curated"]


def state_note(info: EnvironmentInfo) -> str:
    """Return what stands beside the name of an environment in the quick pick."""
    if info.kind == "curated":
        return info.kind
    return f"v{info.latest}, archived" if info.archived else f"v{info.latest}"


class CommandGroup(QObject):
    """The verbs of one noun. A command's id is the name of its method here, with `do_` before it.

    A command that needs an environment gets those that it is about.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window.as_widget())
        self._window = window
        self._widget = window.as_widget()
        self._session = window.session

    def _view(self) -> EnvironmentView | None:
        return self._window.current_view()

    def _reference(self, info: EnvironmentInfo) -> str:
        """Return the draft if it has changes, else the latest version: what commands that register nothing work on."""
        document = self._session.documents.get(info.name)
        has_draft = document.has_draft() if document is not None else info.draft_changed
        return f"{info.name}@{DRAFT}" if has_draft else info.name
