"""Commands about the program itself: settings, installation, version."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from envstudio import __version__, paths
from envstudio.gui.frame.commands.group import CommandGroup

SAMPLE = "This is a sample: change it, register, lock and build as you like. It is in a workspace of its own."


class ProgramCommands(CommandGroup):
    """Shows what is not an environment."""

    def do_settings(self) -> None:
        """Show the settings."""
        self._window.show_settings()

    def do_logins(self) -> None:
        """Let a login at a private channel, an index or a registry be typed."""
        self._window.show_settings().show_login("")

    def do_doctor(self) -> None:
        """Check what is installed and reachable."""
        self._window.show_doctor().look()

    def do_guide(self) -> None:
        """Show what the guide says of what is shown."""
        self._window.show_guide()

    def do_sample(self) -> None:
        """Show a small project in a workspace of its own."""
        from envstudio.tasks.sample import sample

        self._session.jobs.run("Make the sample", sample, self._session.library, on_done=self._on_sample_made)

    def _on_sample_made(self, workspace: str) -> None:
        from envstudio.tasks.sample import NAME

        before = self._session.library.workspace
        self._session.switch_workspace(workspace)
        self._window.open_environment(NAME).show_history()
        offers = (
            () if before == workspace else ((f"Back to {before}", partial(self._session.switch_workspace, before)),)
        )
        self._window.notice.say("info", SAMPLE, *((title, partial(_ignoring, go)) for title, go in offers))

    def do_about(self) -> None:
        """Show the version and where things are."""
        box = QMessageBox(self._widget)
        box.setWindowTitle("About EnvStudio")
        # The format holds for the line below too, which names places.
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"EnvStudio {__version__}")
        box.setInformativeText(f"Library: {self._session.library.location}\nSettings: {paths.config_file()}")
        self._window.show_dialog(box)


def _ignoring(call: Callable[[], object], *_: object) -> None:
    call()
