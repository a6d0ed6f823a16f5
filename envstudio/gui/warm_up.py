"""Loads what the first opening of an environment needs, in the background, once the window is there."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QObject, QTimer, Slot

from envstudio.domain.requirement import conda_requirement
from envstudio.gui.session import Session
from envstudio.report import Report

MILLISECONDS = 300
MODULES = ("environment_view", "editor.packages_page")


class WarmUp(QObject):
    """Waits a moment after `start`, so that it competes with nothing that was asked for."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._timer = QTimer(self, interval=MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        """Begin to wait."""
        self._timer.start()

    def stop(self) -> None:
        """Leave it."""
        self._timer.stop()

    @Slot()
    def _on_timer_timeout(self) -> None:
        self._session.jobs.run("Load the pages", load_first_page, lane="known")


def load_first_page(*, report: Report) -> None:
    """Load the code of the first page, and what reads a match spec, as a job."""
    for module in MODULES:
        report.raise_if_cancelled()
        import_module(f"envstudio.gui.{module}")
    report.raise_if_cancelled()
    conda_requirement("python >=3")
