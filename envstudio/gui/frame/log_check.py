"""Checks a library against its event log, once, in the background, some time after a window shows it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from envstudio.tasks.verify_log import verify_aside

if TYPE_CHECKING:
    from envstudio.errors import EnvStudioError
    from envstudio.gui.model.session import Session
    from envstudio.gui.widgets.banner import Banner
    from envstudio.library import Library

MILLISECONDS = 1500
"""After the first picture, and after what the window reads at its start."""


class LogCheck(QObject):
    """Says what is wrong in the window's strip, and nothing if all is well."""

    def __init__(self, session: Session, notice: Banner, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._notice, self._window = session, notice, window
        self._checked = ""
        self._timer = QTimer(self, interval=MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self.look)
        session.workspace_changed.connect(self._on_session_workspace_changed)

    def start(self) -> None:
        """Check the library in a moment."""
        self._timer.start()

    def stop(self) -> None:
        """Check nothing more."""
        self._timer.stop()

    @Slot(str)
    def _on_session_workspace_changed(self, name: str) -> None:
        if self._checked and self._session.library.location != self._checked:
            self.start()

    @Slot()
    def look(self) -> None:
        """Check the library now."""
        library = self._session.library
        self._checked = library.location
        self._session.jobs.run(
            "Check the event log",
            verify_aside,
            library,
            lane="watch",
            on_done=partial(self._on_verified, library),
            on_failed=partial(self._on_failed, library),
        )

    def _on_verified(self, library: Library, notice: str) -> None:
        if notice and library.location == self._session.library.location:
            self._notice.say("warning", notice)

    def _on_failed(self, library: Library, error: EnvStudioError) -> None:
        if library.location == self._session.library.location:
            self._notice.say("error", error.summary, ("Details", partial(self._show, error)))

    def _show(self, error: EnvStudioError) -> None:
        from envstudio.gui.pages.error_dialog import show_error

        show_error(self._window, error)
