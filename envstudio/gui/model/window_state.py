"""What the window remembers from one start to the next: sizes, open tabs and page, the last folder. An INI file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, QTimer, Slot
from PySide6.QtWidgets import QHeaderView, QWidget
from shiboken6 import isValid

from envstudio import paths
from envstudio.gui.look import theme

FILE_NAME = "window.ini"
VERSION = 1
HEADER_MILLISECONDS = 300


@dataclass(frozen=True, slots=True)
class WindowLook:
    """How a window looks: sizes, its tabs by name, and those of tools by place and kind."""

    geometry: QByteArray
    upper: QByteArray
    shows_browser: bool
    shows_console: bool
    console_height: int | None
    library: str
    workspace: str
    tabs: tuple[str, ...]
    tab: str
    tools: tuple[tuple[int, str], ...]
    tool: str


class HeaderMemory(QObject):
    """Writes a header's state down some time after it was changed."""

    def __init__(self, file: QSettings, key: str, header: QHeaderView) -> None:
        super().__init__(header)
        self._file, self._key, self._header = file, key, header
        self._timer = QTimer(self, interval=HEADER_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)

    @Slot()
    def on_header_changed(self) -> None:
        """Note that something changed, if it was the user and not the window's making."""
        # A view that is taken down lays its columns out once more.
        if isValid(self._header) and self._header.isVisible():
            self._timer.start()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if isValid(self._header):
            self._file.setValue(self._key, self._header.saveState())


class WindowState:
    """Lies beside the settings file, which it leaves to the user."""

    def __init__(self) -> None:
        self._file = QSettings(str(paths.config_file().with_name(FILE_NAME)), QSettings.Format.IniFormat)

    @property
    def last_folder(self) -> Path:
        """Return the folder in which a file was chosen last."""
        return Path(self._text("last_folder") or Path.home())

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self._file.setValue("last_folder", str(folder))

    def of_environment(self, workspace: str, name: str, key: str) -> str:
        """Return what is remembered of one environment, such as its last page."""
        return self._text(f"environments/{workspace}/{name}/{key}")

    def remember(self, workspace: str, name: str, key: str, value: str) -> None:
        """Remember something of one environment."""
        path = f"environments/{workspace}/{name}/{key}"
        if value:
            self._file.setValue(path, value)
        else:
            self._file.remove(path)

    def preference(self, key: str) -> str:
        """Return how the user likes something in all environments, such as a table or a tree; else empty."""
        return self._text(f"preferences/{key}")

    def prefer(self, key: str, value: str) -> None:
        """Remember how the user likes something."""
        self._file.setValue(f"preferences/{key}", value)

    def watch_header(self, key: str, header: QHeaderView) -> None:
        """Give a table's columns the widths and the order that they had, and remember what becomes of them."""
        # Widths that fit one size of font do not fit another.
        key = f"columns/{key}/{header.count()}" + (f"-{size}" if (size := theme.chosen_size()) else "")
        saved = self._bytes(key)
        if not saved.isEmpty():
            header.restoreState(saved)
        keep = HeaderMemory(self._file, key, header)
        header.sectionResized.connect(keep.on_header_changed)
        header.sortIndicatorChanged.connect(keep.on_header_changed)

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

    def save(self, look: WindowLook) -> None:
        """Keep how the window looks."""
        values = {
            "version": str(VERSION),
            "geometry": look.geometry,
            "upper": look.upper,
            "browser": str(look.shows_browser),
            "console": str(look.shows_console),
            "console_height": str(look.console_height),
            "library": look.library,
            "workspace": look.workspace,
            "tabs": list(look.tabs),
            "tab": look.tab,
            "tools": [f"{index}:{kind}" for index, kind in look.tools],
            "tool": look.tool,
        }
        for key, value in values.items():
            self._file.setValue(key, value)
        self._file.sync()

    def look(self) -> WindowLook | None:
        """Return how the window looked last; None if unknown."""
        if not self.is_known:
            return None
        height = self._text("console_height")
        return WindowLook(
            geometry=self._bytes("geometry"),
            upper=self.upper,
            shows_browser=self.shows_browser,
            shows_console=self._text("console") == "True",
            console_height=int(height) if height.isdecimal() else None,
            library=self._text("library"),
            workspace=self._text("workspace"),
            tabs=tuple(self.open_tabs),
            tab=self.shown_tab,
            tools=tuple(_tool(text) for text in self._texts("tools")),
            tool=self._text("tool"),
        )

    @property
    def is_known(self) -> bool:
        """Return whether a window was shown before."""
        return self._text("version") == str(VERSION)

    def workspace_in(self, library: str) -> str:
        """Return the workspace of a library that was shown last; empty if unknown."""
        return self._text("workspace") if self._text("library") == library else ""

    @property
    def open_tabs(self) -> list[str]:
        """Return the environments that were open, in the order of their tabs."""
        return self._texts("tabs")

    @property
    def shown_tab(self) -> str:
        """Return the environment that was shown; empty if it was none."""
        return self._text("tab")

    @property
    def upper(self) -> QByteArray:
        """Return how wide the browser was; empty if unknown."""
        return self._bytes("upper") if self.is_known else QByteArray()

    @property
    def shows_browser(self) -> bool:
        """Return whether the browser was there."""
        return self._text("browser") != "False"

    def restore_sizes(self, window: QWidget) -> None:
        """Put a window where it was."""
        if self.is_known:
            window.restoreGeometry(self._bytes("geometry"))


def _tool(text: str) -> tuple[int, str]:
    index, _, kind = text.partition(":")
    return int(index) if index.isdecimal() else -1, kind
