"""envstudio formats, schema, log, doctor, demo, sample, settings."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click

from envstudio.cli.app import App, pass_app
from envstudio.cli.remedies import with_command
from envstudio.errors import redacted
from envstudio.presentation.columns import table


@click.command()
@pass_app
def formats(app: App) -> None:
    """List the file formats that can be read and written."""
    from envstudio.formats import FORMATS, Format
    from envstudio.lock_formats import LOCK_FORMATS, LockFormat

    known: list[Format | LockFormat] = [*FORMATS, *LOCK_FORMATS]
    documents = [
        {
            "id": item.id,
            "title": item.title,
            "reads": item.read is not None,
            "writes": item.write is not None,
            "filenames": list(item.filenames),
        }
        for item in known
    ]
    rows = [
        (item.id, item.title, "yes" if item.read else "", "yes" if item.write else "", " ".join(item.filenames))
        for item in known
    ]
    app.emit(documents, table(("id", "title", "reads", "writes", "files"), rows))


@click.command()
@pass_app
def schema(app: App) -> None:
    """Print the JSON Schema of envstudio.yml, for editors and other programs."""
    import json

    from envstudio import paths

    text = paths.resource("schema", "envstudio.schema.json").read_text("utf-8")
    app.emit(json.loads(text), text.rstrip("\n"), is_file=True)


@click.command()
@click.argument("name", required=False)
@pass_app
def log(app: App, name: str | None) -> None:
    """Show the event log; `log verify` checks it, and that all that is stored is as it says."""
    if name == "verify":
        from envstudio.tasks.verify_log import verified_text, verify_log

        verified = verify_log(app.library, report=app.report())
        document = {"verified": verified.entries, "rows": verified.rows, "notice": verified.notice}
        app.emit(document, verified_text(verified))
        return
    found = app.library.events.list(name)
    documents = [
        {"id": item.id, "at": item.at, "who": item.who, "what": item.what, "target": item.target, "detail": item.detail}
        for item in found
    ]
    rows = [
        (item.id, item.at[:19].replace("T", " "), item.who, item.what, item.target, _detail(item.detail))
        for item in found
    ]
    headings = ("id", "when (UTC)", "who", "what", "target", "detail")
    nothing = f"No entries about {name}." if name else "No entries yet."
    app.emit(documents, table(headings, rows) if found else nothing)


def _detail(detail: dict[str, Any]) -> str:
    return str(detail.get("message") or detail.get("label") or detail.get("from") or detail.get("error") or "")


@click.command()
@click.option("--offline", is_flag=True, help="Ask nothing of the network.")
@click.pass_context
def doctor(ctx: click.Context, offline: bool) -> None:
    """Show what is installed and reachable; the exit status is 1 if the library cannot be used."""
    from envstudio.tasks.doctor import doctor

    app: App = ctx.obj
    found = doctor(app.library, app.settings, offline=offline, report=app.report())
    rows = [
        ("ok" if item.ok else "no", item.name, f"{item.detail} {with_command(item.advice, item.remedy)}".rstrip())
        for item in found
    ]
    app.emit([asdict(item) for item in found], table(("state", "what", "detail"), rows))


@click.command()
@click.option(
    "--folder", default="", metavar="DIR", help="Where to work; by default a folder of its own in the data folder."
)
@click.pass_context
def demo(ctx: click.Context, folder: str) -> None:
    """Run the main job on real input, reported step by step."""
    from envstudio.tasks.demo import demo

    app: App = ctx.obj
    outcome = demo(Path(folder) if folder else None, app.settings, say=app.say, report=app.report(output=True))
    app.emit(outcome, [f"{key}: {value}" for key, value in outcome.items()])


@click.command()
@pass_app
def sample(app: App) -> None:
    """Make a small project to try things on, in a workspace of its own."""
    from envstudio.tasks.sample import NAME, sample

    workspace = sample(app.library, report=app.report())
    see = f"envstudio --workspace {workspace} versions {NAME}"
    app.emit({"workspace": workspace, "name": NAME}, f"{NAME} is in the workspace {workspace}. See it: {see}")


@click.command()
@click.argument("key", required=False)
@click.argument("value", required=False)
@pass_app
def settings(app: App, key: str | None, value: str | None) -> None:
    """Show the settings, one of them, or set one; an empty VALUE restores the default.

    Lists are comma-separated. Mirrors are set as mirror_images.PREFIX, mirror_channels.PREFIX, mirror_indexes.PREFIX.
    """
    from envstudio.errors import InvalidInput
    from envstudio.tasks.settings import set_setting

    found = set_setting(key, value) if key and value is not None else app.settings
    document = {item.name: _plain(getattr(found, item.name)) for item in fields(found)}
    if key:
        name, _, item = key.partition(".")
        if name not in document:
            raise InvalidInput(f"No setting named {name!r}.", f"Known settings are {', '.join(document)}.")
        if item and not isinstance(document[name], dict):
            raise InvalidInput(
                f"The setting {name} has no entries.", f"Read the whole table: envstudio settings {name}"
            )
        shown = document[name].get(item, "") if item else document[name]
        app.emit({key: shown}, _text(shown))
        return
    app.emit(document, [f"{name} = {_text(shown)}" for name, shown in document.items()])


def _plain(value: Any) -> Any:
    """Return a setting as JSON has it, without the passwords in its addresses."""
    if isinstance(value, tuple):
        return [redacted(item) for item in value]
    if isinstance(value, dict):
        return {key: redacted(item) for key, item in value.items()}
    return redacted(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return ", ".join(f"{key} → {item}" for key, item in value.items()) if isinstance(value, dict) else str(value)


COMMANDS = {
    "formats": formats,
    "schema": schema,
    "log": log,
    "doctor": doctor,
    "demo": demo,
    "sample": sample,
    "settings": settings,
}
