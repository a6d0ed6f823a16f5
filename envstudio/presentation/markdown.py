"""Text that someone else wrote, in a table of Markdown: it adds no cell, no row, no link and no tag.

Source: GitHub Flavored Markdown, sections 2.4 (backslash escapes), 4.10 (tables), 6.1 (code spans).
"""

from __future__ import annotations

import re

from envstudio.presentation.visible import visible_line

MARKUP = re.compile(r"[\\`*\[\]<>|&~!#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
OF_CODE = re.compile(r"[^\w .,:/=+@-]")


def cell(text: str) -> str:
    """Return a text as one cell, or as a part of a heading, that shows it as it is."""
    return MARKUP.sub(_escaped, one_line(text))


def code_cell(text: str) -> str:
    """Return a text as one cell in the font of code."""
    text = one_line(text)
    if not text:
        return ""
    if "|" in text or text.strip() != text:
        # Renderers differ in what a backslash before a bar is in a span of code.
        return f"<code>{OF_CODE.sub(lambda found: f'&#{ord(found.group())};', text)}</code>"
    # A code span is fenced by more backticks than it holds.
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if len(fence) > 1 else ""
    return f"{fence}{space}{text}{space}{fence}"


def one_line(text: str) -> str:
    """Return a text on one line, each break of it shown."""
    return visible_line(" ⏎ ".join(text.split("\n")))


def _escaped(found: re.Match[str]) -> str:
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(found.group(), f"\\{found.group()}")
