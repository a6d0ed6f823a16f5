"""Text that someone else wrote, for a place where a character may act: a terminal, a line, a cell of a table."""

from __future__ import annotations

import re

COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
ACTING = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]")
"""C0 and C1 controls but tab and line feed, DEL, separators of lines, and what changes the direction of text."""


def visible(text: str) -> str:
    """Return a text whose control characters are shown as escapes, such as `\\x1b`, and its colours left out.

    Tabs and line feeds stay. Sources: ECMA-48 for what acts on a terminal, Unicode's UAX 9 for the direction of text.
    """
    if text.isprintable():
        return text
    return ACTING.sub(_escape, COLOUR.sub("", text))


def visible_line(text: str) -> str:
    """Return a text as `visible` does, and on one line."""
    return text if text.isprintable() else visible(text).replace("\n", "\\n").replace("\t", " ")


def _escape(found: re.Match[str]) -> str:
    number = ord(found.group())
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
