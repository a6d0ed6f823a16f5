"""envstudio library: where the library is, and what is done with it as a whole."""

from __future__ import annotations

import os
from pathlib import Path

import click

from envstudio.cli.app import App, pass_app
from envstudio.domain.amounts import amount_text

VARIABLE = "ENVSTUDIO_LIBRARY"
"""It overrules the settings."""


@click.group()
def library() -> None:
    """Show where the library is; back it up, move it, open another."""


@library.command()
@pass_app
def show(app: App) -> None:
    """Show where the library is, and what is in it."""
    workspaces = app.library.workspaces.list()
    environments = sum(item.environments for item in workspaces)
    document = {"library": app.library.location, "workspaces": len(workspaces), "environments": environments}
    holds = f"{amount_text(environments, 'environment')} in {amount_text(len(workspaces), 'workspace')}"
    app.emit(document, f"{app.library.location}: {holds}")


@library.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_app
def backup(app: App, file: Path) -> None:
    """Copy the whole library into FILE, which must not exist; others may work on it meanwhile."""
    from envstudio.tasks.library_location import back_up_library

    target = back_up_library(app.library, file, report=app.report())
    app.emit({"library": app.library.location, "file": str(target)}, f"{app.library.location} is copied into {target}.")


@library.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_app
def move(app: App, file: Path) -> None:
    """Copy the library to FILE and use it from there; the old file stays, for you to delete."""
    from envstudio.tasks.library_location import move_library

    opened = move_library(app.library, app.settings, file.absolute(), report=app.report())
    opened.library.close()
    document = {"library": opened.library.location, "left": opened.left}
    app.emit(document, [f"{_from_now_on(opened.library.location)} {opened.left} is left as it was."])


@library.command("open")
@click.argument("location", metavar="FILE|URL")
@click.option("--create", is_flag=True, help="Create it if it is missing.")
@click.option("--make", "old_make", is_flag=True, hidden=True)
@pass_app
def open_other(app: App, location: str, create: bool, old_make: bool) -> None:
    """Use another library from now on."""
    from envstudio.tasks.library_location import open_library

    where = location if "://" in location else str(Path(location).expanduser().absolute())
    opened = open_library(app.settings, where, create=create or old_make, report=app.report())
    opened.library.close()
    app.emit({"library": opened.library.location}, _from_now_on(opened.library.location))


@library.command()
@click.argument("file", type=click.Path(path_type=Path))
@pass_app
def repair(app: App, file: Path) -> None:
    """Recover what is whole of a damaged library into FILE, and name what is not; the damaged file stays."""
    from envstudio.tasks.repair_library import repair_library

    done = repair_library(app.settings, app.location, file.absolute(), report=app.report())
    lost = [f"not whole: {text}" for text in done.lost] or ["Everything is whole."]
    document = {"file": str(done.file), "rows": done.rows, "lost": list(done.lost)}
    app.emit(
        document, [*lost, f"{amount_text(done.rows, 'row')} recovered. Use it: envstudio library open {done.file}"]
    )


def _from_now_on(location: str) -> str:
    overruled = f" once ENVSTUDIO_LIBRARY no longer names {os.environ[VARIABLE]}" if os.environ.get(VARIABLE) else ""
    return f"The library is {location} from now on{overruled}."


COMMANDS = {"library": library}
