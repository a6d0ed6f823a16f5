"""What a window does when another program renamed or deleted the workspace that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envstudio.library.workspaces import DEFAULT

if TYPE_CHECKING:
    from envstudio.gui.main_window import MainWindow
    from envstudio.library import Library


def leave_lost(window: MainWindow) -> None:
    """Follow a workspace to its new name with all that is open, or leave it for another; say which."""
    library = window.session.library
    lost, known = library.workspace, [info.name for info in library.workspaces.list()]
    if lost in known:
        return
    names = [view.document.name for view in window.views()]
    shown = window.current_view()
    current = shown.document.name if shown else ""
    new = _new_name(library, known)
    window.session.switch_workspace(new or (DEFAULT if DEFAULT in known else known[0]), renamed=bool(new))
    if new:
        for name in sorted(names, key=lambda name: name == current):
            window.open_environment(name)
    became = f"renamed to {new}" if new else "deleted"
    window.notice.say("info", f"The workspace {lost} was {became} elsewhere.")


def _new_name(library: Library, known: list[str]) -> str:
    """Return what a workspace that is gone is called now; empty where it was deleted."""
    name = library.workspace
    for old, new in library.changes.renamed_workspaces():
        name = new if old == name else name
    return name if name in known else ""
