"""What a window does when another program renamed or deleted the workspace that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envstudio.library.workspaces import DEFAULT

if TYPE_CHECKING:
    from envstudio.gui.frame.window import Window


def leave_lost(window: Window) -> None:
    """Follow a workspace to its new name with all that is open, or leave it for another; say which."""
    library = window.session.library
    if window.session.has_workspace():
        return
    lost, known = library.workspace, [info.name for info in library.workspaces.list()]
    names = [view.document.name for view in window.views()]
    shown = window.current_view()
    current = shown.document.name if shown else ""
    new = library.changes.workspace_now()
    new = new if new in known else ""
    if lost in known and not new:
        # It was deleted and made again, as `default` is whenever a library is opened.
        return
    window.session.switch_workspace(new or (DEFAULT if DEFAULT in known else known[0]), renamed=bool(new))
    if new:
        for name in sorted(names, key=lambda name: name == current):
            window.open_environment(name)
    became = f"renamed to {new}" if new else "deleted"
    window.notice.say("info", f"The workspace {lost} was {became} elsewhere.")
