"""The window follows the desktop's colours while it is open: KDE's own file and signal, as its settings write them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from desktop.driver import SECONDS, Desktop
from desktop.test_first_hour import start
from PySide6.QtGui import QColor, QImage
from real_parts import lacking

from envstudio.domain.environment import Environment
from envstudio.gui.look.theme import DARK, LIGHT, Colors
from envstudio.library import Library

pytestmark = [pytest.mark.desktop, pytest.mark.xdist_group("desktop")]
SCHEMES = {"light": ("239,240,241", "255,255,255", "35,38,41"), "dark": ("42,46,50", "27,30,32", "252,252,252")}
MIDDLE = (900, 740)
"""Where the window shows nothing but its ground."""


def choose(desktop: Desktop, config: Path, name: str) -> None:
    """Do what KDE's settings do if a colour scheme is chosen."""
    window, view, text = SCHEMES[name]
    lines = (
        f"[Colors:Window]\nBackgroundNormal={window}\nForegroundNormal={text}",
        f"[Colors:View]\nBackgroundNormal={view}\nForegroundNormal={text}",
        f"[General]\nColorScheme=Breeze{name.capitalize()}\n",
    )
    (config / "kdeglobals").write_text("\n".join(lines))
    location, signal = "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings.SettingChanged"
    values = ("string:org.kde.kdeglobals.General", "string:ColorScheme", f"variant:string:Breeze{name.capitalize()}")
    assert desktop.start("dbus-send", "--session", "--type=signal", location, signal, *values).wait(SECONDS) == 0


def wait_colors(desktop: Desktop, colors: Colors) -> QImage:
    """Wait until the window has the colours of a theme; return the picture of it."""
    desktop.wait(
        lambda: QImage(str(desktop.picture("colours"))).pixelColor(*MIDDLE) == QColor(colors.base),
        lambda: f"The window never had the colour {colors.base}.",
    )
    return QImage(str(desktop.picture_at_rest("settled")))


def test_the_colours_of_the_desktop_change_while_the_window_is_open(desktop: Desktop, tmp_path: Path) -> None:
    if shutil.which("dbus-daemon") is None or shutil.which("dbus-send") is None:
        lacking("A session bus needs dbus of Debian or Ubuntu.")
        return
    config = tmp_path / "config"
    config.mkdir()
    address = f"unix:path={tmp_path / 'bus'}"
    desktop.start("dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}")
    desktop.env |= {
        "DBUS_SESSION_BUS_ADDRESS": address,
        "XDG_CONFIG_HOME": str(config),
        "XDG_CURRENT_DESKTOP": "KDE",
        "KDE_FULL_SESSION": "true",
        "KDE_SESSION_VERSION": "5",
        "ENVSTUDIO_CONFIG": str(tmp_path / "settings.toml"),
    }
    with Library.open(tmp_path / "one.sqlite") as library:
        library.versions.register(Environment("churn-train"))
    desktop.wait((tmp_path / "bus").exists, lambda: "The bus did not start.")
    choose(desktop, config, "light")
    log = tmp_path / "log"
    process = start(desktop, tmp_path / "one.sqlite", log)
    before = wait_colors(desktop, LIGHT)
    choose(desktop, config, "dark")
    dark = wait_colors(desktop, DARK)
    left = {QColor(LIGHT.base).name(), QColor(LIGHT.window).name(), QColor(LIGHT.accent).name()}
    stale = [(x, y) for y in range(60, 840, 2) for x in range(20, 1420, 2) if dark.pixelColor(x, y).name() in left]
    assert not stale, "nothing is left in the colours of before"
    choose(desktop, config, "light")
    after = wait_colors(desktop, LIGHT)
    inner = (20, 60, 1400, 780)
    assert after.copy(*inner) == before.copy(*inner)
    desktop.keys("ctrl+q")
    assert process.wait(SECONDS) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
