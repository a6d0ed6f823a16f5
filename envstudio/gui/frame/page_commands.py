"""The commands that show a page, one for each line of the table of pages; `ALL_COMMANDS` are those of the window."""

from __future__ import annotations

from envstudio.gui.frame.page_table import ENTRIES
from envstudio.gui.model.command_table import COMMANDS, Command, Needs

PAGES = tuple(entry.title for entry in ENTRIES)
PAGE_COMMANDS = tuple(
    Command(f"page_{name.lower()}", name, "", f"Alt+{index % 10}", f"Show {name}", ("View",), 0, Needs.OPEN)
    for index, name in enumerate(PAGES, 1)
)
_POSITION = next(position for position, command in enumerate(COMMANDS) if "View" in command.where)
ALL_COMMANDS = (*COMMANDS[:_POSITION], *PAGE_COMMANDS, *COMMANDS[_POSITION:])
"""Pages come first in their menu."""
