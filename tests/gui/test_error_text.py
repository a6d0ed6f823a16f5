"""What errors say in the window: their own words, without commands to type in a terminal."""

from __future__ import annotations

import pytest

from envstudio.domain.failure import FAILURES
from envstudio.errors import EnvStudioError
from envstudio.gui.error_text import told, without_commands


@pytest.mark.parametrize(
    ("advice", "said"),
    [
        ("Choose one: envstudio edit my.env --base-image IMAGE", "Choose one."),
        ("Free space: envstudio image prune shows what can go.", "Free space."),
        ("List those there are with: envstudio images", "List those there are."),
        (
            "Log in: envstudio login registry.example --user NAME; or ask for the right to do this.",
            "Log in; or ask for the right to do this.",
        ),
        (
            "Check the network, or set a proxy or a mirror: envstudio settings https_proxy URL, "
            "envstudio settings mirror_indexes.https://index.example URL",
            "Check the network, or set a proxy or a mirror in the settings.",
        ),
        ("Give one. Or restore it: envstudio settings theme", "Give one. Or restore it in the settings."),
        ("See: envstudio log", ""),
        ("Relax one: envstudio lock REF --relax. Then build.", "Relax one. Then build."),
        ("Check the network.", "Check the network."),
        ("numpy>=2", "numpy>=2"),
        ("", ""),
    ],
)  # fmt: skip
def test_commands_are_left_out(advice: str, said: str) -> None:
    assert without_commands(advice) == said


def test_an_error_in_one_line() -> None:
    assert told(EnvStudioError("x has no image.", "Build it: envstudio build x")) == "x has no image. Build it."
    assert told(EnvStudioError("It failed.")) == "It failed."


def test_no_failure_asks_for_a_terminal() -> None:
    assert not [kind.code for kind in FAILURES if "envstudio " in without_commands(kind.advice)]
