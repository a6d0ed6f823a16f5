"""How a window closes: at once, its drafts written behind it; one whose drafts cannot be written comes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QMessageBox

from envstudio.domain.amounts import amount_text
from envstudio.gui.jobs.runner import QUIET_LANES

if TYPE_CHECKING:
    from envstudio.gui.frame.state_keeper import StateKeeper
    from envstudio.gui.frame.window import Window
    from envstudio.gui.jobs.job import Job

ENDS_LATER = "EnvStudio quits as soon as the work has ended."
MOST_TITLES = 6
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
        self._agreed = self._ends_after_work = False
        self._question: QMessageBox | None = None
        window.session.jobs.job_failed.connect(self._on_jobs_job_failed)
        window.session.jobs.job_finished.connect(self._on_jobs_job_finished)

    def may_close(self) -> bool:
        """Return whether all is saved and stopped; if drafts are to be written first, the window hides meanwhile.

        While work goes on that the user began, it is asked first what becomes of it.
        """
        window = self._window
        if not self._agreed and (work := self._work()):
            self._ask(work)
            return False
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

    def _work(self) -> list[Job]:
        """Return the jobs that go on and would be noticed if they were stopped."""
        return [job for job in self._session.jobs.active() if job.lane not in QUIET_LANES]

    def _ask(self, work: list[Job]) -> None:
        """Ask once: wait for the work, stop it, or stay."""
        if self._question is not None:
            self._question.raise_()
            return
        box = self._question = QMessageBox(self._window.as_widget())
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Quit EnvStudio")
        box.setTextFormat(Qt.TextFormat.PlainText)
        goes_on = work[0].title if len(work) == 1 else amount_text(len(work), "job")
        box.setText(f"{goes_on} is still going on." if len(work) == 1 else f"{goes_on} are still going on.")
        if len(work) > 1:
            box.setInformativeText("\n".join(job.title for job in work[:MOST_TITLES]))
        wait = box.addButton("Wait, then quit", QMessageBox.ButtonRole.AcceptRole)
        wait.clicked.connect(self._wait)
        stop = box.addButton(
            "Stop it and quit" if len(work) == 1 else "Stop them and quit", QMessageBox.ButtonRole.DestructiveRole
        )
        stop.clicked.connect(self._close_now)
        box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(wait)
        box.finished.connect(self._on_question_finished)
        self._window.show_dialog(box)

    @Slot()
    def _on_question_finished(self, *_: object) -> None:
        self._question = None

    def _wait(self, *_: object) -> None:
        self._ends_after_work = True
        self._window.notice.say("info", ENDS_LATER, ("Stay", self._stay))

    def _stay(self, *_: object) -> None:
        self._ends_after_work = False

    def _close_now(self, *_: object) -> None:
        self._agreed = True
        QTimer.singleShot(0, self._window.as_widget(), self._window.close)

    @Slot(object)
    def _on_jobs_job_finished(self, job: object) -> None:
        if self._ends_after_work and not self._work():
            self._close_now()

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
