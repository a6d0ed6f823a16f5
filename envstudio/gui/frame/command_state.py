"""Which commands of a window make sense now, what they are called and what they are about: pure functions.

Commands of the toolbar, the menus and keys are about the environment whose tab is in front, whatever is selected in the
browser; those that the browser offers are about what is selected there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envstudio.domain.reference import CURATED
from envstudio.gui.frame.page_commands import ALL_COMMANDS
from envstudio.gui.model.command_table import AIMED, THEMES, Command, CommandState, Needs

if TYPE_CHECKING:
    from envstudio.gui.frame.window import Window
    from envstudio.gui.model.document import Document

Target = tuple[str, bool]
"""An environment's name, and whether it is archived."""


@dataclass(frozen=True, slots=True)
class OpenEnvironment:
    """The environment that is shown."""

    read_only: bool = False
    has_changes: bool = False


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """What commands depend on. `target` is the environment whose tab is in front, and `shown` what is known of it.

    `undo` and `redo` say what these would do; None if there is nothing to do.
    """

    target: Target | None = None
    shown: OpenEnvironment | None = None
    undo: str | None = None
    redo: str | None = None
    tabs: int = 0
    shows_browser: bool = False
    shows_console: bool = False
    theme: str = ""


def command_states(facts: WindowFacts) -> dict[str, CommandState]:
    """Return of each command whether it is enabled and checked, its text, and what it would be done to."""
    targets = (facts.target,) if facts.target is not None else ()
    shown = facts.shown
    enabled = {
        "undo": facts.undo is not None,
        "redo": facts.redo is not None,
        "register": shown is not None and not shown.read_only,
        "discard": shown is not None and shown.has_changes,
        "close_tab": facts.tabs > 0,
    }
    texts = {"undo": f"Undo {facts.undo or ''}".rstrip(), "redo": f"Redo {facts.redo or ''}".rstrip()}
    checked = {
        "toggle_browser": facts.shows_browser,
        "toggle_console": facts.shows_console,
        **{f"theme_{name}": facts.theme == name for name in THEMES},
    }
    states = {}
    for command in ALL_COMMANDS:
        state = _state(command, targets, is_open=shown is not None)
        states[command.id] = CommandState(
            texts.get(command.id, state.text),
            enabled.get(command.id, state.enabled),
            checked.get(command.id, False),
            state.target if command.id in AIMED else "",
        )
    return states


def selection_states(targets: Sequence[Target]) -> dict[str, CommandState]:
    """Return the states of the commands that the browser offers for what is selected there."""
    return {item.id: _state(item, targets, is_open=False) for item in ALL_COMMANDS if item.is_of_selection}


def _state(command: Command, targets: Sequence[Target], *, is_open: bool) -> CommandState:
    """Return the state of a command that is about some environments."""
    taken = [item for item in targets if command.needs is not Needs.OWN or not item[0].startswith(CURATED)]
    there = {
        Needs.NOTHING: True,
        Needs.ENVIRONMENT: bool(taken),
        Needs.OWN: bool(taken),
        Needs.OPEN: is_open,
    }
    fits = len(taken) < 2 or command.several
    target = "" if not taken else taken[0][0] if len(taken) == 1 else f"{len(taken)} environments"
    text = command.text_for(target if fits else "")
    if command.id == "archive" and taken and taken[0][1]:
        text = f"Un{text[0].lower()}{text[1:]}"
    return CommandState(text, there[command.needs] and fits, target=target)


def facts_of(window: Window) -> WindowFacts:
    """Return what the commands of a window depend on now."""
    view = window.current_view()
    found = window.targets()
    front = view.document.name if view is not None else ""
    history = window.session.history
    return WindowFacts(
        target=(found[0].name, found[0].archived) if found else None,
        shown=_open(view.document) if view is not None else None,
        undo=history.undo_text(front),
        redo=history.redo_text(front),
        tabs=window.tabs.count(),
        shows_browser=not window.browser.isHidden(),
        shows_console=not window.console_folded,
        theme=window.session.settings.theme,
    )


def _open(document: Document) -> OpenEnvironment:
    return OpenEnvironment(read_only=document.read_only, has_changes=bool(document.changes()))
