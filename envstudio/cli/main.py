"""The entry of the command line: global options, the table of commands, and how errors leave."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import click
from click.exceptions import NoArgsIsHelpError

from envstudio import __version__
from envstudio.cli.app import App, ReaderGone
from envstudio.cli.remedies import hint_of
from envstudio.disk import explained
from envstudio.errors import Cancelled, EnvStudioError, InvalidInput
from envstudio.presentation.visible import visible_line

INTERRUPTED = 130
HOISTED = ("--json", "--quiet")
OpenWindow = Callable[[str, str], int]
"""Opens the window over a library and a workspace; an empty name means the configured one."""

COMMANDS = {
    "workspace": "workspace",
    "library": "library",
    "list": "environments",
    "show": "environments",
    "create": "environments",
    "import": "imports",
    "edit": "environments",
    "export": "environments",
    "check": "environments",
    "rename": "environments",
    "archive": "environments",
    "unarchive": "environments",
    "delete": "environments",
    "versions": "versions",
    "diff": "versions",
    "timeline": "timeline",
    "restore": "versions",
    "label": "versions",
    "unlabel": "versions",
    "tag": "versions",
    "describe": "versions",
    "lock": "locks",
    "build": "builds",
    "dockerfile": "builds",
    "images": "builds",
    "image": "image",
    "rebuild": "image",
    "builds": "builds",
    "build-log": "builds",
    "run": "runs",
    "runs": "runs",
    "log": "system",
    "doctor": "system",
    "demo": "system",
    "sample": "system",
    "settings": "system",
    "policy": "policy",
    "cache": "cache",
    "allow": "consents",
    "disallow": "consents",
    "login": "logins",
    "logout": "logins",
    "secret": "logins",
    "formats": "system",
    "schema": "system",
    "help": "help",
}
"""Each command and the file that holds it, so that only what is requested is loaded."""


class LazyGroup(click.Group):
    """A group that loads a command's file when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"envstudio.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No command named {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="envstudio")
@click.option(
    "--library",
    envvar="ENVSTUDIO_LIBRARY",
    metavar="URL|PATH",
    default="",
    help="The library that holds the environments.",
)
@click.option("--workspace", envvar="ENVSTUDIO_WORKSPACE", metavar="NAME", default="", help="The workspace to use.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--quiet", is_flag=True, help="Print only results and errors.")
@click.pass_context
def envstudio(ctx: click.Context, library: str, workspace: str, as_json: bool, quiet: bool) -> None:
    """Define, version, compare, lock, build and run machine-learning environments.

    Without a command, the window opens. REF below is NAME (its latest version), NAME:3, NAME@label, NAME@draft or
    curated/NAME.
    """
    open_window: OpenWindow = ctx.obj
    ctx.obj = App(library, workspace, as_json, quiet)
    ctx.call_on_close(ctx.obj.close)
    if ctx.invoked_subcommand is None:
        ctx.exit(open_window(library, workspace))


def run(arguments: Sequence[str], open_window: OpenWindow) -> int:
    """Run one command line and return the exit status: 0, 1 expected failure, 2 usage, 130 interrupted.

    `open_window` is called if there is no command; the command line itself knows nothing of the window.
    """
    words = _hoisted(arguments)
    as_json = "--json" in words[: len(HOISTED)]
    try:
        _refuse_undecodable(words)
        status: object = envstudio.main(words, prog_name="envstudio", standalone_mode=False, obj=open_window)
        return status if isinstance(status, int) else 0
    except NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        tell(_usage(error), as_json)
        return error.exit_code
    except (Cancelled, click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        if as_json:
            _print_json(EnvStudioError("Interrupted.", "Run it again; what was finished is kept.", code="cancelled"))
        return INTERRUPTED
    except ReaderGone:
        _forget_stdout()
        return 0
    except (EnvStudioError, OSError) as raised:
        failure = explained(raised)
        if not isinstance(failure, EnvStudioError):
            raise
        tell(failure, as_json)
        try:
            sys.stdout.flush()
        except OSError:
            # A full disk was reported already; what is left in the buffer can go nowhere.
            _forget_stdout()
        return 1


def _forget_stdout() -> None:
    """Send what is still to be flushed nowhere, so that the interpreter does not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse_undecodable(words: Sequence[str]) -> None:
    """Raise `InvalidInput` for a word that is not in the terminal's encoding; nothing could store or print it."""
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError as error:
            shown = word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            raise InvalidInput(f"The argument {shown!r} is not UTF-8.", "Rename the file, or type it anew.") from error


def _usage(error: click.ClickException) -> EnvStudioError:
    """Return a usage error in our words, with what the command takes as advice."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return EnvStudioError(error.format_message(), "See: envstudio --help", code="usage")
    usage = context.command.get_usage(context).removeprefix("Usage: ")
    advice = f"Usage: {usage} (more: {context.command_path} --help)"
    return EnvStudioError(error.format_message(), advice, code="usage")


def _hoisted(arguments: Sequence[str]) -> list[str]:
    """Move --json and --quiet to the front, so that they may stand anywhere before `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    front = [word for word in HOISTED if word in arguments[:end]]
    return [*front, *(word for word in arguments[:end] if word not in HOISTED), *arguments[end:]]


def tell(error: EnvStudioError, as_json: bool = False) -> None:
    """Print an expected failure: what happened, what to do, and the details."""
    click.echo(f"error: {_one_line(error.summary)}", err=True)
    click.echo(f"hint: {_one_line(hint_of(error) or 'See: envstudio --help')}", err=True)
    if error.details:
        click.echo("\n".join(f"  {visible_line(line)}" for line in error.details.splitlines()), err=True)
    if not error.is_generic:
        click.echo(f"  more: envstudio help {error.code}", err=True)
    if as_json:
        _print_json(error)


def _print_json(error: EnvStudioError) -> None:
    """Print an error as the one document of --json, unless standard output is what failed."""
    import json

    try:
        click.echo(json.dumps({"error": error.to_json()}, ensure_ascii=False))
    except OSError:
        _forget_stdout()


def _one_line(text: str) -> str:
    return visible_line(" ".join(text.split()))
