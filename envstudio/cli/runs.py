"""envstudio run, runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from envstudio.cli.app import REF, TARGET, App, ReaderGone, own_reference, pass_app
from envstudio.cli.consents import allow_options, allow_secret_option, taken_consent
from envstudio.consents import SOURCE_BUILDS, UNHASHED
from envstudio.errors import Cancelled
from envstudio.presentation.columns import table
from envstudio.presentation.moments import date_time


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("ref", type=REF)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option("--target", type=TARGET, default="local", help="Where to run.")
@click.option("--mount", "mounts", multiple=True, metavar="SRC:DST", help="For docker: a folder to mount; repeatable.")
@click.option("--workdir", default="", metavar="DIR", help="The folder to run in; for docker it is mounted at /work.")
@allow_options(SOURCE_BUILDS, UNHASHED)
@allow_secret_option()
@click.pass_context
def run(
    ctx: click.Context,
    /,
    ref: str,
    command: tuple[str, ...],
    target: str,
    mounts: tuple[str, ...],
    workdir: str,
    **words: Any,
) -> None:
    """Run a command in a version; leave with the command's exit status."""
    from envstudio.tasks.run import run

    app: App = ctx.obj
    try:
        done = run(
            app.library,
            app.settings,
            ref,
            command,
            target=target,
            mounts=dict(_mount(text) for text in mounts),
            working_dir=Path(workdir) if workdir else None,
            consent=taken_consent(words),
            report=app.report(output=True),
        )
    except Cancelled:
        if app.reader_gone:
            raise ReaderGone from None
        raise
    if app.as_json:
        app.emit(done.to_json(), "")
    ctx.exit(done.exit_code)


def _mount(text: str) -> tuple[str, str]:
    """Read SRC:DST; the source may be a Windows path with a colon of its own."""
    source, colon, target = text.rpartition(":")
    if not colon or not source or not target.startswith("/"):
        raise click.UsageError(f"{text!r} is not a mount; write /folder/here:/folder/there.")
    return str(Path(source).resolve()), target


@click.command()
@click.argument("ref", type=REF, required=False)
@pass_app
def runs(app: App, ref: str | None) -> None:
    """List the runs, newest first."""
    found = app.library.runs.list(own_reference(ref).name if ref else None)
    rows = [
        (
            item.id,
            f"{item.environment}:{item.version}",
            item.target,
            item.exit_code,
            date_time(item.started_at),
            f"{item.seconds:.1f} s",
            " ".join(item.command),
        )
        for item in found
    ]
    documents = [{"id": item.id, "ref": f"{item.environment}:{item.version}", **asdict(item)} for item in found]
    headings = ("id", "ref", "target", "exit", "started", "took", "command")
    app.emit(documents, table(headings, rows) if found else "No runs yet.")


COMMANDS = {"run": run, "runs": runs}
