"""Two texts side by side, as values: aligned lines, the words that changed, and how Pygments colours them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

WORD = re.compile(r"\w+|\s+|[^\w\s]")
CONTEXT = 3
COLORS = (
    ("Token.Comment", "muted"),
    ("Token.Name.Tag", "accent"),
    ("Token.Literal.String", "added"),
    ("Token.Punctuation", "muted"),
)
Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Side:
    """A line of one text: its number, what it says, its coloured spans and the spans that changed."""

    number: int
    text: str
    colors: tuple[Span, ...] = ()
    changed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Two lines beside each other; one of them is missing if the other was added or removed."""

    old: Side | None
    new: Side | None
    same: bool


def source_rows(old: str, new: str) -> tuple[Row, ...]:
    """Align two YAML texts line by line."""
    before, after = _sides(old), _sides(new)
    lines = [side.text for side in before], [side.text for side in after]
    rows: list[Row] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, *lines, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [Row(before[a + step], after[c + step], True) for step in range(b - a)]
        else:
            rows += _replaced(before[a:b], after[c:d])
    return tuple(rows)


def _replaced(before: list[Side], after: list[Side]) -> Iterator[Row]:
    """Put lines that resemble each other side by side."""
    matches, position = [], 0
    for row, side in enumerate(before):
        for other in range(position, len(after)):
            if _alike(side.text, after[other].text):
                matches.append((row, other))
                position = other + 1
                break
    matches.append((len(before), len(after)))
    left = right = 0
    for row, other in matches:
        yield from (Row(side, None, False) for side in before[left:row])
        yield from (Row(None, side, False) for side in after[right:other])
        if row < len(before):
            yield _changed(before[row], after[other])
        left, right = row + 1, other + 1


def _alike(old: str, new: str) -> bool:
    matcher = difflib.SequenceMatcher(None, old.strip(), new.strip(), autojunk=False)
    return matcher.real_quick_ratio() > 0.5 and matcher.quick_ratio() > 0.5 and matcher.ratio() > 0.5


def _changed(old: Side, new: Side) -> Row:
    words = [found.span() for found in WORD.finditer(old.text)], [found.span() for found in WORD.finditer(new.text)]
    texts = [old.text[a:b] for a, b in words[0]], [new.text[a:b] for a, b in words[1]]
    gone, come = [], []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag != "equal":
            if b > a:
                gone.append((words[0][a][0], words[0][b - 1][1]))
            if d > c:
                come.append((words[1][c][0], words[1][d - 1][1]))
    return Row(
        Side(old.number, old.text, old.colors, tuple(gone)), Side(new.number, new.text, new.colors, tuple(come)), False
    )


def _sides(text: str) -> list[Side]:
    """Return the lines of a text with their colours."""
    # Pygments takes longer to load than a window may take to open.
    from pygments.lexers.data import YamlLexer

    spans: list[list[Span]] = [[] for _ in range(text.count("\n") + 2)]
    line = column = 0
    for token, value in YamlLexer(stripnl=False, ensurenl=False).get_tokens(text):
        color = _color(str(token))
        for step, part in enumerate(value.split("\n")):
            if step:
                line, column = line + 1, 0
            if color and part and line < len(spans):
                spans[line].append((column, column + len(part), color))
            column += len(part)
    return [Side(number + 1, line, tuple(spans[number])) for number, line in enumerate(text.splitlines())]


def _color(token: str) -> str:
    """Return the name of the colour of a Pygments token, empty for the text's own."""
    return next((color for kind, color in COLORS if token.startswith(kind)), "")


@dataclass(frozen=True, slots=True)
class Fold:
    """A run of lines that are the same in both, shown as one."""

    first: int
    count: int


def folded(rows: tuple[Row, ...], unfolded: frozenset[int]) -> list[Row | Fold]:
    """Return the rows with long unchanged runs folded, unless their first row is among `unfolded`."""
    result: list[Row | Fold] = []
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end].same == rows[start].same:
            end += 1
        first = start + (CONTEXT if start else 0)
        last = end - (CONTEXT if end < len(rows) else 0)
        if rows[start].same and last - first > 1 and first not in unfolded:
            result += [*rows[start:first], Fold(first, last - first), *rows[last:end]]
        else:
            result += rows[start:end]
        start = end
    return result
