"""A desktop notification when work ends while the user is elsewhere, if the desktop supports one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from envstudio.domain.amounts import seconds_text
from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.job import Job, JobStatus
from envstudio.gui.jobs.runner import QUIET_LANES, JobRunner
from envstudio.gui.look import theme

ROOM_MILLISECONDS = 300
LEAST_SECONDS = 2.0
"""What took less is over before anyone went elsewhere."""


class Notifier(QObject):
    """The window's entry in the task bar requests attention too, which works without a tray."""

    def __init__(self, jobs: JobRunner, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        self._tray: QSystemTrayIcon | None = None
        jobs.job_finished.connect(self._on_jobs_job_finished)

    @Slot(object)
    def _on_jobs_job_finished(self, job: Job) -> None:
        window = self._panel.window()
        ended = job.status in (JobStatus.DONE, JobStatus.FAILED) and job.lane not in QUIET_LANES
        if ended and job.seconds >= LEAST_SECONDS and window.isVisible() and not window.isActiveWindow():
            QApplication.alert(window)
            self.notify(job)

    def notify(self, job: Job) -> bool:
        """Show how a job ended; return whether there is a tray to show it in."""
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return False
        if self._tray is None:
            chosen = theme.colors(self._panel.palette())
            self._tray = QSystemTrayIcon(theme.icon("environment", chosen.accent), self)
            self._tray.setToolTip("EnvStudio")
            self._tray.messageClicked.connect(self._on_tray_message_clicked)
        self._tray.show()
        # A tray takes a moment to make room; what is shown before that stands in the corner of the screen.
        QTimer.singleShot(ROOM_MILLISECONDS, self, partial(self._show, job))
        return True

    def _show(self, job: Job) -> None:
        kinds = QSystemTrayIcon.MessageIcon
        kind = kinds.Warning if job.status is JobStatus.FAILED else kinds.Information
        if self._tray is not None:
            self._tray.showMessage(job.title, ending(job), kind)

    @Slot()
    def _on_tray_message_clicked(self) -> None:
        window = self._panel.window()
        window.raise_()
        window.activateWindow()
        if self._tray is not None:
            self._tray.hide()


def ending(job: Job) -> str:
    """Say in a sentence how a job ended."""
    if job.status is JobStatus.FAILED:
        return job.error.summary if isinstance(job.error, EnvStudioError) else "It failed."
    return f"Done in {seconds_text(job.seconds)}."
