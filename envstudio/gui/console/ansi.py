"""What programs print for terminals, as text with the theme's colours: SGR sequences (ECMA-48), and carriage returns.

Terminals' colours do not hold contrast on every background, so that each is mapped to the state colour of its hue.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass, replace

SEQUENCE = re.compile(r"\x1b\[([0-9;:]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
TAB = 8
BASIC = ("muted", "removed", "added", "changed", "accent", "downgrade", "accent", "")
HUES = ((30, "removed"), (75, "changed"), (165, "added"), (260, "accent"), (330, "downgrade"), (361, "removed"))


@dataclass(frozen=True, slots=True)
class Look:
    """`color` is a name in `theme.Colors`; empty is the text's own."""

    color: str = ""
    bold: bool = False


PLAIN = Look()


def plain(text: str) -> str:
    """Return a line as a terminal would show it, without colours."""
    if "\x1b" in text:
        text = SEQUENCE.sub("", text)
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part), "")
    if "\t" in text:
        text = text.expandtabs(TAB)
    return text if text.isprintable() else CONTROL.sub("", text)


def spans(text: str) -> list[tuple[str, Look]]:
    """Return a line as runs of one look each; together they are its `plain` text."""
    if "\x1b" not in text:
        return [(plain(text), PLAIN)]
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if SEQUENCE.sub("", part)), "")
    found: list[tuple[str, Look]] = []
    look, start, width = PLAIN, 0, 0
    for match in SEQUENCE.finditer(text):
        width = _add(found, text[start : match.start()], look, width)
        start = match.end()
        if match.group(2) == "m":
            look = _changed(look, match.group(1))
    _add(found, text[start:], look, width)
    return found or [("", PLAIN)]


def _add(found: list[tuple[str, Look]], text: str, look: Look, width: int) -> int:
    """Add a run, its tabs counted from the line's beginning; return where the next one begins."""
    shown = CONTROL.sub("", (" " * width + text).expandtabs(TAB)[width:])
    if shown:
        found.append((shown, look))
    return width + len(shown)


def _changed(look: Look, parameters: str) -> Look:
    """Return a look after a sequence that selects graphic rendition."""
    codes = [int(code) if code else 0 for code in parameters.replace(":", ";").split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            look = PLAIN
        elif code in (1, 22):
            look = replace(look, bold=code == 1)
        elif code == 2:
            look = replace(look, color="muted")
        elif code in (38, 48):
            color = _extended(codes)
            look = replace(look, color=color) if code == 38 else look
        elif code == 39:
            look = replace(look, color="")
        elif 30 <= code <= 37 or 90 <= code <= 97:
            look = replace(look, color=BASIC[code % 10])
    return look


def _extended(codes: list[int]) -> str:
    """Take the parameters of an indexed or a direct colour, and return the name of its hue."""
    kind = codes.pop(0) if codes else 0
    if kind == 2 and len(codes) >= 3:
        return _hue(codes.pop(0), codes.pop(0), codes.pop(0))
    if kind != 5 or not codes:
        return ""
    index = codes.pop(0)
    if index < 16:
        return BASIC[index % 8]
    if index >= 232:
        return "muted" if index < 250 else ""
    index -= 16
    red, green, blue = (0 if level == 0 else 55 + level * 40 for level in (index // 36, index // 6 % 6, index % 6))
    return _hue(red, green, blue)


def _hue(red: int, green: int, blue: int) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(*(min(255, part) / 255 for part in (red, green, blue)))
    if saturation < 0.25:
        return "" if value > 0.75 else "muted"
    return next(name for limit, name in HUES if hue * 360 < limit)
