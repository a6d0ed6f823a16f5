"""What every command works with: the library and settings, opened when first needed, and how to print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from envstudio.cli.progress import ProgressPrinter
from envstudio.cli.remedies import with_command
from envstudio.domain.problem import Severity
from envstudio.domain.reference import CURATED, DRAFT, Reference, parse_reference
from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy
from envstudio.presentation.visible import visible, visible_line
from envstudio.report import Report

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from envstudio.library import Library
    from envstudio.settings import Settings

READS_VERSIONS = ("show", "check", "diff", "compare", "export", "lock", "solve", "build", "dockerfile", "run")
"""Commands for which a name could have meant the draft."""

DEFINITION_SUFFIXES = (".yml", ".yaml", ".txt", ".in", ".json", ".toml", ".cfg", ".lock")


class ReaderGone(Exception):
    """Whoever read standard output has seen enough, as in `envstudio list | head`.

    Of its own, because click ends the program on `BrokenPipeError` with a status of its own choosing.
    """


class App:
    """One run of the command line."""

    def __init__(self, location: str, workspace: str, as_json: bool, quiet: bool) -> None:
        self.location, self._workspace = location, workspace
        self.as_json, self.quiet = as_json, quiet
        self.reader_gone = False
        self.named: list[str] = []

    @cached_property
    def settings(self) -> Settings:
        from envstudio import settings

        found = settings.load()
        found.apply_to_process()
        return found

    @cached_property
    def library(self) -> Library:
        from envstudio.library import Library

        found = Library.open_configured(self.settings, self.location, self._workspace)
        self._note_drafts(found)
        return found

    def _note_drafts(self, library: Library) -> None:
        """Say of each environment that a command names without a version that it has a draft, which is not meant."""
        for text in dict.fromkeys(self.named):
            if f"{text}@{DRAFT}" in self.named:
                continue
            try:
                reference = parse_reference(text)
            except InvalidInput:
                continue
            if reference == Reference(reference.name) and library.versions.has_changed_draft(reference.name):
                version = library.find(reference).version
                self.say(f"note: this is {text}:{version}; its draft, {text}@{DRAFT}, has unregistered changes.")

    def close(self) -> None:
        """Close what was opened."""
        if "library" in self.__dict__:
            self.library.close()

    def report(self, *, output: bool = False) -> Report:
        """Return a report that prints to stderr; with `output`, lines of the command itself go where they belong.

        Where no one reads standard output any more, the work is cancelled.
        """
        report = Report(
            ProgressPrinter(
                quiet=self.quiet,
                plain_output=output,
                output_to_stderr=self.as_json,
                on_reader_gone=lambda: self._on_reader_gone(report),
            )
        )
        return report

    def _on_reader_gone(self, report: Report) -> None:
        self.reader_gone = True
        report.cancel()

    def emit(self, document: Any, text: str | Iterable[str], *, is_file: bool = False) -> None:
        """Print the result: the document with --json, else the text or the lines. Raises `EnvStudioError`.

        Control characters are shown as escapes. The text of a file stays as it is, unless it goes to a terminal.
        """
        if self.as_json:
            text = json.dumps(document, indent=2, ensure_ascii=False, default=_plain)
        elif not isinstance(text, str):
            text = "\n".join(map(visible_line, text))
        elif not is_file or sys.stdout.isatty():
            text = visible(text)
        try:
            click.echo(text)
        except BrokenPipeError as error:
            raise ReaderGone from error
        except OSError as error:
            raise EnvStudioError(
                "Standard output cannot be written.", "Check the disk that it goes to.", str(error)
            ) from error

    def say(self, text: str) -> None:
        """Print a remark to stderr, unless asked to be quiet."""
        if not self.quiet:
            click.echo(visible_line(text), err=True)

    def emit_problems(self, problems: Iterable[Any]) -> None:
        """Print problems of what was done to stderr; with --json they are in the document.

        What did not keep a command from going on is a warning, since "error:" means that it failed.
        """
        if self.as_json:
            return
        for problem in problems:
            advice = with_command(problem.advice, problem.remedy)
            severity = Severity.WARNING if problem.severity is Severity.ERROR else problem.severity
            text = f"{severity}: {problem.where}: {problem.message} {advice}".rstrip()
            click.echo(visible_line(text), err=True)


def _plain(value: Any) -> Any:
    """Turn dates into ISO 8601 and other values into text."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def pass_app(function: Any) -> Any:
    """Give a command the `App` of this run."""
    return click.make_pass_decorator(App)(function)


def environment_name(text: str) -> str:
    """Return the name of an environment of the user's own. Raises `InvalidInput` for a version or a curated one."""
    reference = own_reference(text)
    if reference.version is not None or reference.label is not None:
        raise InvalidInput(
            f"{text!r} is one version, but this is about an environment as a whole.", f"Write {reference.name}."
        )
    return reference.name


def own_reference(text: str, *, draft: bool = False) -> Reference:
    """Read a reference to an environment of the user's own, the draft only if requested. Raises `InvalidInput`."""
    reference = parse_reference(text)
    if reference.curated:
        raise InvalidInput(
            f"{text} is curated; this is for environments of your own.",
            "Clone it.",
            code="curated-read-only",
            subject=text,
            remedy=Remedy(Act.CLONE, text),
        )
    if reference.is_draft and not draft:
        raise InvalidInput(
            f"{text} is a draft, not a registered version.", f"Write {reference.name}, or {reference.name}:NUMBER."
        )
    return reference


def is_path(text: str) -> bool:
    """Return whether a word means a file or folder rather than a reference."""
    path = Path(text)
    separated = "/" in text.removeprefix(CURATED) or os.sep in text.removeprefix(CURATED)
    return separated or path.suffix.lower() in DEFINITION_SUFFIXES or path.is_file()


def confirm(question: str) -> None:
    """Ask before something that cannot be undone; without a terminal the answer is no. Raises `click.UsageError`."""
    if not sys.stdin.isatty():
        raise click.UsageError("This asks before it acts; give --yes to go ahead without a terminal.")
    if not click.confirm(visible_line(question), err=True):
        raise click.Abort


class RefType(click.ParamType[str]):
    """A reference, completed by the shell from the library's names, versions and labels; or a path where allowed."""

    name = "REF"

    def __init__(self, *, or_path: bool = False) -> None:
        self._or_path = or_path

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        app = ctx.find_object(App) if ctx is not None else None
        if ctx and app and ctx.info_name in READS_VERSIONS and not (self._or_path and is_path(value)):
            app.named.append(value)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        root = ctx.find_root()
        app = App(root.params.get("library") or "", root.params.get("workspace") or "", False, True)
        try:
            found = [CompletionItem(text) for text in _references(app, incomplete) if text.startswith(incomplete)]
        except EnvStudioError:
            return []
        finally:
            app.close()
        return found or ([CompletionItem(incomplete, type="file")] if self._or_path else [])


def _references(app: App, incomplete: str) -> list[str]:
    """Return names; after a colon an environment's versions, after an @ its labels."""
    for mark in ":@":
        name, found, _ = incomplete.partition(mark)
        if found:
            versions = app.library.versions.list(environment_name(name))
            if mark == ":":
                return [f"{name}:{item.number}" for item in versions]
            return [f"{name}@{label}" for item in versions for label in item.labels]
    from envstudio.library import curated

    return [info.name for info in (*app.library.environments.list(), *curated.infos())]


class FormatType(click.ParamType[str]):
    """A format's id, completed by the shell."""

    name = "ID"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from envstudio.formats import FORMATS

        return [CompletionItem(item.id, help=item.title) for item in FORMATS if item.id.startswith(incomplete)]


class TableType(click.ParamType[str]):
    """One of the entries of a table, which is read when it is first needed."""

    def __init__(self, name: str, entries: Callable[[], Iterable[str]]) -> None:
        self.name = name
        self._entries = entries

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(self._entries())}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        entries = tuple(self._entries())
        if value not in entries:
            self.fail(f"{value!r} is not one of {', '.join(entries)}.", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(entry) for entry in self._entries() if entry.startswith(incomplete)]


def _builder_names() -> Iterable[str]:
    from envstudio.builders import builder_names

    return builder_names()


def _target_names() -> Iterable[str]:
    from envstudio.targets import TARGETS

    return TARGETS


def _lock_formats() -> Iterable[str]:
    from envstudio.lock_formats import LOCK_FORMATS

    return [item.id for item in LOCK_FORMATS if item.write is not None]


BUILDER = TableType("BUILDER", _builder_names)
TARGET = TableType("TARGET", _target_names)
LOCK_FORMAT = TableType("FORMAT", _lock_formats)
REF = RefType()
REF_OR_PATH = RefType(or_path=True)
FORMAT = FormatType()
