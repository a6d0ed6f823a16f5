"""Buttons and labels whose icon follows the theme."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip


class IconButton(QToolButton):
    """A flat button with one of our icons. `text` names it for screen readers and, unless shown, as its tip."""

    def __init__(self, icon: str, text: str, parent: QWidget | None = None, *, size: int = 16) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setAutoRaise(True)
        self.set_name(text)
        self.setIconSize(QSize(size, size))
        self._apply_theme()

    def set_name(self, text: str) -> None:
        """Name it for screen readers and in its tip."""
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(text))

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        if icon != self._icon:
            self._icon = icon
            self._apply_theme()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in theme.REDRAWN_AFTER:
            self._apply_theme()
        return done

    def _apply_theme(self) -> None:
        self.setIcon(theme.icon(self._icon, theme.colors(self.palette()).muted))


class IconLabel(QLabel):
    """A picture in a colour of the theme, such as "changed" for a warning."""

    def __init__(self, icon: str = "", color: str = "muted", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._color, self._size = icon, color, size
        self.setFixedSize(size, size)
        self._apply_theme()

    def set_icon(self, icon: str, color: str = "muted") -> None:
        """Show another icon."""
        if (icon, color) != (self._icon, self._color):
            self._icon, self._color = icon, color
            self._apply_theme()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in theme.REDRAWN_AFTER:
            self._apply_theme()
        return done

    def _apply_theme(self) -> None:
        color = getattr(theme.colors(self.palette()), self._color)
        self.setPixmap(theme.picture(self._icon, color, self._size, self.devicePixelRatio()))
