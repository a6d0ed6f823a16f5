"""What is wrong, or was lost, at one location of a definition: a value, not an exception."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from envstudio.domain.amounts import amount_text
from envstudio.errors import Remedy
from envstudio.report import Report

if TYPE_CHECKING:
    from envstudio.domain.environment import Environment


NOT_FETCHED = "file-not-fetched"
"""The code of a problem about a file that is included by its address, which an import fetches only on request."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix for a problem: the button's text, and the function that edits the environment."""

    title: str
    apply: Callable[[Environment], Environment] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `where` is a location such as `python.conda.numpy`, or `line 12` of a file that was read."""

    code: str
    severity: Severity
    where: str
    message: str
    advice: str = ""
    fix: Fix | None = None
    remedy: Remedy | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the problem as the document that `--json` prints."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "where": self.where,
            "message": self.message,
            "advice": self.advice,
            "fixable": self.fix is not None,
            "remedy": self.remedy.to_json() if self.remedy else None,
        }


def counted(problems: Iterable[Problem]) -> str:
    """Return how many problems there are of each severity, in words: "1 error, 2 warnings, 1 note"."""
    numbers = Counter(problem.severity for problem in problems)
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    return ", ".join(amount_text(numbers[severity], word) for severity, word in words.items() if numbers[severity])


def by_severity(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the errors, then the warnings, then the notes, each in their own order."""
    order = list(Severity)
    return tuple(sorted(problems, key=lambda problem: order.index(problem.severity)))


def tell(problems: Iterable[Problem], report: Report) -> None:
    """Report problems while work goes on, a line each."""
    for problem in problems:
        report.line(f"{problem.severity}: {problem.message} {problem.advice}".rstrip(), "err")


def has_errors(problems: tuple[Problem, ...]) -> bool:
    """Return whether any finding is of the error level."""
    return any(problem.severity is Severity.ERROR for problem in problems)
