"""What commands and the parts that act on a whole window use of it, so that neither has to know how it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QWidget

    from envstudio.gui.browser.panel import BrowserPanel
    from envstudio.gui.console.console_panel import ConsolePanel
    from envstudio.gui.frame.environment_tabs import EnvironmentTabs
    from envstudio.gui.frame.environment_view import EnvironmentView
    from envstudio.gui.frame.guide_page import GuidePage
    from envstudio.gui.model.session import Session
    from envstudio.gui.model.window_state import WindowState
    from envstudio.gui.pages.actions import Actions
    from envstudio.gui.settings.doctor_page import DoctorPage
    from envstudio.gui.settings.settings_page import SettingsPage
    from envstudio.gui.widgets.banner import Banner
    from envstudio.library import EnvironmentInfo


class Window(Protocol):
    """A window over a session."""

    session: Session
    state: WindowState
    actions_of: Actions
    browser: BrowserPanel
    tabs: EnvironmentTabs
    console: ConsolePanel
    console_folded: bool
    notice: Banner

    def as_widget(self) -> QWidget:
        """Return it as the parent of dialogs."""

    def current_view(self) -> EnvironmentView | None:
        """Return the environment that is shown."""

    def views(self) -> list[EnvironmentView]:
        """Return all open environments, in the order of the tabs."""

    def view_of(self, name: str) -> EnvironmentView | None:
        """Return the tab of an environment."""

    def open_environment(self, name: str) -> EnvironmentView:
        """Show an environment in its tab. Raises `NotFound`."""

    def close_environment(self, name: str) -> None:
        """Close an environment's tab; its draft is saved."""

    def close_current(self) -> None:
        """Close the tab that is shown."""

    def targets(self) -> list[EnvironmentInfo]:
        """Return what a command is about."""

    def browser_has_focus(self) -> bool:
        """Return whether the user is in the browser."""

    def commit_editors(self) -> None:
        """Take over what is being typed in a cell or a field."""

    def flush(self) -> None:
        """Take over what is being typed, and save every draft."""

    def fold_console(self, folded: bool) -> None:
        """Fold the console to its header, or unfold it."""

    def show_dialog(self, dialog: QDialog) -> None:
        """Open a dialog without waiting for it."""

    def show_settings(self) -> SettingsPage:
        """Show the settings in a tab."""

    def show_doctor(self) -> DoctorPage:
        """Show what the installation is like in a tab."""

    def show_guide(self) -> GuidePage:
        """Show what the guide says of what is shown, in a tab."""

    def show(self) -> None:
        """Show the window."""

    def hide(self) -> None:
        """Hide the window."""

    def close(self) -> bool:
        """Close the window; return whether it did."""
