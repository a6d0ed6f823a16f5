"""What every command works with: the library and settings, opened when first asked for, and how to print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from envstudio.cli.progress import ProgressPrinter
from envstudio.domain.columns import aligned
from envstudio.report import Report

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from envstudio.library import Library
    from envstudio.settings import Settings


class App:
    """One run of the command line."""

    def __init__(self, place: str, workspace: str, as_json: bool, quiet: bool) -> None:
        self._place, self._workspace = place, workspace
        self.as_json, self.quiet = as_json, quiet

    @cached_property
    def settings(self) -> Settings:
        from envstudio import settings

        return settings.load()

    @cached_property
    def library(self) -> Library:
        from envstudio.library import Library

        return Library.open_configured(self.settings, self._place, self._workspace)

    def close(self) -> None:
        """Close what was opened."""
        if "library" in self.__dict__:
            self.library.close()

    def report(self, *, output: bool = False) -> Report:
        """Return a report that prints to stderr; with `output`, lines of the command itself go where they belong."""
        return Report(ProgressPrinter(quiet=self.quiet, plain_output=output, output_to_stderr=self.as_json))

    def emit(self, document: Any, text: str | Iterable[str]) -> None:
        """Print the result: the document with --json, else the text."""
        if self.as_json:
            click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=_plain))
        elif isinstance(text, str):
            click.echo(text)
        else:
            for line in text:
                click.echo(line)

    def say(self, text: str) -> None:
        """Print a remark to stderr, unless asked to be quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def emit_problems(self, problems: Iterable[Any]) -> None:
        """Print problems to stderr as they stand; with --json they are in the document."""
        if self.as_json:
            return
        for problem in problems:
            click.echo(f"{problem.severity}: {problem.where}: {problem.message} {problem.advice}".rstrip(), err=True)


def _plain(value: Any) -> Any:
    """Turn dates into ISO 8601 and other values into text."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def pass_app(function: Any) -> Any:
    """Give a command the `App` of this run."""
    return click.make_pass_decorator(App)(function)


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Return lines of aligned columns."""
    texts = [[str(cell) for cell in row] for row in rows]
    return aligned([[heading.upper() for heading in headings], *texts])


def when(moment: Any) -> str:
    """Return a point in time as the reader's clock shows it."""
    return "" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")


def confirm(question: str) -> None:
    """Ask before something that cannot be undone; without a terminal the answer is no. Raises `click.UsageError`."""
    if not sys.stdin.isatty():
        raise click.UsageError("This asks before it acts; give --yes to go ahead without a terminal.")
    if not click.confirm(question, err=True):
        raise click.Abort


class RefType(click.ParamType[str]):
    """A reference, completed by the shell from the library's names."""

    name = "REF"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from envstudio.errors import EnvStudioError

        root = ctx.find_root()
        app = App(root.params.get("library") or "", root.params.get("workspace") or "", False, True)
        try:
            names = [info.name for info in app.library.environments.list()]
            from envstudio.library import curated

            names += [info.name for info in curated.infos()]
        except EnvStudioError:
            return []
        finally:
            app.close()
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


REF = RefType()
