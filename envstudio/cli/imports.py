"""envstudio import: files, folders, and environments of this machine."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from envstudio.cli.app import FORMAT, App
from envstudio.cli.environments import STRICT, registered_text
from envstudio.errors import EnvStudioError
from envstudio.presentation.columns import table
from envstudio.presentation.names import listed

if TYPE_CHECKING:
    from envstudio.formats import Choices, Source
    from envstudio.tasks.edit import Edits
    from envstudio.tasks.import_files import Imported


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(readable=False))
@click.option("--name", default=None, help="The environment's name; else the file's own, or the file name.")
@click.option("--format", "format_id", type=FORMAT, default=None, help="The file's format; else it is found out.")
@click.option("--python", default="", help="State the Python version of the base image.")
@click.option("--base-image", default="", help="The image to start from, if the file names none.")
@click.option("--group", "groups", multiple=True, help="A dependency group to take too; repeatable.")
@click.option("--extra", "extras", multiple=True, help="An extra to take too; repeatable.")
@click.option("--environment", default="", help="The one to take of a file that holds several.")
@click.option("--platform", default="", metavar="linux-64", help="The platform that a lock of several is read for.")
@click.option("--fetch", is_flag=True, help="Fetch the files that -r and -c name by their addresses.")
@click.option("--keep-going", is_flag=True, help="Import the other files though one cannot be read.")
@click.option("--drop-secrets", is_flag=True, help="Leave passwords and tokens out instead of keeping them.")
@click.option("--preview", is_flag=True, help="Show what each file would become without storing anything.")
@STRICT
@click.option("--message", "-m", default="", help="Why, for the history.")
@click.pass_context
def import_(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    name: str | None,
    format_id: str | None,
    python: str,
    base_image: str,
    groups: tuple[str, ...],
    extras: tuple[str, ...],
    environment: str,
    platform: str,
    fetch: bool,
    keep_going: bool,
    drop_secrets: bool,
    preview: bool,
    strict: bool,
    message: str,
) -> None:
    """Import files, folders, or a conda or virtual environment of this machine; "-" reads standard input.

    What has a version from the same file gets a new one, and so does the environment that --name names. Anything else
    becomes a new environment.
    """
    from envstudio.domain.problem import Severity, counted
    from envstudio.formats import Choices
    from envstudio.tasks.edit import Edits
    from envstudio.tasks.import_files import fetched, import_sources

    app: App = ctx.obj
    if name is not None and len(paths) > 1:
        raise click.UsageError("--name goes with one PATH only.")
    edits = Edits(python=python, base_image=base_image)
    fetching = partial(fetched, app.settings) if fetch else None
    choices = Choices(groups, extras, platform, python, fetching, environment)
    if preview:
        ctx.exit(_preview(app, paths, format_id, name, edits, choices))
    done: list[Imported] = []
    refused: list[EnvStudioError] = []
    for some in [[path] for path in paths] if keep_going else [list(paths)]:
        try:
            done += import_sources(
                app.library,
                [replace(_source(path, name), choices=choices) for path in some],
                name=name,
                format_id=format_id,
                message=message,
                edits=edits,
                drop_secrets=drop_secrets,
                strict=strict,
                locks=[_lock_beside(path) for path in some],
                report=app.report(),
            )
        except EnvStudioError as error:
            if not keep_going:
                raise
            refused.append(error)
    for path in paths:
        _tell_passed_over(app, path)
    for item in done:
        app.emit_problems(item.problems)
    app.emit([item.to_json() for item in done], [registered_text(item.registered) for item in done])
    for item in done:
        app.emit_problems([problem for problem in item.checks if problem.severity is not Severity.INFO])
        if item.checks:
            made = item.registered.name
            app.say(f"{made}: {counted(item.checks)} found; with the notes: envstudio check {made}")
    for failure in refused:
        click.echo(f"error: {failure.summary} {failure.advice}".rstrip(), err=True)
    ctx.exit(1 if refused else 0)


def _preview(
    app: App, paths: tuple[str, ...], format_id: str | None, name: str | None, edits: Edits, choices: Choices
) -> int:
    """Show what each file would become, and return the exit status: 1 if one cannot be read."""
    from envstudio.domain.problem import counted
    from envstudio.tasks.import_preview import preview_import

    if "-" in paths:
        raise click.UsageError("--preview reads files and folders only.")
    files = [Path(path) for path in paths]
    report = app.report()
    found = preview_import(
        app.library, files, each=False, format_id=format_id, name=name, edits=edits, choices=choices, report=report
    )
    rows = [
        (
            f"{item.name} ({item.becomes})" if item.becomes else item.name or "cannot be read",
            item.path,
            item.format,
            item.holds,
            item.error.summary if item.error else counted((*item.problems, *item.checks)),
        )
        for item in found
    ]
    app.emit(
        [item.to_json() for item in found], table(("would be", "file", "format", "holds", "needs attention"), rows)
    )
    return 1 if any(item.error for item in found) else 0


def _source(path: str, name: str | None) -> Source:
    """Read a file, the definition file of a folder, or with "-" standard input."""
    from envstudio.formats import bytes_source
    from envstudio.tasks.read_path import source_of

    if path != "-":
        return source_of(Path(path))
    if name is None:
        raise click.UsageError("Reading standard input needs --name, and --format where it cannot be told.")
    return bytes_source("<stdin>", sys.stdin.buffer.read(), Path.cwd())


def _lock_beside(path: str) -> Path | None:
    from envstudio.tasks.folders import lock_beside

    return lock_beside(Path(path)) if path != "-" else None


def _tell_passed_over(app: App, path: str) -> None:
    """Say what else a folder holds, as one file of it was taken."""
    from envstudio.tasks.folders import passed_over

    others = passed_over(Path(path)) if path != "-" else ()
    if others:
        app.say(f"{path} holds {listed([other.name for other in others], 1)} too; each is imported by its own name.")


COMMANDS = {"import": import_}
