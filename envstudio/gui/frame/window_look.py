"""How a window looks, as a value that is kept, and a window that is made to look so again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from envstudio.errors import NotFound
from envstudio.gui.frame.window import Window
from envstudio.gui.model.window_state import WindowLook, WindowState

if TYPE_CHECKING:
    from PySide6.QtCore import QByteArray
    from PySide6.QtWidgets import QSplitter

    from envstudio.gui.frame.central_area import CentralArea
    from envstudio.gui.frame.tool_tabs import ToolTabs


class LaidOutWindow(Window, Protocol):
    """A window with the parts whose sizes and places are kept."""

    upper: QSplitter
    central_area: CentralArea
    tools: ToolTabs

    def saveGeometry(self) -> QByteArray:
        """Return place and size."""


def look_of(window: LaidOutWindow) -> WindowLook:
    """Return how a window looks."""
    view, library = window.current_view(), window.session.library
    return WindowLook(
        geometry=window.saveGeometry(),
        upper=window.upper.saveState(),
        shows_browser=not window.browser.isHidden(),
        shows_console=not window.console_folded,
        console_height=window.central_area.unfolded_height(),
        library=library.location,
        workspace=library.workspace,
        tabs=tuple(other.document.name for other in window.views()),
        tab=view.document.name if view else "",
        tools=tuple(window.tools.positions()),
        tool=window.tools.shown(),
    )


def restore(window: LaidOutWindow, state: WindowState) -> None:
    """Make a window look as it did within its frame; what is gone is passed over."""
    look = state.look()
    if look is not None:
        window.upper.restoreState(look.upper)
        window.browser.setVisible(look.shows_browser)
        library = window.session.library
        if (look.library, look.workspace) == (library.location, library.workspace):
            _restore_tabs(window, look)
        if look.console_height is not None:
            window.central_area.console_height = look.console_height
    window.fold_console(look is None or not look.shows_console)


def _restore_tabs(window: LaidOutWindow, look: WindowLook) -> None:
    for name in look.tabs:
        try:
            window.open_environment(name)
        except NotFound:
            continue
    for index, kind in look.tools:
        window.tools.open_at(index, kind)
    if look.tool:
        window.tools.open_at(-1, look.tool)
    view = window.view_of(look.tab)
    if view is not None:
        window.open_environment(view.document.name)
