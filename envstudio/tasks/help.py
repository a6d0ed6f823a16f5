"""help: the guide, and what codes of errors, checks and failed builds mean, from pages that ship with the program."""

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
CODES = "codes"
"""The file of what codes mean, which is read code by code."""

TOPICS = (
    "getting-started",
    "packages-and-locks",
    "images",
    "comparing",
    "runs",
    "teams",
    "behind-a-proxy",
    "formats",
    "envstudio-yml",
    "json",
    "keyboard",
)
"""The pages of the guide by their file names, in the order in which they are read."""

LINK = re.compile(r"\[([^\]]+)\]\(([a-z-]+)\.md\)")
"""From one page to another."""


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
    text = paths.resource("help", f"{CODES}.md").read_text("utf-8")
    return {found["code"]: HelpPage(**found.groupdict()) for found in PAGE.finditer(text)}


@dataclass(frozen=True, slots=True)
class HelpTopic:
    """A page of the guide in Markdown."""

    topic: str
    title: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return the page as the document that `--json` prints."""
        return asdict(self)


@cache
def topic_pages() -> dict[str, HelpTopic]:
    """Return the pages of the guide by name, in the order in which they are read."""
    found = {}
    for name in TOPICS:
        text = paths.resource("help", f"{name}.md").read_text("utf-8")
        found[name] = HelpTopic(name, text.partition("\n")[0].removeprefix("# "), text)
    return found


def help_page(word: str) -> HelpPage | HelpTopic:
    """Return the page of a topic or a code. Raises `NotFound` with the nearest ones."""
    pages: dict[str, HelpPage | HelpTopic] = {**code_pages(), **topic_pages()}
    if word not in pages:
        near = did_you_mean(word, pages, "List the topics and codes: help without a word.")
        raise NotFound(f"No help for {word!r}.", near, subject=word)
    return pages[word]
