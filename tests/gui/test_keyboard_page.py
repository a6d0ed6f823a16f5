"""The page about the keyboard is the table of commands."""

from __future__ import annotations

import re

from envstudio.gui.frame.page_commands import ALL_COMMANDS
from envstudio.gui.model.command_table import MENUS
from envstudio.gui.widgets.keys import DELETE
from envstudio.tasks.help import topic_pages

PAGE = topic_pages()["keyboard"].text


def test_every_command_with_keys_has_a_row_under_its_menu() -> None:
    rows = []
    for part in PAGE.split("\n## ")[1:]:
        menu = part.partition("\n")[0]
        rows += [(menu, *cells) for cells in re.findall(r"^\| `([^`]+)` \| (.+?) \| (.+?) \|$", part, re.MULTILINE)]
    expected = [
        (menu, "Del" if item.shortcut == DELETE else item.shortcut, item.text, item.tip)
        for menu in MENUS
        for item in ALL_COMMANDS
        if menu in item.where and item.shortcut
    ]
    assert rows == expected
