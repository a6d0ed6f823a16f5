"""What an error says in a window: the same words as in a terminal, without the command lines to type there."""

from __future__ import annotations

import re

from envstudio.errors import EnvStudioError

# A command goes on to the end of its sentence, or to the next thing that may be done.
_COMMAND = re.compile(r"(?:\bSee)?(?: with)?: envstudio (settings )?.*?(?=; |\. (?=[A-Z])|, (?:or|and) |\.?$)")


def without_commands(advice: str) -> str:
    """Return an advice without the commands in it; the window offers a button where there is one.

    "Log in: envstudio login HOST; or ask for the right." becomes "Log in; or ask for the right."
    """
    said = _COMMAND.sub(lambda found: " in the settings" if found.group(1) else "", advice).strip()
    return f"{said}." if said and said != advice and not said.endswith((".", "?", "!")) else said.removeprefix(".")


def told(error: EnvStudioError) -> str:
    """Return in one line what happened and what to do."""
    return f"{error.summary} {without_commands(error.advice)}".rstrip()
