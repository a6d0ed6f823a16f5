"""Notices settings that other programs write, such as the command line beside an open window."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from envstudio import paths, settings
from envstudio.errors import EnvStudioError
from envstudio.gui.session import Session
from envstudio.report import Report

MILLISECONDS = 1000
Stamp = tuple[int, int, int] | None
Seen = tuple[Stamp, settings.Settings | None]


class SettingsWatch(QObject):
    """Looks once a second on the library's lane. Only what another program changed is taken over.

    What this window was started with for itself, or shows only, stays. A file that cannot be read is left for its
    writer to mend: the window goes on with what it has.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._stamp: Stamp = None
        self._known: settings.Settings | None = None
        self._looking = False
        self._timer = QTimer(self, interval=MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Ask what the file says, unless the last question is still open."""
        if not self._looking:
            self._looking = True
            self._session.jobs.run(
                "Look for settings",
                read_settings,
                self._stamp,
                lane="library",
                on_done=self._on_seen,
                on_failed=self._on_failed,
            )

    def _on_seen(self, seen: Seen) -> None:
        self._looking = False
        self._stamp, found = seen
        if found is None:
            return
        before, self._known = self._known, found
        if before is not None:
            names = [item.name for item in fields(found)]
            changed: dict[str, Any] = {
                name: getattr(found, name) for name in names if getattr(found, name) != getattr(before, name)
            }
            self._session.take_settings(replace(self._session.settings, **changed))

    def _on_failed(self, error: EnvStudioError) -> None:
        """Try again with the next tick."""
        self._looking = False


def read_settings(known: Stamp, *, report: Report) -> Seen:
    """Return the file's stamp, and the settings where that is another than the one that is known, as a job."""
    report.raise_if_cancelled()
    path = paths.config_file()
    try:
        state = path.stat()
    except OSError:
        stamp: Stamp = (0, 0, 0)
    else:
        stamp = state.st_mtime_ns, state.st_size, state.st_ino
    return stamp, settings.load(path) if stamp != known else None
