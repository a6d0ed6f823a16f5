"""The reference of --json shows every command, and its documents have the keys and types of what commands print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from command_line import Command
from json_shapes import differences
from offline_world import make_world, run_line

from envstudio.cli.main import COMMANDS, envstudio
from envstudio.domain.image import ImageRecord
from envstudio.tasks.help import topic_pages
from envstudio.tasks.prune_images import PrunePlan
from envstudio.tasks.push_image import PushedImage

PAGE = topic_pages()["json"].text
EXAMPLE = re.compile(
    r"^```sh(?P<mark>[^\n]*)\n(?P<lines>.+?)^```\n\n```json\n(?P<json>.+?)^```$", re.MULTILINE | re.DOTALL
)
EXAMPLES = [
    (found["mark"].strip(), found["lines"].splitlines(), json.loads(found["json"])) for found in EXAMPLE.finditer(PAGE)
]


def leaves(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the words of every command; `lock REF` is short for `lock solve REF`."""
    if not isinstance(command, click.Group):
        yield " ".join(words).removesuffix(" solve")
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from leaves(inner, (*words, name))


def test_every_command_has_a_section() -> None:
    assert sorted(re.findall(r"^### (.+)$", PAGE, re.MULTILINE)) == sorted(leaves(envstudio))
    assert len(EXAMPLES) > len(COMMANDS)


@pytest.mark.usefixtures("kept_secrets")
def test_the_documents_are_those_that_are_printed(es: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    make_world(Path.cwd())
    found: dict[str, list[str]] = {}
    for mark, lines, documented in EXAMPLES:
        if mark:
            continue
        for line in lines:
            done = run_line(es, line, monkeypatch)
        assert done.status == (isinstance(documented, dict) and "error" in documented), done
        if wrong := differences(documented, done.json):
            found[lines[-1]] = wrong
    assert found == {}


IMAGE = ImageRecord(
    1, "churn", 1, "sha256:2d", "", ("envstudio/churn:1",), 1, 1, "direct", "sha256:d", "sha256:1", datetime.now(UTC)
)


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("push", PushedImage("churn:2", "sha256:2d", ("registry.example/churn:2",)).to_json()),
        ("prune", {**PrunePlan((IMAGE,), 1, (("churn:2", "in use"),)).to_json(), "done": True}),
    ],
)
def test_the_documents_of_what_needs_an_engine(command: str, printed: Any) -> None:
    documented = next(document for _, lines, document in EXAMPLES if lines[-1].startswith(f"envstudio image {command}"))
    assert differences(documented, printed) == []


def test_what_differs_is_found() -> None:
    assert differences({"a": [{"b": 1}]}, {"a": [{"c": 1}]}) == ["not documented: .a[].c", "not printed: .a[].b"]
    assert differences({"a": None}, {"a": "x"}) == []
    assert differences({"a": 1}, {"a": "x"}) == [".a: {'number'}, printed {'text'}"]
