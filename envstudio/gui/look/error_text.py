"""What an error says in the window, in one line."""

from __future__ import annotations

from envstudio.errors import EnvStudioError


def message_of(error: EnvStudioError) -> str:
    """Return in one line what happened and what to do."""
    return f"{error.summary} {error.advice}".rstrip()
