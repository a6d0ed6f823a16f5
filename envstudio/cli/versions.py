"""envstudio versions, diff, restore, label, unlabel, tag, describe."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from envstudio.cli.app import REF, REF_OR_PATH, App, environment_name, is_path, own_reference, pass_app
from envstudio.domain.amounts import amount_text
from envstudio.presentation.columns import table
from envstudio.presentation.moments import date_time

if TYPE_CHECKING:
    from envstudio.library import Snapshot


@click.command()
@click.argument("name", type=REF)
@pass_app
def versions(app: App, name: str) -> None:
    """List the versions of an environment, newest first."""
    found = app.library.versions.list(environment_name(name))
    rows = [
        (
            item.number,
            date_time(item.created_at),
            item.created_by,
            item.message,
            " ".join(item.labels),
            ", ".join(
                filter(
                    None,
                    (
                        "archived" if item.archived else "",
                        "locked" if item.locked else "",
                        amount_text(item.images, "image") if item.images else "",
                    ),
                )
            ),
            item.digest[7:19],
        )
        for item in found
    ]
    documents = [{"version": item.number, **asdict(item)} for item in found]
    for document in documents:
        del document["number"]
    app.emit(documents, table(("version", "when", "who", "message", "labels", "state", "digest"), rows))


@click.command()
@click.argument("a", type=REF_OR_PATH)
@click.argument("b", type=REF_OR_PATH)
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@click.option("--resolved/--no-resolved", default=True, help="Compare the locks too, where both have one.")
@pass_app
def diff(app: App, a: str, b: str, markdown: bool, resolved: bool) -> None:
    """Show what changed from A to B; each is a REF or a file."""
    from envstudio.presentation.comparison import comparison_lines, comparison_markdown
    from envstudio.tasks.compare import compare

    comparison = compare(app.library, _thing(app, a), _thing(app, b), resolved=resolved, report=app.report())
    text = comparison_markdown(comparison).rstrip("\n") if markdown else comparison_lines(comparison)
    app.emit(comparison.to_json(), text)


def _thing(app: App, text: str) -> Snapshot:
    """Return what a REF or a file holds."""
    if not is_path(text):
        return app.library.find(text)
    from envstudio.tasks.read_path import read_path

    found = read_path(Path(text))
    app.emit_problems(found.problems)
    return found.snapshot()


@click.command()
@click.argument("ref", type=REF)
@click.option("--message", "-m", default="", help="Why, for the history.")
@pass_app
def restore(app: App, ref: str, message: str) -> None:
    """Make an old version the newest."""
    from envstudio.tasks.restore import restore

    done = restore(app.library, ref, message=message, report=app.report())
    newest = f"{done.name}:{done.version}"
    same = f"{ref} is the same as {newest}, the newest version."
    if ref in (newest, done.name):
        same = f"{newest} is the newest version already."
    text = f"{newest} registered." if done.created else same
    document = {"name": done.name, "version": done.version, "created": done.created, "digest": done.digest}
    app.emit({**document, "problems": []}, text)


@click.command()
@click.argument("ref", type=REF)
@click.argument("label")
@pass_app
def label(app: App, ref: str, label: str) -> None:
    """Point a label to a version; it moves if it pointed elsewhere."""
    from envstudio.domain.reference import Reference

    reference = own_reference(ref)
    # What is reported is what is labelled, whatever "latest" means by then.
    version = app.library.find(reference).version
    app.library.versions.label(Reference(reference.name, version), label)
    app.emit({"ref": ref, "label": label, "version": version}, f"{label} → {reference.name}:{version}")


@click.command()
@click.argument("name", type=REF)
@click.argument("label")
@pass_app
def unlabel(app: App, name: str, label: str) -> None:
    """Remove a label."""
    app.library.versions.unlabel(environment_name(name), label)
    app.emit({"name": name, "label": label}, f"Removed the label {label} from {name}.")


@click.command()
@click.argument("ref", type=REF)
@click.argument("pairs", nargs=-1, required=True, metavar="K=V...")
@pass_app
def tag(app: App, ref: str, pairs: tuple[str, ...]) -> None:
    """Set tags of a version; K= removes one."""
    tags: dict[str, str | None] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise click.UsageError(f"{pair!r} is not a tag; write KEY=VALUE.")
        tags[key] = value or None
    reference = own_reference(ref)
    app.library.versions.describe(reference, tags=tags, started=app.library.find(reference).environment)
    found = dict(app.library.find(ref).environment.tags)
    app.emit({"ref": ref, "tags": found}, " ".join(f"{key}={value}" for key, value in found.items()) or "No tags.")


@click.command()
@click.argument("ref", type=REF)
@click.argument("text")
@pass_app
def describe(app: App, ref: str, text: str) -> None:
    """Describe a version."""
    reference = own_reference(ref)
    app.library.versions.describe(reference, description=text, started=app.library.find(reference).environment)
    app.emit({"ref": ref, "description": text}, f"Described {ref}.")


COMMANDS = {
    "versions": versions,
    "diff": diff,
    "restore": restore,
    "label": label,
    "unlabel": unlabel,
    "tag": tag,
    "describe": describe,
}
