"""envstudio workspace …"""

from __future__ import annotations

from dataclasses import asdict

import click

from envstudio.cli.app import App, confirm, pass_app
from envstudio.presentation.columns import table
from envstudio.presentation.moments import date_time


@click.group()
def workspace() -> None:
    """List, create, rename and delete workspaces."""


@workspace.command("list")
@pass_app
def list_(app: App) -> None:
    """List the workspaces of the library."""
    found = app.library.workspaces.list()
    rows = [(item.name, item.environments, date_time(item.updated_at)) for item in found]
    app.emit([asdict(item) for item in found], table(("name", "environments", "updated"), rows))


@workspace.command()
@click.argument("name")
@pass_app
def create(app: App, name: str) -> None:
    """Make a workspace."""
    app.library.workspaces.create(name)
    app.emit({"name": name}, f"Created the workspace {name}.")


@workspace.command()
@click.argument("old")
@click.argument("new")
@pass_app
def rename(app: App, old: str, new: str) -> None:
    """Rename a workspace."""
    app.library.workspaces.rename(old, new)
    app.emit({"name": new}, f"Renamed the workspace {old} to {new}.")


@workspace.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_app
def delete(app: App, name: str, yes: bool) -> None:
    """Delete a workspace with all its environments, for good."""
    app.library.workspaces.require(name)
    if not yes:
        confirm(f"Delete the workspace {name} and all that is in it, for good?")
    app.library.workspaces.delete(name)
    app.emit({"name": name}, f"Deleted the workspace {name}.")


COMMANDS = {"workspace": workspace}
