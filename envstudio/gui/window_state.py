"""What the window remembers from one start to the next: sizes, open tabs and page, the last folder. An INI file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings

from envstudio import paths
from envstudio.errors import NotFound
from envstudio.gui.actions import PAGES

if TYPE_CHECKING:
    from envstudio.gui.main_window import MainWindow

FILE_NAME = "window.ini"
VERSION = 1


class WindowState:
    """Lies beside the settings file, which it leaves to the person."""

    def __init__(self) -> None:
        self._file = QSettings(str(paths.config_file().with_name(FILE_NAME)), QSettings.Format.IniFormat)

    @property
    def last_folder(self) -> Path:
        """Return the folder in which a file was chosen last."""
        return Path(self._text("last_folder") or Path.home())

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self._file.setValue("last_folder", str(folder))

    def _text(self, key: str) -> str:
        return str(self._file.value(key, ""))

    def _bytes(self, key: str) -> QByteArray:
        value = self._file.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def _texts(self, key: str) -> list[str]:
        value = self._file.value(key)
        if isinstance(value, list):
            return [str(item) for item in value]
        return [value] if isinstance(value, str) and value else []

    def save(self, window: MainWindow) -> None:
        """Keep how the window looks."""
        view = window.current_view()
        values = {
            "version": str(VERSION),
            "geometry": window.saveGeometry(),
            "upper": window.upper.saveState(),
            "browser": str(not window.browser.isHidden()),
            "console": str(not window.console_folded),
            "console_height": str(window.console.height()),
            "workspace": window.session.library.workspace,
            "tabs": [other.document.name for other in window.views()],
            "tab": view.document.name if view else "",
            "page": PAGES[view.tabs.currentIndex()] if view else "",
        }
        for key, value in values.items():
            self._file.setValue(key, value)
        self._file.sync()

    def restore(self, window: MainWindow) -> None:
        """Make the window look as it did; what is gone is passed over."""
        if self._text("version") == str(VERSION):
            window.restoreGeometry(self._bytes("geometry"))
            window.upper.restoreState(self._bytes("upper"))
            window.browser.setVisible(self._text("browser") != "False")
            if self._text("workspace") == window.session.library.workspace:
                self._restore_tabs(window)
        window.fold_console(self._text("console") != "True")

    def _restore_tabs(self, window: MainWindow) -> None:
        for name in self._texts("tabs"):
            try:
                window.open_environment(name)
            except NotFound:
                continue
        view = window.view_of(self._text("tab"))
        if view is not None:
            window.open_environment(view.document.name)
            if self._text("page") in PAGES:
                view.show_page(self._text("page"))
