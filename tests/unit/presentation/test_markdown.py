"""Text of others in a table of Markdown, as a renderer of CommonMark with tables shows it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from envstudio.presentation.markdown import cell, code_cell

HOSTILE = (
    "a|b",
    "a\\|b",
    "a\\\\|b",
    "a\n| new | row |",
    "a\r\nb\x85c\u2028d",
    "<b>x</b>",
    "<script>alert(1)</script>",
    "&amp; &lt;",
    "[x](https://host.example)",
    "![x](https://host.example/x.png)",
    "`code` ``more`",
    "`",
    "**bold** __init__ *x* ~~y~~",
    "# heading",
    "\x1b[2Jx",
    " spaces ",
    "\\",
    "a\\",
    "<!-- x",
)


class _Table(HTMLParser):
    """Gathers the tags, and the text of each cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


def shown(markdown: str) -> _Table:
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found = _Table()
    found.feed(renderer.render(markdown))
    return found


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("write", [cell, code_cell])
def test_a_cell_stays_one_and_shows_the_text(write: object, text: str) -> None:
    assert callable(write)
    table = shown(f"| a | b |\n|---|---|\n| {write(text)} | end |\n")
    assert set(table.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert table.tags.count("tr") == 2
    words = [" ".join(item.split()) for item in table.cells]
    for line in text.replace("\x1b", "\\x1b").replace("\x85", "\\x85").replace("\u2028", "\\u2028").split("\n"):
        assert " ".join(line.replace("\r", "\\x0d").split()) in words[0]
    assert words[1] == "end"
