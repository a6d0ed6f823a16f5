"""envstudio allow, disallow, and the options by which one command allows what needs consent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from envstudio.cli.app import REF, App, environment_name, pass_app
from envstudio.consents import ACTS, LINK_SCRIPTS, SECRETS, SOURCE_BUILDS, UNHASHED, Consent, consent_to

if TYPE_CHECKING:
    from envstudio.tasks.consent import Allowed

Command = TypeVar("Command", bound=Callable[..., Any])
OPTIONS = {
    SOURCE_BUILDS: "Let packages without a wheel be built from source, which runs their code.",
    UNHASHED: "Use packages of which the lock has no hash.",
    LINK_SCRIPTS: "Let link scripts of conda packages run inside the container of a build.",
}


def allow_options(*acts: str) -> Callable[[Command], Command]:
    """Return a decorator that gives a command an option for each act, --allow-ACT."""

    def decorate(function: Command) -> Command:
        for act in reversed(acts):
            function = click.option(f"--allow-{act}", _parameter(act), is_flag=True, help=OPTIONS[act])(function)
        return function

    return decorate


def allow_secret_option() -> Callable[[Command], Command]:
    """Return a decorator that gives a command the option --allow-secret NAME."""

    def decorate(function: Command) -> Command:
        text = "Let the environment read this secret from now on; repeatable."
        return click.option("--allow-secret", "allow_secret", multiple=True, metavar="NAME", help=text)(function)

    return decorate


def taken_consent(words: dict[str, Any]) -> Consent:
    """Take the values of those options out of a command's words, and return what they allow."""
    acts = consent_to(*(act for act in OPTIONS if words.pop(_parameter(act), False)))
    return acts | Consent(subjects=frozenset((SECRETS, name) for name in words.pop("allow_secret", ())))


def _parameter(act: str) -> str:
    return f"allow_{act.replace('-', '_')}"


@click.command()
@click.argument("name", type=REF)
@click.argument("acts", nargs=-1, type=click.Choice(list(ACTS)), metavar="[ACT]...")
@pass_app
def allow(app: App, name: str, acts: tuple[str, ...]) -> None:
    """Let an environment do what needs consent from now on; without ACT, say what it may do.

    \b
    source-builds  build packages that come as source, which runs their code
    link-scripts   run the link scripts of conda packages in container builds
    unhashed       use packages of which the lock has no hash
    secrets        read secrets of the keyring
    """
    from envstudio.tasks import consent

    environment = environment_name(name)
    done = consent.allow(app.library, environment, acts) if acts else consent.allowed(app.library, environment)
    _emit(app, environment, done)


@click.command()
@click.argument("name", type=REF)
@click.argument("acts", nargs=-1, type=click.Choice(list(ACTS)), metavar="[ACT]...")
@pass_app
def disallow(app: App, name: str, acts: tuple[str, ...]) -> None:
    """Take back what was allowed to an environment; without ACT, all of it."""
    from envstudio.tasks import consent

    environment = environment_name(name)
    _emit(app, environment, consent.disallow(app.library, environment, acts))


def _emit(app: App, name: str, done: Allowed) -> None:
    lines = [f"{name} may {ACTS[act]}" for act in done.acts]
    lines += [f"{name} may read the secret {subject}" for act, subject in done.subjects if act == SECRETS]
    lines = lines or [f"{name} may do nothing that needs consent"]
    lines += [f"allowed everywhere: {act}: {subject}" for act, subject in done.subjects if act != SECRETS]
    app.emit({"name": name, "acts": list(done.acts), "subjects": [list(item) for item in done.subjects]}, lines)


COMMANDS = {"allow": allow, "disallow": disallow}
