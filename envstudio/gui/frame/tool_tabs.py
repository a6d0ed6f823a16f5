"""The tabs that are no environment's: settings, the check of the installation, the guide. Each is there once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QTabBar, QWidget

from envstudio.gui.frame.window import Window
from envstudio.gui.look import theme
from envstudio.gui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from envstudio.gui.frame.guide_page import GuidePage
    from envstudio.gui.model.engine_watch import EngineWatch
    from envstudio.gui.settings.doctor_page import DoctorPage
    from envstudio.gui.settings.settings_page import SettingsPage


SETTINGS, DOCTOR, GUIDE = "settings", "doctor", "guide"


class SetUpWindow(Window, Protocol):
    """A window that can be told to look and work as the settings say."""

    engine_watch: EngineWatch

    def apply_theme(self) -> None:
        """Take over the fonts and colours of the theme."""

    def choose_theme(self, choice: str) -> None:
        """Choose the colours."""

    def on_tools_changed(self) -> None:
        """Follow a tab that is not an environment's being opened or closed."""


class ToolTabs(QObject):
    """Their code is loaded when they are first wanted, so that the window opens without it."""

    def __init__(self, window: SetUpWindow) -> None:
        super().__init__(window.as_widget())
        self._window = window
        self._tabs = window.tabs
        window.session.settings_changed.connect(self._on_session_settings_changed)

    def settings(self) -> SettingsPage:
        """Show the settings."""
        from envstudio.gui.settings.settings_page import SettingsPage

        for page in self._pages():
            if isinstance(page, SettingsPage):
                self._show(page)
                return page
        made = SettingsPage(self._window.session)
        made.changed.connect(self._on_settings_changed)
        made.doctor_requested.connect(self._window.actions_of["doctor"].trigger)
        self._add(made, SETTINGS, "Settings")
        return made

    def doctor(self) -> DoctorPage:
        """Show what the installation is like."""
        from envstudio.gui.settings.doctor_page import DoctorPage

        for page in self._pages():
            if isinstance(page, DoctorPage):
                self._show(page)
                return page
        made = DoctorPage(self._window.session)
        self._add(made, DOCTOR, "Installation")
        return made

    def guide(self, topic: str = "") -> GuidePage:
        """Show a topic of the guide; without one, what was shown before or the first."""
        from envstudio.gui.frame.guide_page import FIRST, GuidePage

        page = next((page for page in self._pages() if isinstance(page, GuidePage)), None)
        if page is None:
            page = GuidePage()
            page.show_topic(topic or FIRST)
            self._add(page, GUIDE, "Guide")
            return page
        if topic:
            page.show_topic(topic)
        self._show(page)
        return page

    def positions(self) -> list[tuple[int, str]]:
        """Return which of these tabs there are, each with its position."""
        kinds = ((index, page.objectName()) for index, page in enumerate(self._pages()))
        return [(index, kind) for index, kind in kinds if kind in (SETTINGS, DOCTOR, GUIDE)]

    def shown(self) -> str:
        """Return which of these tabs is shown; empty if none is."""
        current = self._tabs.currentIndex()
        return next((kind for index, kind in self.positions() if index == current), "")

    def open_at(self, index: int, kind: str) -> None:
        """Show a tab as `positions` named it, at a position unless that is -1."""
        makers: dict[str, Callable[[], QWidget]] = {
            SETTINGS: self.settings,
            DOCTOR: self.doctor,
            GUIDE: self.guide,
        }
        if kind in makers:
            page = makers[kind]()
            self._tabs.tabBar().moveTab(self._tabs.indexOf(page), index if index >= 0 else self._tabs.indexOf(page))

    def close(self, page: QWidget, *_: object) -> None:
        """Close one of these tabs."""
        self._tabs.removeTab(self._tabs.indexOf(page))
        page.hide()
        page.deleteLater()
        self._window.on_tools_changed()

    @Slot(tuple)
    def _on_session_settings_changed(self, keys: tuple[str, ...]) -> None:
        for key in keys:
            self._on_settings_changed(key)

    @Slot(str)
    def _on_settings_changed(self, key: str) -> None:
        """Let the window look and work as a setting says now."""
        window, settings = self._window, self._window.session.settings
        application = QApplication.instance()
        if key == "theme":
            window.choose_theme(settings.theme)
        elif key in ("font_size", "code_font") and isinstance(application, QApplication):
            theme.apply_fonts(application, settings.font_size, settings.code_font)
            window.apply_theme()
        elif key == "engine":
            window.engine_watch.look()

    def _pages(self) -> list[QWidget]:
        found = (self._tabs.widget(index) for index in range(self._tabs.count()))
        return [page for page in found if page is not None]

    def _add(self, page: QWidget, kind: str, title: str) -> None:
        page.setObjectName(kind)
        index = self._tabs.addTab(page, title)
        button = IconButton("close", f"Close {title}", size=12)
        button.clicked.connect(partial(self.close, page))
        self._tabs.tabBar().setTabButton(index, QTabBar.ButtonPosition.RightSide, button)
        self._show(page)

    def _show(self, page: QWidget) -> None:
        self._tabs.setCurrentWidget(page)
        self._window.on_tools_changed()
        page.setFocus()
