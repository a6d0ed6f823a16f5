"""How the window looks: one palette and one small stylesheet for light and for dark, and line icons tinted to match.

There is no theme object to pass around: a widget's palette tells which of the two it is drawn in (`colors`), and a
widget that keeps icons renews them when its palette changes.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from envstudio import paths
from envstudio.gui.look.stylesheet import STYLESHEET

ICON_SIZES = (12, 16)
"""In logical pixels: within a chip or a tab, and everywhere else. Others are drawn by `picture`."""
REDRAWN_AFTER = (QEvent.Type.PaletteChange, QEvent.Type.DevicePixelRatioChange)
"""After which a widget draws its icons anew: in other colours, or for a screen with more or fewer pixels."""
STEP = 4
ROW_HEIGHT = 28


class Colors(NamedTuple):
    """The colours of one theme as #rrggbb. State colours hold 4.5:1 on every background."""

    window: str
    base: str
    stripe: str
    text: str
    muted: str
    border: str
    hover: str
    selected: str
    accent: str
    on_accent: str
    added: str
    removed: str
    changed: str
    downgrade: str
    warning_fill: str
    error_fill: str
    info_fill: str


LIGHT = Colors(
    window="#f4f5f7",
    base="#ffffff",
    stripe="#fafbfc",
    text="#1b1f24",
    muted="#59606b",
    border="#d8dce2",
    hover="#eceff3",
    selected="#dde7fb",
    accent="#2557c7",
    on_accent="#ffffff",
    added="#17692f",
    removed="#b0201a",
    changed="#805000",
    downgrade="#8426a8",
    warning_fill="#fdf3d8",
    error_fill="#fde8e6",
    info_fill="#e8effd",
)
DARK = Colors(
    window="#1a1c20",
    base="#202328",
    stripe="#23262b",
    text="#e3e6ea",
    muted="#a3aab5",
    border="#363b43",
    hover="#2b2f36",
    selected="#2b3d63",
    accent="#85a9ff",
    on_accent="#12192b",
    added="#6fd08a",
    removed="#ff9a92",
    changed="#e6bd5c",
    downgrade="#d9abff",
    warning_fill="#3a3118",
    error_fill="#432523",
    info_fill="#243150",
)


def colors(palette: QPalette) -> Colors:
    """Return the colours that go with a palette."""
    return DARK if palette.color(QPalette.ColorRole.Base).lightness() < 128 else LIGHT


def apply(application: QApplication, choice: str) -> None:
    """Draw the application in "light", "dark" or as the "system" is."""
    scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(choice, Qt.ColorScheme.Unknown)
    hints = QGuiApplication.styleHints()
    if hasattr(hints, "setColorScheme"):
        hints.setColorScheme(scheme)
    system_is_dark = hints.colorScheme() == Qt.ColorScheme.Dark
    chosen = DARK if choice == "dark" or (choice == "system" and system_is_dark) else LIGHT
    # Styled anew from one sheet to another, each widget is polished again for each of its parents.
    application.setStyleSheet("")
    application.setPalette(_palette(chosen))
    application.setStyleSheet(_stylesheet(chosen))


def _palette(chosen: Colors) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for key, value in (
        (role.Window, chosen.window),
        (role.WindowText, chosen.text),
        (role.Base, chosen.base),
        (role.AlternateBase, chosen.stripe),
        (role.Text, chosen.text),
        (role.PlaceholderText, chosen.muted),
        (role.Button, chosen.window),
        (role.ButtonText, chosen.text),
        (role.BrightText, chosen.removed),
        (role.ToolTipBase, chosen.base),
        (role.ToolTipText, chosen.text),
        (role.Highlight, chosen.selected),
        (role.HighlightedText, chosen.text),
        (role.Link, chosen.accent),
        (role.LinkVisited, chosen.accent),
        (role.Mid, chosen.border),
        (role.Midlight, chosen.border),
        (role.Dark, chosen.border),
        (role.Light, chosen.base),
        (role.Shadow, chosen.border),
    ):
        palette.setColor(key, QColor(value))
    if hasattr(role, "Accent"):
        palette.setColor(role.Accent, QColor(chosen.accent))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(chosen.muted))
    return palette


def _stylesheet(chosen: Colors) -> str:
    values = chosen._asdict()
    # What lies under a hint of a drop is seen through it.
    ground = QColor(chosen.selected)
    values["drop"] = f"rgba({ground.red()}, {ground.green()}, {ground.blue()}, 225)"
    # A stylesheet's images come from files, which have one colour each.
    variant = "dark" if chosen is DARK else "light"
    for name in ("chevron", "chevron_up", "tick"):
        values[name] = paths.resource("icons", f"{name.replace('_', '-')}-{variant}.svg").as_posix()
    return re.sub(r"@([a-z_]+)", lambda found: values[found.group(1)], STYLESHEET)


# Fonts


class Fonts:
    """What the user chose; the system's own if a family is empty or a size 0."""

    def __init__(self) -> None:
        self.system: QFont | None = None
        self.code = ""


CHOSEN_FONTS = Fonts()


def apply_fonts(application: QApplication, size: str, code: str) -> None:
    """Take a size in points for all text and a family for specs, digests and logs; empty means the system's."""
    if CHOSEN_FONTS.system is None:
        CHOSEN_FONTS.system = QFont(application.font())
    font = QFont(CHOSEN_FONTS.system)
    if size:
        font.setPointSize(int(size))
    if (font, code) == (application.font(), CHOSEN_FONTS.code):
        return
    CHOSEN_FONTS.code = code
    # A stylesheet keeps every widget's font as it was.
    sheet = application.styleSheet()
    application.setStyleSheet("")
    application.setFont(font)
    application.setStyleSheet(sheet)


def chosen_size() -> str:
    """Return the size in points that was chosen for all text; empty if it is the system's."""
    system, font = CHOSEN_FONTS.system, QApplication.font()
    return "" if system is None or system == font else str(font.pointSize())


def fitting(width: int) -> int:
    """Return a width in logical pixels, that fits the system's font, made to fit the one that was chosen."""
    if CHOSEN_FONTS.system is None or not chosen_size():
        return width
    ratio = QFontInfo(QApplication.font()).pointSizeF() / QFontInfo(CHOSEN_FONTS.system).pointSizeF()
    # A quarter of it is margin, which stays as it is.
    return round(width * (0.75 * ratio + 0.25))


@lru_cache(maxsize=1)
def _system_monospace() -> str:
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()


def monospace(widget: QWidget) -> QFont:
    """Return the font for specs, digests and logs, in the size of the widget's own."""
    font = QFont(widget.font())
    font.setFamily(CHOSEN_FONTS.code or _system_monospace())
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    return font


def title_font(widget: QWidget) -> QFont:
    """Return the one larger size, for titles."""
    font = QFont(widget.font())
    font.setPointSizeF(widget.font().pointSizeF() * 1.3)
    font.setWeight(QFont.Weight.DemiBold)
    return font


# Icons


def icon(name: str, color: str) -> QIcon:
    """Return the icon of that name drawn in one colour, paler if it is disabled.

    It is drawn for the screen that has the most pixels, and scaled down for the others.
    """
    return _icon(name, color, QGuiApplication.instance().devicePixelRatio()) if name else QIcon()  # type: ignore[union-attr]


def picture(name: str, color: str, size: int, ratio: float) -> QPixmap:
    """Return an icon of a size in logical pixels, for a screen with that many pixels to each of them."""
    return _picture(name, color, size, ratio) if name else QPixmap()


@lru_cache(maxsize=512)
def _picture(name: str, color: str, size: int, ratio: float) -> QPixmap:
    pixmap = _drawn(_renderer(name, color), math.ceil(size * ratio), 1.0)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


@lru_cache(maxsize=512)
def _icon(name: str, color: str, ratio: float) -> QIcon:
    renderer, result = _renderer(name, color), QIcon()
    for size in ICON_SIZES:
        result.addPixmap(_drawn(renderer, math.ceil(size * ratio), 1.0), QIcon.Mode.Normal)
    result.addPixmap(_drawn(renderer, math.ceil(ICON_SIZES[-1] * ratio), 0.4), QIcon.Mode.Disabled)
    return result


def _renderer(name: str, color: str) -> QSvgRenderer:
    source = paths.resource("icons", f"{name}.svg").read_text("utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))


def _drawn(renderer: QSvgRenderer, size: int, opacity: float) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(opacity)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def luminance(color: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2), from 1 to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
