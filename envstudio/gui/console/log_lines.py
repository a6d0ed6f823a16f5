"""The lines that a log view shows: the newest of a log, in bounded memory, under the numbers that they have in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envstudio.gui.console.ansi import plain
from envstudio.gui.jobs.job import MAX_LINES
from envstudio.report import Line

SLACK = MAX_LINES // 5


class LogLines:
    """Numbers begin with 0 and stay; `first` is the oldest that is kept. At most MAX_LINES and some slack are."""

    def __init__(self, lines: Iterable[Line] = (), dropped: int = 0) -> None:
        self._lines = list(lines)
        self.first = dropped
        self.longest = max((len(line.text) for line in self._lines), default=0)

    @property
    def end(self) -> int:
        """Return the number that the next line gets."""
        return self.first + len(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def extend(self, lines: list[Line]) -> int:
        """Add lines at the end, and return how many were dropped at the beginning."""
        self._lines += lines
        self.longest = max(self.longest, max(len(line.text) for line in lines))
        if len(self._lines) <= MAX_LINES + SLACK:
            return 0
        dropped = len(self._lines) - MAX_LINES
        del self._lines[:dropped]
        self.first += dropped
        return dropped

    def line(self, number: int) -> Line:
        """Return a line that is kept."""
        return self._lines[number - self.first]

    def shown(self, number: int) -> str:
        """Return a line as it is read, without colours."""
        return shown(self.line(number))

    def text(self) -> str:
        """Return all lines that are kept."""
        return "\n".join(map(shown, self._lines))

    def matching(self, text: str, start: int) -> Iterator[int]:
        """Yield the numbers of the lines that hold a text in any case, from a number on."""
        wanted = text.lower()
        for number, line in enumerate(self._lines[max(0, start - self.first) :], max(start, self.first)):
            if wanted in (shown(line) if "\x1b" in line.text else line.text).lower():
                yield number


def shown(line: Line) -> str:
    """Return a line as it is read, without colours; commands have a prompt."""
    return f"$ {plain(line.text)}" if line.stream == "command" else plain(line.text)
