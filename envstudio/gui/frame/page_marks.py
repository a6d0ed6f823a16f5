"""Marks on the tabs of an environment's pages: what its check finds there, and a source that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QSize, Slot
from PySide6.QtWidgets import QTabBar

from envstudio.domain.problem import Problem, Severity, counted
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.look import theme
from envstudio.gui.model.document import Document
from envstudio.gui.model.invalid_inputs import SOURCE

SIGN = 14
SOURCE_PAGE = "Source"
UNREAD = "The text of the source cannot be read; the other pages keep the last one that could be"
PAGE_OF_LOCATION = {
    "variables": "Variables",
    "image": "Image",
    "name": "Image",
    "python.version": "Image",
    "gpu": "Image",
    "spark": "Spark",
    "serving": "Serving",
    "python": "Packages",
}
"""The page on which a problem is fixed, by the beginning of its location; the first that fits."""


def page_tip(page: str) -> str:
    """Return a page's name and key."""
    return f"{page} (Alt+{(PAGES.index(page) + 1) % 10})"


def page_of(problem: Problem) -> str:
    """Return the page on which a problem is fixed."""
    return next((page for prefix, page in PAGE_OF_LOCATION.items() if problem.where.startswith(prefix)), SOURCE_PAGE)


def grave(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """Return the errors and warnings by the page on which they are fixed; hints mark nothing."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.severity is not Severity.INFO:
            found.setdefault(page_of(problem), []).append(problem)
    return found


class PageMarks(QObject):
    """Keeps the marks as the document is. Each is reported by a sign, in the tip, and to screen readers."""

    def __init__(self, tabs: QTabBar, document: Document) -> None:
        super().__init__(tabs)
        self._tabs = tabs
        self._document = document
        self._shown: dict[str, tuple[str, str]] = {}
        # No higher than a line of text, so that nothing moves when a mark comes.
        tabs.setIconSize(QSize(SIGN, SIGN))
        document.facts_changed.connect(self.show_marks)
        document.unfinished_changed.connect(self.show_marks)
        self.show_marks()

    @Slot()
    def show_marks(self) -> None:
        """Mark the pages on which something is wrong now."""
        marks = {} if self._document.read_only else self._marks()
        for page in {*marks, *self._shown}:
            if marks.get(page) != self._shown.get(page):
                self._mark(page, *marks.get(page, ("", "")))
        self._shown = marks

    def apply_theme(self) -> None:
        """Draw the marks in the colours of the theme."""
        for page, mark in self._shown.items():
            self._mark(page, *mark)

    def _marks(self) -> dict[str, tuple[str, str]]:
        """Return the sign and the text for each page that has one."""
        found = {
            page: ("error" if problems[0].severity is Severity.ERROR else "warning", counted(problems))
            for page, problems in grave(self._document.problems()).items()
        }
        if SOURCE in self._document.invalid_inputs:
            found[SOURCE_PAGE] = ("error", UNREAD)
        return found

    def _mark(self, page: str, sign: str, description: str) -> None:
        index, chosen = PAGES.index(page), theme.colors(self._tabs.palette())
        self._tabs.setTabIcon(index, theme.icon(sign, chosen.removed if sign == "error" else chosen.changed))
        self._tabs.setTabToolTip(index, f"{page_tip(page)}\n{description}" if description else page_tip(page))
        self._tabs.setAccessibleTabName(index, f"{page}, {description}" if description else "")
