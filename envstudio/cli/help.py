"""envstudio help TOPIC|CODE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from envstudio.cli.app import App, pass_app
from envstudio.presentation.columns import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem

    from envstudio.tasks.help import HelpTopic


class HelpWord(click.ParamType[str]):
    """A topic of the guide, or a code of an error or check, completed by the shell."""

    name = "WORD"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from envstudio.tasks.help import TOPICS, code_pages

        return [CompletionItem(word) for word in (*TOPICS, *code_pages()) if word.startswith(incomplete)]


@click.command("help")
@click.argument("word", required=False, type=HelpWord(), metavar="[TOPIC|CODE]")
@pass_app
def help_(app: App, word: str | None) -> None:
    """Print a page of the guide, or explain an error or a check by its code; without a word, list both."""
    from envstudio.tasks.help import HelpPage, code_pages, help_page, topic_pages

    if word is not None:
        page = help_page(word)
        app.emit(page.to_json(), page.lines if isinstance(page, HelpPage) else _lines(page))
        return
    topics, codes = topic_pages().values(), code_pages()
    document = {
        "topics": [{"topic": page.topic, "title": page.title} for page in topics],
        "codes": [page.to_json() for page in codes.values()],
    }
    app.emit(document, [*table(("topic", "title"), [(page.topic, page.title) for page in topics]), "", "CODES", *codes])


def _lines(page: HelpTopic) -> Iterator[str]:
    """Yield a page as a terminal shows it: code is indented, and a link names the command that prints its page."""
    from envstudio.tasks.help import LINK

    inside = False
    for line in page.text.rstrip("\n").split("\n"):
        if line.startswith("```"):
            inside = not inside
        elif inside:
            yield f"    {line}".rstrip()
        else:
            yield LINK.sub(r"\1 (envstudio help \2)", line)


COMMANDS = {"help": help_}
