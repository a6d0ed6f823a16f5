"""How a window closes: at once, its drafts written behind it; one whose drafts cannot be written comes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Slot

if TYPE_CHECKING:
    from envstudio.gui.frame.state_keeper import StateKeeper
    from envstudio.gui.frame.window import Window

NOT_SAVED = "A draft could not be saved, so the window is still open. The console says why."


class Stoppable(Protocol):
    """What goes on behind a window."""

    def stop(self) -> None:
        """End it."""


class Closing(QObject):
    """Asked by the window whenever it is to close."""

    def __init__(self, window: Window, keeper: StateKeeper, behind: Iterable[Stoppable]) -> None:
        super().__init__(window.as_widget())
        self._window, self._session = window, window.session
        self._keeper, self._behind = keeper, (*behind, keeper)
        self._waiting = False
        window.session.jobs.job_failed.connect(self._on_jobs_job_failed)

    def may_close(self) -> bool:
        """Return whether all is saved and stopped; if drafts are to be written first, the window hides meanwhile."""
        window = self._window
        window.commit_editors()
        if not self._waiting:
            self._keeper.save()
            if self._session.save_all(self._on_all_saved):
                # A slow disk blocks no one: what is left of the program ends when the drafts are written.
                self._waiting = True
                window.hide()
                return False
        for part in self._behind:
            part.stop()
        self._session.shutdown()
        return True

    def _on_all_saved(self) -> None:
        QTimer.singleShot(0, self._window.as_widget(), self._window.close)

    @Slot(object)
    def _on_jobs_job_failed(self, job: object) -> None:
        """Bring the window back, as no one would hear of a draft that was not written."""
        if self._waiting:
            self._waiting = False
            self._window.show()
            self._window.notice.say("error", NOT_SAVED, ("Close without saving", self._close_without_saving))

    @Slot()
    def _close_without_saving(self) -> None:
        self._session.give_up()
        self._window.close()
