"""Which commands of a window make sense now, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envstudio.domain.reference import CURATED
from envstudio.gui.actions import THEMES

if TYPE_CHECKING:
    from envstudio.gui.main_window import MainWindow


def bring_in_line(window: MainWindow) -> None:
    """Enable, check and name the commands after what is shown and selected."""
    actions, view = window.actions_of, window.current_view()
    chosen = window.targets() or window.browser.selected()
    own = [info for info in chosen if not info.name.startswith(CURATED)]
    actions.enable(environment=bool(chosen), own=bool(own), is_open=view is not None)
    actions.aim(own[0].name if own else "")
    stack = view.document.undo_stack if view else None
    for name, able, text in (
        ("undo", stack is not None and stack.canUndo(), stack.undoText() if stack else ""),
        ("redo", stack is not None and stack.canRedo(), stack.redoText() if stack else ""),
    ):
        actions[name].setEnabled(able)
        actions[name].setText(f"{name.capitalize()} {text}".rstrip())
    actions["register"].setEnabled(view is not None and not view.document.read_only)
    actions["discard"].setEnabled(view is not None and bool(view.document.changes()))
    actions["close_tab"].setEnabled(window.tabs.count() > 0)
    actions["archive"].setText("Unarchive" if own and own[0].archived else "Archive")
    actions["toggle_browser"].setChecked(not window.browser.isHidden())
    actions["toggle_console"].setChecked(not window.console_folded)
    for name in THEMES:
        actions[f"theme_{name}"].setChecked(window.session.settings.theme == name)
