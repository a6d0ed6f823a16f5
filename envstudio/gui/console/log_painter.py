"""Draws the lines of a log that are seen: numbers at the left, colours of their streams, what is found and selected."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from envstudio.gui.console.ansi import PLAIN, Look, spans
from envstudio.gui.console.log_selection import Position
from envstudio.gui.look import theme
from envstudio.report import Line

MARGIN = 8
LEAST_NUMBER = 100
"""The gutter has room for its digits at least, so that it does not grow while a log begins."""
STREAM_COLORS = {"err": "changed", "command": "accent"}
ROOM = 64
"""Pixels more than a run of text needs, for a bold one is wider than its columns."""
Mark = tuple[str, Position]
"""A colour, and the columns that are filled with it."""


class LogPainter:
    """Knows the size of the fixed-width font that everything is drawn in."""

    def __init__(self, font: QFont) -> None:
        metrics = QFontMetricsF(font)
        self.font = font
        self.height = math.ceil(metrics.lineSpacing()) + 2
        self.width = metrics.horizontalAdvance("0")

    def gutter(self, end: int) -> float:
        """Return how wide the column of numbers is, up to a number."""
        return MARGIN * 2 + len(str(max(LEAST_NUMBER, end))) * self.width

    def area(self, row: int, width: int) -> QRect:
        """Return where a row of what is seen is, in a view of a width."""
        return QRect(0, row * self.height + MARGIN // 2, width, self.height)

    def row_at(self, y: int) -> int:
        """Return the row at a height."""
        return (y - MARGIN // 2) // self.height

    def draw_number(self, painter: QPainter, number: int, area: QRect, gutter: float, chosen: theme.Colors) -> None:
        """Draw the number of a line, which are counted from 1 for the user."""
        painter.setPen(QColor(chosen.muted))
        position = QRectF(0, area.top(), gutter - MARGIN, area.height())
        painter.drawText(position, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(number + 1))

    def draw_line(
        self, painter: QPainter, line: Line, area: QRect, left: float, marks: Iterable[Mark], chosen: theme.Colors
    ) -> None:
        """Draw a line whose first column is at `left`, with some of its columns filled."""
        for color, (start, end) in marks:
            position = QRectF(left + start * self.width, area.top(), (end - start) * self.width, area.height())
            painter.fillRect(position, QColor(color))
        base = getattr(chosen, STREAM_COLORS.get(line.stream, "text"))
        column = 0
        for part, look in _runs(line):
            painter.setPen(QColor(getattr(chosen, look.color) if look.color else base))
            if look.bold != painter.font().bold():
                font = QFont(self.font)
                font.setBold(look.bold)
                painter.setFont(font)
            position = QRectF(left + column * self.width, area.top(), len(part) * self.width + ROOM, area.height())
            painter.drawText(position, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), part)
            column += len(part)
        painter.setFont(self.font)


def _runs(line: Line) -> Iterator[tuple[str, Look]]:
    """Yield the parts of a line that look alike; a command has a prompt before it."""
    if line.stream == "command":
        yield "$ ", PLAIN
    yield from spans(line.text)


def columns_of(wanted: str, text: str) -> Iterator[Position]:
    """Yield the columns at which a text is found in another, in any case."""
    low, wanted = text.lower(), wanted.lower()
    at = low.find(wanted)
    while at >= 0:
        yield at, at + len(wanted)
        at = low.find(wanted, at + len(wanted))
