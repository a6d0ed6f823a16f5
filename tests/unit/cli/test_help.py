"""The pages of the guide: each is printed, listed and linked, and what they say of the program is true."""

from __future__ import annotations

import re

import pytest
from command_line import Command
from real_parts import ROOT

from envstudio import paths
from envstudio.tasks.help import LINK, TOPICS, code_pages, topic_pages

FOLDER = paths.resource("help")


def test_every_page_is_a_topic() -> None:
    assert sorted(TOPICS) == sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "codes")
    assert not set(TOPICS) & set(code_pages())


@pytest.mark.parametrize("topic", TOPICS)
def test_links_lead_to_pages(topic: str) -> None:
    text = topic_pages()[topic].text
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert [f"{target}.md" for _, target in LINK.findall(text)] == links
    assert [link for link in links if not (FOLDER / link).is_file()] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_a_terminal_shows_the_page_without_marks_of_code(es: Command, topic: str) -> None:
    shown = es("help", topic).out
    assert shown.startswith(f"# {topic_pages()[topic].title}\n")
    assert "```" not in shown
    assert ".md)" not in shown


def test_help_lists_topics_then_codes(es: Command) -> None:
    lines = es("help").out.splitlines()
    assert [line.split()[0] for line in lines[1 : len(TOPICS) + 1]] == list(TOPICS)
    assert lines[len(TOPICS) + 2 :] == ["CODES", *code_pages()]
    assert es("--json", "help", "envstudio-yml").json["text"] == (FOLDER / "envstudio-yml.md").read_text("utf-8")


def test_a_mistyped_topic(es: Command) -> None:
    assert "Did you mean envstudio-yml?" in es("help", "envstudio-yaml").must_fail("No help for").err


def test_the_readme_links_every_page() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert sorted(re.findall(r"\]\(resources/help/([^)]+)\)", text)) == sorted(
        path.name for path in FOLDER.glob("*.md")
    )
