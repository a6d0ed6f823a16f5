"""Which commands of a window make sense now, and what they are called: a pure function of what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from envstudio.domain.reference import CURATED
from envstudio.gui.frame.page_commands import ALL_COMMANDS
from envstudio.gui.model.command_table import AIMED, THEMES, CommandState, Needs

if TYPE_CHECKING:
    from envstudio.gui.frame.window import Window
    from envstudio.gui.model.document import Document


@dataclass(frozen=True, slots=True)
class OpenEnvironment:
    """The environment that is shown. `undo` and `redo` say what these would do; None if there is nothing to do."""

    read_only: bool = False
    has_changes: bool = False
    undo: str | None = None
    redo: str | None = None


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """What commands depend on. `targets` are the environments that they are about, each with whether it is archived."""

    targets: tuple[tuple[str, bool], ...] = ()
    shown: OpenEnvironment | None = None
    tabs: int = 0
    shows_browser: bool = False
    shows_console: bool = False
    theme: str = ""


def command_states(facts: WindowFacts) -> dict[str, CommandState]:
    """Return of each command whether it is enabled and checked, its text, and what it would be done to."""
    own = [(name, archived) for name, archived in facts.targets if not name.startswith(CURATED)]
    target = own[0][0] if own else ""
    shown = facts.shown
    undo, redo = (shown.undo, shown.redo) if shown is not None else (None, None)
    there = {
        Needs.NOTHING: True,
        Needs.ENVIRONMENT: bool(facts.targets),
        Needs.OWN: bool(own),
        Needs.OPEN: shown is not None,
    }
    enabled = {
        "undo": undo is not None,
        "redo": redo is not None,
        "register": shown is not None and not shown.read_only,
        "discard": shown is not None and shown.has_changes,
        "close_tab": facts.tabs > 0,
    }
    texts = {
        "undo": f"Undo {undo or ''}".rstrip(),
        "redo": f"Redo {redo or ''}".rstrip(),
        "archive": "Unarchive" if own and own[0][1] else "Archive",
    }
    checked = {
        "toggle_browser": facts.shows_browser,
        "toggle_console": facts.shows_console,
        **{f"theme_{name}": facts.theme == name for name in THEMES},
    }
    return {
        command.id: CommandState(
            texts.get(command.id, command.text),
            enabled.get(command.id, there[command.needs]),
            checked.get(command.id, False),
            target if command.id in AIMED else "",
        )
        for command in ALL_COMMANDS
    }


def facts_of(window: Window) -> WindowFacts:
    """Return what the commands of a window depend on now."""
    view = window.current_view()
    chosen = window.targets() or window.browser.selected()
    return WindowFacts(
        targets=tuple((info.name, info.archived) for info in chosen),
        shown=_open(view.document) if view is not None else None,
        tabs=window.tabs.count(),
        shows_browser=not window.browser.isHidden(),
        shows_console=not window.console_folded,
        theme=window.session.settings.theme,
    )


def _open(document: Document) -> OpenEnvironment:
    stack = document.undo_stack
    return OpenEnvironment(
        read_only=document.read_only,
        has_changes=bool(document.changes()),
        undo=stack.undoText() if stack.canUndo() else None,
        redo=stack.redoText() if stack.canRedo() else None,
    )
