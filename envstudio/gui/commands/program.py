"""Commands about the program itself: settings, installation, version."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox

from envstudio import __version__, paths
from envstudio.gui.commands.group import CommandGroup


class ProgramCommands(CommandGroup):
    """Shows what is no environment."""

    def do_settings(self) -> None:
        """Show the settings."""
        self._window.show_settings()

    def do_doctor(self) -> None:
        """Check what is installed and reachable."""
        self._window.show_doctor().look()

    def do_about(self) -> None:
        """Tell version and places."""
        box = QMessageBox(self._window)
        box.setWindowTitle("About EnvStudio")
        box.setText(f"<b>EnvStudio {__version__}</b>")
        box.setInformativeText(f"Library: {self._session.library.place}\nSettings: {paths.config_file()}")
        self._window.show_dialog(box)
