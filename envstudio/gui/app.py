"""Starts the window: the application, the hook for errors that nobody caught, and the event loop."""

from __future__ import annotations

import sys
from types import TracebackType

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QApplication

from envstudio.gui import theme
from envstudio.gui.error_dialog import show_error
from envstudio.gui.main_window import MainWindow
from envstudio.gui.session import Session
from envstudio.library import Library
from envstudio.settings import Settings


def make_application() -> QApplication:
    """Return the application, made where there is none yet."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = QApplication([sys.argv[0] or "envstudio"])
    application.setApplicationName("EnvStudio")
    application.setDesktopFileName("envstudio")
    application.setStyle("Fusion")
    return application


class Application:
    """One run of the program."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.qt = make_application()
        theme.apply(self.qt, settings.theme)
        theme.apply_fonts(self.qt, settings.font_size, settings.code_font)
        self.session = Session(library, settings)
        self.window = MainWindow(self.session)
        hints = self.qt.styleHints()
        hints.colorSchemeChanged.connect(self._on_hints_color_scheme_changed)

    def excepthook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Show what nobody caught; an interrupt from the terminal ends the program."""
        if isinstance(error, KeyboardInterrupt):
            self.qt.quit()
            return
        sys.__excepthook__(kind, error, trace)
        show_error(self.window, error)

    @Slot(Qt.ColorScheme)
    def _on_hints_color_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self.session.settings.theme == "system":
            theme.apply(self.qt, "system")

    def run(self) -> int:
        """Show the window until it is closed."""
        sys.excepthook = self.excepthook
        self.window.show()
        self.window.engine_watch.start()
        self.window.library_watch.start()
        try:
            return self.qt.exec()
        finally:
            sys.excepthook = sys.__excepthook__
            self.session.shutdown()


def main(library: Library, settings: Settings) -> int:
    """Open the window over a library and return the exit code."""
    return Application(library, settings).run()
