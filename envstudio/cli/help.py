"""envstudio help CODE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from envstudio.cli.app import App, pass_app

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class CodeType(click.ParamType[str]):
    """A code of an error or check, completed by the shell."""

    name = "CODE"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from envstudio.tasks.help import code_pages

        return [CompletionItem(code) for code in code_pages() if code.startswith(incomplete)]


@click.command("help")
@click.argument("code", required=False, type=CodeType())
@pass_app
def help_(app: App, code: str | None) -> None:
    """Explain an error or a check by its CODE; without one, list the codes."""
    from envstudio.tasks.help import code_page, code_pages

    if code is None:
        pages = code_pages().values()
        app.emit([page.to_json() for page in pages], [page.code for page in pages])
        return
    page = code_page(code)
    app.emit(page.to_json(), page.lines)


COMMANDS = {"help": help_}
