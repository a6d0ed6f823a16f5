"""envstudio list, show, create, edit, export, check, rename, archive, unarchive, delete."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from envstudio.cli.app import FORMAT, REF, REF_OR_PATH, App, confirm, environment_name, is_path, own_reference, pass_app
from envstudio.cli.remedies import with_command
from envstudio.presentation.columns import table
from envstudio.presentation.deletions import removed_with
from envstudio.presentation.moments import date_time

if TYPE_CHECKING:
    from envstudio.library import EnvironmentInfo, Registered, Snapshot


STRICT = click.option("--strict", is_flag=True, help="Register nothing that has errors or warnings.")


@click.command("list")
@click.option("--query", "-q", default="", help="Words, pkg:numpy>=2, label:prod, tag:team=vision, var:NAME.")
@click.option("--archived", is_flag=True, help="List archived environments too.")
@click.option("--curated", "only_curated", is_flag=True, help="List only the curated environments.")
@click.option("--deleted", "only_deleted", is_flag=True, help="List the deleted environments, which can be restored.")
@pass_app
def list_(app: App, query: str, archived: bool, only_curated: bool, only_deleted: bool) -> None:
    """List environments."""
    from envstudio.domain.query import parse_query

    if only_deleted:
        _list_deleted(app)
        return
    if only_curated:
        from envstudio.library import curated

        found = curated.matching(parse_query(query))
    else:
        found = app.library.environments.list(parse_query(query), archived=archived)
    if not found and not app.as_json:
        app.say("Nothing matches." if query else "No environments yet. Begin with: envstudio import FILE")
        return
    headings = ("name", "version", "labels", "state", "updated", "by")
    app.emit([_info(item) for item in found], table(headings, map(_row, found)))


def _list_deleted(app: App) -> None:
    found = app.library.deleted.list()
    if not found and not app.as_json:
        app.say("Nothing was deleted.")
        return
    headings = ("name", "deleted", "versions", "locks", "images")
    rows = [
        (item.name, date_time(item.deleted_at), str(item.versions), str(item.locks), str(item.images)) for item in found
    ]
    app.emit([item._asdict() for item in found], table(headings, rows))


def _info(item: EnvironmentInfo) -> dict[str, Any]:
    return {
        "name": item.name,
        "kind": item.kind,
        "latest": item.latest,
        "labels": dict(item.labels),
        "tags": dict(item.tags),
        "archived": item.archived,
        "digest": item.digest,
        "draft_changed": item.draft_changed,
        "lock": item.lock,
        "image": item.image,
        "updated_at": item.updated_at,
        "updated_by": item.updated_by,
    }


def _row(item: EnvironmentInfo) -> tuple[str, ...]:
    labels = " ".join(f"{name}→{version}" for name, version in item.labels)
    lock = {"locked": "locked", "stale": "lock stale"}.get(item.lock, "")
    image = {"built": "built", "stale": "image stale", "failed": "build failed"}.get(item.image, "")
    draft = "draft" if item.draft_changed else ""
    archived = "archived" if item.archived else ""
    state = ", ".join(filter(None, (archived, draft, lock, image)))
    return item.name, str(item.latest), labels, state, date_time(item.updated_at), item.updated_by


@click.command()
@click.argument("ref", type=REF)
@click.option("--format", "format_id", type=FORMAT, default="native", help="The format to show it in.")
@pass_app
def show(app: App, ref: str, format_id: str) -> None:
    """Show a definition."""
    snapshot = app.library.find(ref)
    if format_id == "native":
        from envstudio.formats.native_document import to_document

        app.emit(to_document(snapshot.environment), snapshot.text.rstrip("\n"), is_file=True)
        return
    from envstudio.tasks.export import write

    result = write(snapshot.environment, format_id)
    app.emit_problems(result.problems)
    app.emit(
        {"files": dict(result.files), "problems": [item.to_json() for item in result.problems]},
        "\n".join(result.files.values()).rstrip("\n"),
        is_file=True,
    )


def _emit_registered(app: App, registered: Registered) -> None:
    """Print the outcome of whatever makes a version, and its problems."""
    from envstudio.tasks.policy import checked

    problems = checked(app.library, app.library.find(registered.name).environment)
    document = {
        "name": registered.name,
        "version": registered.version,
        "created": registered.created,
        "digest": registered.digest,
        "problems": [problem.to_json() for problem in problems],
    }
    app.emit(document, registered_text(registered))
    app.emit_problems(problems)


def registered_text(registered: Registered) -> str:
    """Return what became of a definition that was registered."""
    if registered.created:
        return f"{registered.name}:{registered.version} registered."
    return f"Same as {registered.name}:{registered.version}, nothing to register."


@click.command()
@click.argument("name")
@click.option("--from", "source", default="", type=REF, help="A version or curated environment to clone.")
@click.option("--python", default="", help="Python's version, such as 3.12.")
@click.option("--package", "packages", multiple=True, metavar="SPEC", help="A conda match spec; repeatable.")
@click.option("--pip", "pips", multiple=True, metavar="SPEC", help="A pip requirement; repeatable.")
@click.option("--env", "variables", multiple=True, metavar="K=V", help="A variable; repeatable.")
@click.option("--channel", "channels", multiple=True, help="A conda channel; repeatable.")
@click.option("--base-image", default="", help="The image to start from.")
@click.option("--cuda", default=None, metavar="VERSION", help="The CUDA version to lock for.")
@STRICT
@click.option("--message", "-m", default="", help="Why, for the history.")
@pass_app
def create(
    app: App,
    name: str,
    source: str,
    python: str,
    packages: tuple[str, ...],
    pips: tuple[str, ...],
    variables: tuple[str, ...],
    channels: tuple[str, ...],
    base_image: str,
    cuda: str | None,
    strict: bool,
    message: str,
) -> None:
    """Create an environment with version 1."""
    from envstudio.tasks.create import create
    from envstudio.tasks.edit import Edits

    edits = Edits(
        add=packages, add_pip=pips, set_variables=variables, channels=channels, base_image=base_image, cuda=cuda
    )
    registered = create(
        app.library, app.settings, name, source=source, python=python, edits=edits, message=message, strict=strict
    )
    _emit_registered(app, registered)


@click.command()
@click.argument("ref", type=REF)
@click.option("--add", multiple=True, metavar="SPEC", help="Add or replace a conda match spec; repeatable.")
@click.option("--remove", multiple=True, metavar="NAME", help="Remove a conda package; repeatable.")
@click.option("--add-pip", multiple=True, metavar="SPEC", help="Add or replace a pip requirement; repeatable.")
@click.option("--remove-pip", multiple=True, metavar="NAME", help="Remove a pip package; repeatable.")
@click.option("--set", "set_variables", multiple=True, metavar="K=V", help="Set a variable; repeatable.")
@click.option("--unset", multiple=True, metavar="K", help="Remove a variable; repeatable.")
@click.option("--channel", "channels", multiple=True, help="Append a channel; repeatable.")
@click.option("--base-image", default="", help="Start from another image.")
@click.option("--python", default="", help="State the Python version of the base image.")
@click.option("--description", default=None, help="Describe it.")
@click.option("--cuda", default=None, metavar="VERSION", help="State the CUDA version to lock for; empty for none.")
@click.option(
    "--virtual-package",
    "virtual_packages",
    multiple=True,
    metavar="PLATFORM:NAME=VERSION",
    help="State what the machines have, as in linux-64:__glibc=2.36; repeatable.",
)
@click.option(
    "--solve",
    multiple=True,
    metavar="KEY=VALUE",
    help="How to resolve: exclude-newer, pins, overrides, excludes, index-strategy; repeatable.",
)
@STRICT
@click.option("--message", "-m", default="", help="Why, for the history.")
@pass_app
def edit(app: App, ref: str, message: str, strict: bool, **changes: Any) -> None:
    """Change a definition and register it as the newest version."""
    from envstudio.tasks.edit import Edits, edit

    edits = Edits(**changes)
    if edits == Edits():
        raise click.UsageError("State what to change, for example: envstudio edit NAME --add 'numpy>=2'.")
    registered = edit(app.library, ref, edits, message=message, strict=strict, report=app.report())
    _emit_registered(app, registered)


@click.command()
@click.argument("ref", type=REF)
@click.option(
    "--format", "format_id", type=FORMAT, required=True, help="The format to write; `envstudio formats` lists them."
)
@click.option(
    "--output",
    "-o",
    default="",
    metavar="DIR|FILE|-",
    help="Where to write; by default the current folder, never over another file.",
)
@click.option("--with-lock", is_flag=True, help="Write the lock into the folder too; `import DIR` takes both.")
@pass_app
def export(app: App, ref: str, format_id: str, output: str, with_lock: bool) -> None:
    """Write a definition in another tool's format."""
    from envstudio.tasks.export import export, write

    snapshot = app.library.find(ref)
    environment = snapshot.environment
    if with_lock:
        _export_pair(app, snapshot, format_id, output)
        return
    if output == "-":
        result = write(environment, format_id)
        app.emit_problems(result.problems)
        app.emit(
            {"files": [], "content": dict(result.files), "problems": [item.to_json() for item in result.problems]},
            "\n".join(result.files.values()).rstrip("\n"),
            is_file=True,
        )
        return
    done = export(environment, format_id, Path(output) if output else None, report=app.report())
    app.emit_problems(done.problems)
    app.emit(
        {"files": [str(path) for path in done.files], "problems": [item.to_json() for item in done.problems]},
        [str(path) for path in done.files],
    )


def _export_pair(app: App, snapshot: Snapshot, format_id: str, output: str) -> None:
    """Write a definition and its lock into a folder."""
    from envstudio.cli.locks import locked_record
    from envstudio.tasks.export import export
    from envstudio.tasks.export_lock import export_lock, pair_file, pair_format

    if output in ("", "-"):
        raise click.UsageError("--with-lock needs a folder: -o DIR.")
    folder, lock = Path(output), locked_record(app, snapshot).lock
    folder.mkdir(parents=True, exist_ok=True)
    done = export(snapshot.environment, format_id, folder, report=app.report())
    found = export_lock(lock, pair_format(lock), "", pair_file(lock, folder), report=app.report())
    app.emit_problems(done.problems)
    if found.written.warning:
        app.say(f"warning: {found.written.warning}")
    files = [str(path) for path in (*done.files, found.path)]
    app.emit({"files": files, "problems": [item.to_json() for item in done.problems]}, files)


@click.command()
@click.argument("ref", type=REF_OR_PATH, metavar="REF|PATH")
@click.option("--strict", is_flag=True, help="Warnings count as errors do.")
@click.pass_context
def check(ctx: click.Context, ref: str, strict: bool) -> None:
    """Check a definition; the exit status is 1 if an error is found."""
    from envstudio.domain.problem import Severity
    from envstudio.tasks.check import check_path, check_version

    app: App = ctx.obj
    if is_path(ref):
        problems = check_path(app.library, app.settings, Path(ref))
    else:
        problems = check_version(app.library, app.settings, ref)
    rows = [
        (str(item.severity), item.where, f"{item.message} {with_command(item.advice, item.remedy)}".rstrip())
        for item in problems
    ]
    app.emit(
        [item.to_json() for item in problems],
        table(("severity", "where", "what"), rows) if problems else "No problems found.",
    )
    counting = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    ctx.exit(1 if any(item.severity in counting for item in problems) else 0)


@click.command()
@click.argument("old", type=REF)
@click.argument("new")
@pass_app
def rename(app: App, old: str, new: str) -> None:
    """Rename an environment; its versions stay."""
    app.library.environments.rename(environment_name(old), new)
    app.emit({"name": new}, f"Renamed {old} to {new}.")


@click.command()
@click.argument("ref", type=REF)
@pass_app
def archive(app: App, ref: str) -> None:
    """Hide an environment, or one version of it, from lists."""
    _archive(app, ref, True)


@click.command()
@click.argument("ref", type=REF)
@pass_app
def unarchive(app: App, ref: str) -> None:
    """Bring an archived environment or version back."""
    _archive(app, ref, False)


def _archive(app: App, ref: str, archived: bool) -> None:
    reference = own_reference(ref)
    if reference.version is None and reference.label is None:
        app.library.environments.archive(reference.name, archived)
    else:
        app.library.versions.archive(reference, archived)
    app.emit({"ref": ref, "archived": archived}, f"{'Archived' if archived else 'Restored'} {ref}.")


@click.command()
@click.argument("name", type=REF)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--undo", is_flag=True, help="Restore what was last deleted under that name.")
@click.option("--forever", is_flag=True, help="Remove what was last deleted under that name; it cannot be restored.")
@pass_app
def delete(app: App, name: str, yes: bool, undo: bool, forever: bool) -> None:
    """Delete an environment with all its versions."""
    name = environment_name(name)
    if forever:
        found = app.library.deleted.find(name)
        if not yes:
            confirm(f"Remove {name} for ever, with {removed_with(found)}?")
        app.library.deleted.remove(found.number)
        app.emit({"name": name}, f"Removed {name} for ever.")
        return
    if undo:
        app.library.environments.undelete(name)
        app.emit({"name": name}, f"Restored {name}.")
        return
    app.library.find(name)
    if not yes:
        confirm(f"Delete {name} and all its versions?")
    app.library.environments.delete(name)
    app.emit({"name": name}, f"Deleted {name}. Restore it with: envstudio delete --undo {name}")


COMMANDS = {
    "list": list_,
    "show": show,
    "create": create,
    "edit": edit,
    "export": export,
    "check": check,
    "rename": rename,
    "archive": archive,
    "unarchive": unarchive,
    "delete": delete,
}
