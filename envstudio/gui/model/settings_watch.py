"""Notices settings that other programs write, such as the command line beside an open window."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, Slot

from envstudio import paths, settings
from envstudio.gui.jobs.watch import Watch
from envstudio.gui.model.session import Session
from envstudio.report import Report

Stamp = tuple[int, int, int] | None
Seen = tuple[Stamp, settings.Settings | None]


class SettingsWatch(Watch):
    """Only what another program changed is taken over.

    What this window was started with for itself, or shows only, stays. A file that cannot be read is left for its
    writer to fix: the window goes on with what it has.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(session.jobs, parent)
        self._session = session
        self._stamp: Stamp = None
        self._known: settings.Settings | None = None

    @Slot()
    def look(self) -> None:
        """Ask what the file says."""
        self._ask("Read the settings", read_settings, self._stamp, then=self._on_seen)

    def _on_seen(self, seen: Seen) -> None:
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


def read_settings(known: Stamp, *, report: Report) -> Seen:
    """Return the file's stamp, and the settings if that is another than the one that is known, as a job."""
    report.raise_if_cancelled()
    path = paths.config_file()
    try:
        state = path.stat()
    except OSError:
        stamp: Stamp = (0, 0, 0)
    else:
        stamp = state.st_mtime_ns, state.st_size, state.st_ino
    return stamp, settings.load(path) if stamp != known else None
