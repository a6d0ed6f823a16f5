"""help: what a code of an error, a check or a failed build means, from the pages that ship with the program."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from envstudio import paths
from envstudio.errors import NotFound
from envstudio.library.hints import did_you_mean

PAGE = re.compile(
    r"^## (?P<code>[a-z0-9-]+)\n(?P<meaning>.+?)\n"
    r"\*\*What to do:\*\* (?P<advice>.+?)\n\*\*Example:\*\* (?P<example>.+?)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class HelpPage:
    """What a code means, what to do about it, and an example, each in Markdown."""

    code: str
    meaning: str
    advice: str
    example: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The page as a terminal shows it."""
        return self.code, "", self.meaning, "", f"What to do: {self.advice}", f"Example:    {self.example}"

    @property
    def markdown(self) -> str:
        """The page as a window shows it."""
        return f"{self.meaning}\n\n**What to do:** {self.advice}\n\n**Example:** {self.example}"

    def to_json(self) -> dict[str, Any]:
        """Return the page as the document that `--json` prints."""
        return asdict(self)


@cache
def code_pages() -> dict[str, HelpPage]:
    """Return the pages of all codes by code, in alphabetical order."""
    text = paths.resource("help", "codes.md").read_text("utf-8")
    return {found["code"]: HelpPage(**found.groupdict()) for found in PAGE.finditer(text)}


def code_page(code: str) -> HelpPage:
    """Return the page of a code. Raises `NotFound` with the nearest ones."""
    pages = code_pages()
    if code not in pages:
        near = did_you_mean(code, pages, "List the codes: help without one.")
        raise NotFound(f"No help for {code!r}.", near, subject=code)
    return pages[code]
