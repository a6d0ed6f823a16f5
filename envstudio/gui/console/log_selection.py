"""What is selected in a log: all between two places, each a line's number and a column of it."""

from __future__ import annotations

from envstudio.gui.console.log_lines import LogLines

Position = tuple[int, int]


class LogSelection:
    """From the `anchor`, where it began, to the `caret`, which the user moves."""

    def __init__(self, position: Position = (0, 0)) -> None:
        self.anchor = self.caret = position

    def move(self, position: Position, *, extend: bool) -> None:
        """Put the caret somewhere; the anchor stays where the selection is extended."""
        self.caret = position
        if not extend:
            self.anchor = position

    def take(self, first: Position, last: Position) -> None:
        """Select all between two places."""
        self.anchor, self.caret = first, last

    def span(self) -> tuple[Position, Position]:
        """Return its beginning and its end."""
        return min(self.anchor, self.caret), max(self.anchor, self.caret)

    def columns(self, number: int, length: int) -> Position | None:
        """Return the columns of a line that are in it, one beyond the end if it goes on; None if none is."""
        (first, start), (last, end) = self.span()
        if (first, start) == (last, end) or not first <= number <= last:
            return None
        return (start if number == first else 0, end if number == last else length + 1)

    def text(self, lines: LogLines) -> str:
        """Return what is in it of the lines that are kept."""
        (first, start), (last, end) = self.span()
        parts = []
        for number in range(max(first, lines.first), min(last + 1, lines.end)):
            text = lines.shown(number)
            parts.append(text[start if number == first else 0 : end if number == last else len(text)])
        return "\n".join(parts)
