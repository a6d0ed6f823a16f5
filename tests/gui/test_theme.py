"""Colours hold their contrast on every background, in both themes; every icon that is named exists."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from envstudio import paths
from envstudio.gui.frame.page_commands import ALL_COMMANDS
from envstudio.gui.look import theme
from envstudio.gui.look.theme import DARK, LIGHT, Colors

WORDS = ("text", "muted", "accent", "added", "removed", "changed", "downgrade")
BACKGROUNDS = ("window", "base", "stripe", "hover", "selected")


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_contrast(colors: Colors, word: str, background: str) -> None:
    assert theme.contrast(getattr(colors, word), getattr(colors, background)) >= 4.5


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast_on_fills(colors: Colors) -> None:
    for fill in (colors.warning_fill, colors.error_fill, colors.info_fill):
        assert theme.contrast(colors.text, fill) >= 7
    assert theme.contrast(colors.on_accent, colors.accent) >= 4.5


def test_contrast_of_black_and_white() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("choice", "colors"), [("light", LIGHT), ("dark", DARK)])
def test_apply(qapp: QApplication, choice: str, colors: Colors) -> None:
    theme.apply(qapp, choice)
    assert theme.colors(qapp.palette()) is colors
    assert "@" not in qapp.styleSheet()
    theme.apply(qapp, "light")


@pytest.mark.parametrize("name", sorted({command.icon for command in ALL_COMMANDS if command.icon}))
def test_icons_of_commands(qapp: QApplication, name: str) -> None:
    assert paths.resource("icons", f"{name}.svg").is_file()
    assert not theme.icon(name, LIGHT.text).isNull()
