"""Characters that act on a terminal or change the direction of text are shown as escapes."""

from __future__ import annotations

import unicodedata

import pytest

from envstudio.presentation.visible import visible, visible_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 😀", "plain é 😀"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("a\rb", "a\\x0db"),
        ("a\x08\x7f\x00", "a\\x08\\x7f\\x00"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("a\u202eb\u2066c\u2069\u200f", "a\\u202eb\\u2066c\\u2069\\u200f"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_what_acts_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_line_stays_one() -> None:
    assert visible_line("numpy\nerror: all is lost\tx") == "numpy\\nerror: all is lost x"


def test_no_control_character_is_left() -> None:
    every = "".join(map(chr, range(0x3000)))
    left = {char for char in visible_line(every) if unicodedata.category(char) == "Cc"}
    assert not left
    overrides = {char for char in every if unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF")}
    assert overrides
    assert not overrides & set(visible_line(every))
