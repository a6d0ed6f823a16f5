"""envstudio login HOST, logout HOST, secret set|remove NAME."""

from __future__ import annotations

import sys

import click

from envstudio.cli.app import App, pass_app


@click.command()
@click.argument("host")
@click.option("--user", default="", metavar="NAME", help="Log in with this name and a password.")
@click.option("--bearer", "kind", flag_value="bearer", help="Log in with a token in the Authorization header.")
@click.option("--conda", "kind", flag_value="conda", help="Log in with a token in the path, as anaconda.org has it.")
@pass_app
def login(app: App, host: str, user: str, kind: str | None) -> None:
    """Keep a login for a channel's, an index's or a registry's HOST in the system's keyring.

    The password or token is requested, or read from standard input if that is not a terminal.
    """
    from envstudio.credentials import Login
    from envstudio.tasks.secrets import keep_login

    if bool(user) == bool(kind):
        raise click.UsageError("Give --user NAME, --bearer or --conda.")
    password = click.prompt("Password" if user else "Token", hide_input=True, err=True) if _asks() else _read()
    keep_login(
        host, Login("bearer" if kind == "bearer" else "conda" if kind else "basic", password, user), report=app.report()
    )
    app.emit({"host": host, "user": user}, f"Saved the credentials for {host} in the keyring.")


def _asks() -> bool:
    return sys.stdin.isatty()


def _read() -> str:
    """Read the password from standard input. Raises `click.UsageError` if there is none."""
    text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise click.UsageError("There is no password on standard input.")
    return text


@click.command()
@click.argument("host")
@pass_app
def logout(app: App, host: str) -> None:
    """Forget the login for HOST."""
    from envstudio.tasks.secrets import forget_login

    forget_login(host, report=app.report())
    app.emit({"host": host}, f"Removed the credentials for {host}.")


@click.group()
def secret() -> None:
    """Keep the values of secret variables in the system's keyring, for this workspace."""


@secret.command("set")
@click.argument("name")
@pass_app
def set_secret(app: App, name: str) -> None:
    """Keep the secret NAME. Its value is requested, or read from standard input if that is not a terminal."""
    from envstudio.tasks.secrets import store_secret

    value = click.prompt("Value", hide_input=True, err=True) if _asks() else _read()
    store_secret(app.library.workspace, name, value, report=app.report())
    app.emit({"name": name}, f"Saved the secret {name} in the keyring.")


@secret.command("remove")
@click.argument("name")
@pass_app
def remove_secret(app: App, name: str) -> None:
    """Forget the secret NAME."""
    from envstudio.tasks.secrets import forget_secret

    forget_secret(app.library.workspace, name, report=app.report())
    app.emit({"name": name}, f"Removed the secret {name}.")


COMMANDS = {"login": login, "logout": logout, "secret": secret}
