"""Every code has a page, errors name their code and subject, and below the front ends nothing speaks a command line."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command_line import Command
from real_parts import ROOT

from envstudio.cli.main import envstudio
from envstudio.cli.remedies import command_of, hint_of
from envstudio.consents import SECRETS
from envstudio.domain.failure import CLASSES, FAILURES, classify
from envstudio.errors import Act, EnvStudioError, NotFound, Remedy
from envstudio.tasks.help import PAGE, code_pages

PACKAGE = ROOT / "envstudio"
LOWER = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in ("cli", "gui", "__main__.py")
)
POSITIONAL = {
    "_kind": 0,
    "Problem": 0,
    "_problem": 0,
    "_report": 0,
    "report": 0,
    "lost": 0,
    "_Reason": 1,
    "DiskReason": 0,
}
"""Functions that take a code, and which argument it is."""

KINDS = ("EnvStudioError", "InvalidInput", "NotFound", "Unavailable", "BuildFailed")
KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
COMMAND_LINE = re.compile(r"envstudio [a-z]|(?:^|[\s`(:])--[a-z]")
OTHER_PROGRAMS = ("COPY --from=", "-m pip --python ", "docker pull --platform ", "--mount=type=")
"""Lines of a Dockerfile and commands of other programs."""


def codes_used() -> Iterator[tuple[str, Path]]:
    """Yield the codes that stand in the program, and where."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found: list[ast.expr] = []
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                found += [item.value for item in node.keywords if item.arg == "code"]
                if name in POSITIONAL and len(node.args) > POSITIONAL[name]:
                    found.append(node.args[POSITIONAL[name]])
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "default_code":
                found.append(node.value)
            for value in found:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and KEBAB.fullmatch(value.value):
                    yield value.value, path


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    used = {code for code, _ in codes_used()} | {kind.code for kind in FAILURES}
    # Two that are chosen by a condition.
    used |= {"secret-kept", "password-removed"}
    assert len(used) > 140
    assert sorted(used - set(code_pages())) == []
    assert sorted(set(code_pages()) - used) == []


def test_pages_are_whole_and_in_order() -> None:
    text = (ROOT / "resources" / "help" / "codes.md").read_text("utf-8")
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == len(PAGE.findall(text))
    assert list(code_pages()) == sorted(code_pages())


def test_no_command_line_below_the_front_ends() -> None:
    found = []
    for path in LOWER:
        tree = ast.parse(path.read_text("utf-8"))
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        docstrings = {id(node.body[0].value) for node in ast.walk(tree) if _documented(node, documented)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
                continue
            spoken = " " in node.value.strip() and COMMAND_LINE.search(node.value)
            if spoken and not any(part in node.value for part in OTHER_PROGRAMS):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}")
    assert found == []


def _documented(node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    body = getattr(node, "body", None)
    return isinstance(node, kinds) and bool(body) and isinstance(body[0], ast.Expr)


def test_no_wording_of_ours_is_recognised() -> None:
    """The patterns of foreign logs match no summary of an error of ours."""
    summaries = []
    for path in LOWER:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            raised = isinstance(node, ast.Call) and getattr(node.func, "id", "") in KINDS and node.args
            if raised and isinstance(node.args[0], ast.JoinedStr | ast.Constant):
                summaries.append(ast.unparse(node.args[0]).lstrip("f").strip("'\""))
    assert len(summaries) > 200
    recognised = [text for text in summaries if (found := classify([text])) and found.code != "out-of-memory"]
    assert recognised == []


def test_an_error_of_ours_is_known_again_in_a_log() -> None:
    error = NotFound("No package.", "Look.", code="unauthorized", subject="index.example:8443")
    found = classify(["resolving", error.log_line, "E: Unable to locate package x"])
    assert found is not None
    assert (found.code, found.number, found.line) == ("unauthorized", 2, "No package.")
    assert found.remedy == Remedy(Act.LOG_IN, "index.example:8443")


def _command_and_options(words: list[str]) -> tuple[click.Command, set[str]]:
    """Return the command that words begin with, and the options that it knows."""
    command: click.Command = envstudio
    for word in words:
        if not isinstance(command, click.Group):
            break
        found = command.get_command(click.Context(command), word)
        if found is None:
            break
        command = found
    if isinstance(command, click.Group) and command.name == "lock":
        command = command.commands["solve"]  # type: ignore[attr-defined]
    return command, {name for item in command.params for name in item.opts}


@pytest.mark.parametrize("act", Act)
def test_every_remedy_is_a_command_that_exists(act: Act) -> None:
    subjects = {Act.SET_SETTING: "timeout", Act.RESTORE_SETTING: "timeout", Act.ALLOW: "source-builds"}
    command = command_of(Remedy(act, subjects.get(act, "churn")))
    assert "{" not in command
    words = shlex.split(command)
    if not words:
        assert act in (Act.EDIT_IMAGE, Act.EDIT_PACKAGES)
    elif words[0] == "envstudio":
        found, options = _command_and_options(words[1:])
        assert found is not envstudio
        assert {word for word in words if word.startswith("--")} - {"--"} <= options
    else:
        assert words[0] in ("-o", "--library", "--allow-source-builds", "--tag")


def test_a_secret_is_allowed_by_its_name() -> None:
    assert command_of(Remedy(Act.ALLOW, SECRETS)) == "--allow-secret NAME"


@pytest.mark.parametrize(
    ("advice", "remedy", "hint"),
    [
        ("Lock it.", Remedy(Act.LOCK, "churn:3"), "Lock it: envstudio lock churn:3"),
        ("Relax one, or add a channel.", Remedy(Act.RELAX),
         "Relax one, or add a channel. Try: envstudio lock REF --relax"),
        ("Check the mirrors.", Remedy(Act.SET_SETTING, "mirror_images"),
         "Check the mirrors: envstudio settings mirror_images.PREFIX VALUE"),
        ("Name the format.", Remedy(Act.IMPORT_AS, "my notes.md"),
         "Name the format: envstudio import 'my notes.md' --format ID"),
        ("Did you mean churn?", None, "Did you mean churn?"),
    ],
)  # fmt: skip
def test_hints_read_as_sentences(advice: str, remedy: Remedy | None, hint: str) -> None:
    assert hint_of(EnvStudioError("It failed.", advice, remedy=remedy)) == hint


def test_json_has_code_subject_and_remedy(es: Command) -> None:
    done = es("--json", "show", "nothing").must_fail()
    assert done.json["error"]["code"] == "environment-missing"
    assert done.json["error"]["subject"] == "nothing"
    assert done.json["error"]["remedy"] == {"act": "list-environments", "subject": ""}
    assert "  more: envstudio help environment-missing" in done.err.splitlines()


def test_help_explains_a_code(es: Command) -> None:
    assert "What to do: Lock it." in es("help", "not-locked").out
    assert set(es("--json", "help").json["codes"][0]) == {"code", "meaning", "advice", "example"}
    assert "not-locked" in es("help", "not-lockd").must_fail("No help for").err
    assert CLASSES.keys() <= code_pages().keys()
    assert code_pages()["hash-mismatch"].example
