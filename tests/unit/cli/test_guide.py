"""The commands of the guide can be run as they stand, and its tables are those of the program.

Blocks of "```sh" are run here, those of "```sh engine" by tests/integration/test_guide.py; "```sh no-test" needs more.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Command
from offline_world import make_world, run_line

from envstudio.tasks.help import TOPICS, topic_pages

BLOCK = re.compile(r"^```sh\n(.+?)^```$", re.MULTILINE | re.DOTALL)
FIRST = "getting-started"
TESTED_ELSEWHERE = ("json",)


def lines_of(topic: str) -> list[str]:
    """Return the command lines of a page that can be run anywhere."""
    return [line for block in BLOCK.findall(topic_pages()[topic].text) for line in block.splitlines()]


@pytest.mark.usefixtures("kept_secrets")
@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic not in TESTED_ELSEWHERE and lines_of(topic)])
def test_the_commands_of_a_page_work(es: Command, topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page goes on from where the first one ends, so the commands of that are run before."""
    make_world(Path.cwd())
    for line in [*lines_of(FIRST), *(lines_of(topic) if topic != FIRST else ())]:
        done = run_line(es, line, monkeypatch)
        assert done.status == 0, (line, done)


def test_blocks_are_marked_in_one_of_three_ways() -> None:
    marks = {mark for topic in TOPICS for mark in re.findall(r"^```(sh.*)$", topic_pages()[topic].text, re.MULTILINE)}
    assert marks == {"sh", "sh engine", "sh no-test"}
