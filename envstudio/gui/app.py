"""Starts the window: the application, the hook for errors that no one caught, and the event loop."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt, Slot
from PySide6.QtWidgets import QApplication

from envstudio.errors import NotFound
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.look import theme
from envstudio.library.glance import glance
from envstudio.library.location import configured_location

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from envstudio.gui.model.session import Session
    from envstudio.library import EnvironmentInfo, Library
    from envstudio.settings import Settings


def make_application() -> QApplication:
    """Return the application, made if there is none yet."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    # Named as an option, for asking Qt for the style in Python loads all that a style can draw.
    application = QApplication([sys.argv[0] or "envstudio", "-style", "Fusion"])
    application.setApplicationName("EnvStudio")
    application.setDesktopFileName("envstudio")
    return application


class Application:
    """One run of the program. Its window is a frame until `use` gives it a library."""

    session: Session

    def __init__(self, settings: Settings) -> None:
        self.qt = make_application()
        self.settings = settings
        theme.apply(self.qt, settings.theme)
        theme.apply_fonts(self.qt, settings.font_size, settings.code_font)
        self.window = MainWindow()
        hints = self.qt.styleHints()
        hints.colorSchemeChanged.connect(self._on_hints_color_scheme_changed)

    def open(self, location: str, workspace: str) -> None:
        """Open a library; its first rows are shown meanwhile, if they can be had. Raises `EnvStudioError`.

        Where no workspace is named, it is the one that was shown last.
        """
        resolved_location = configured_location(self.settings, location)
        last = "" if workspace else self.window.state.workspace_in(resolved_location)
        shown = last or workspace or self.settings.workspace
        seen = glance(resolved_location, shown)
        if seen is None or not seen.infos:
            gc.enable()
            self.use(_opened(self.settings, location, workspace, last))
            return
        self.window.show_first(seen, shown)
        # Where the window can be painted at once, nothing competes with that.
        self.qt.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        from envstudio.gui.jobs.runner import call_aside

        try:
            opened = call_aside(lambda: _opened_and_read(self.settings, location, workspace, last))
            # `__main__` turned it off; nothing is collected in the thread aside.
            gc.enable()
            self.use(*opened)
        except BaseException:
            self.window.close()
            raise

    def use(self, library: Library, infos: Iterable[EnvironmentInfo] | None = None) -> None:
        """Attach the window over an open library; `infos` are its environments if they were read already."""
        from envstudio.gui.model.session import Session

        self.session = Session(library, self.settings)
        self.window.attach_session(self.session, infos)
        # What was loaded until here stays, so that the collector need not look at it again and again.
        gc.freeze()

    def excepthook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Show what no one caught; an interrupt from the terminal ends the program."""
        if isinstance(error, KeyboardInterrupt):
            self.qt.quit()
            return
        from envstudio.gui.pages.error_dialog import show_error

        sys.__excepthook__(kind, error, trace)
        show_error(self.window, error)

    @Slot(Qt.ColorScheme)
    def _on_hints_color_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self.settings_now.theme == "system":
            theme.apply(self.qt, "system")

    @property
    def settings_now(self) -> Settings:
        """Return the settings as the window has them, which may have been changed in it."""
        return self.session.settings if self.window.attached else self.settings

    def start(self) -> None:
        """Begin what goes on behind the window."""
        self.window.engine_watch.start()
        self.window.library_watch.start()
        self.window.settings_watch.start()
        self.window.log_check.start()
        self.window.warm_up.start()

    def run(self) -> int:
        """Show the window until it is closed."""
        sys.excepthook = self.excepthook
        # Qt ends with the last window that is seen, and one whose drafts are written while it closes is hidden.
        self.window.closed.connect(self.qt.quit, Qt.ConnectionType.QueuedConnection)
        self.window.show()
        self.start()
        try:
            return self.qt.exec()
        finally:
            sys.excepthook = sys.__excepthook__
            self.session.shutdown()
            self.session.library.close()


def _opened(settings: Settings, location: str, workspace: str, last: str) -> Library:
    """Open a library in the workspace that was shown last, if that is still there, else in the one named."""
    from envstudio.library import Library

    library = Library.open_configured(settings, location, workspace)
    try:
        return library.in_workspace(last) if last else library
    except NotFound:
        return library


def _opened_and_read(
    settings: Settings, location: str, workspace: str, last: str
) -> tuple[Library, tuple[EnvironmentInfo, ...]]:
    library = _opened(settings, location, workspace, last)
    return library, library.environments.list(archived=True)


def main(location: str, workspace: str, settings: Settings) -> int:
    """Open the window over a library and return the exit code. Raises `EnvStudioError` if there is none to open."""
    application = Application(settings)
    application.open(location, workspace)
    return application.run()
