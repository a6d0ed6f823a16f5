"""What errors say in the window: their own words, which hold no command to type in a terminal."""

from __future__ import annotations

from envstudio.errors import EnvStudioError
from envstudio.gui.look.error_text import told


def test_an_error_in_one_line() -> None:
    assert told(EnvStudioError("x has no image.", "Build it.")) == "x has no image. Build it."
    assert told(EnvStudioError("It failed.")) == "It failed."
