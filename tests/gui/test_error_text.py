"""What errors say in the window: their own words, which hold no command to type in a terminal."""

from __future__ import annotations

from envstudio.errors import EnvStudioError
from envstudio.gui.look.error_text import message_of


def test_an_error_in_one_line() -> None:
    assert message_of(EnvStudioError("x has no image.", "Build it.")) == "x has no image. Build it."
    assert message_of(EnvStudioError("It failed.")) == "It failed."
