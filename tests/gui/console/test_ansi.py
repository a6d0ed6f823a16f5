"""Terminal sequences become text and looks."""

from __future__ import annotations

import pytest

from envstudio.gui.console.ansi import BASIC, Look, plain, spans
from envstudio.gui.look import theme


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31merror\x1b[0m: no", "error: no"),
        ("\x1b]8;;https://a.example\x07link\x1b]8;;\x07", "link"),
        ("10 %\r50 %\r100 %", "100 %"),
        ("half\r", "half"),
        ("a\tb", "a       b"),
        ("bell\x07 and \x1b[2Kcleared", "bell and cleared"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert "".join(part for part, _ in spans(text)) == shown


@pytest.mark.parametrize(
    ("codes", "look"),
    [
        ("31", Look("removed")),
        ("1;32", Look("added", bold=True)),
        ("93", Look("changed")),
        ("38;5;196", Look("removed")),
        ("38;5;240", Look("muted")),
        ("38;2;80;120;255", Look("accent")),
        ("48;5;196", Look()),
        ("31;0", Look()),
        ("38;5", Look()),
    ],
)
def test_looks(codes: str, look: Look) -> None:
    assert spans(f"\x1b[{codes}mx") == [("x", look)]


def test_colours_hold_contrast() -> None:
    for colors in (theme.LIGHT, theme.DARK):
        for name in filter(None, BASIC):
            for ground in ("base", "selected", "warning_fill", "info_fill", "error_fill"):
                assert theme.contrast(getattr(colors, name), getattr(colors, ground)) >= 4.5
