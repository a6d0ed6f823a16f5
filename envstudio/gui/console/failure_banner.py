"""The first error of a log, lifted out of it: what sort it is, the line that shows it, what to do, and what to open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from envstudio.consents import ConsentNeeded
from envstudio.errors import EnvStudioError, Remedy
from envstudio.gui.console.build_actions import failure_of
from envstudio.gui.jobs.job import Job, JobKey
from envstudio.gui.look.error_text import message_of
from envstudio.gui.look.remedies import ANYWHERE, remedy_title
from envstudio.gui.model.session import Session
from envstudio.gui.pages.error_dialog import show_error
from envstudio.gui.widgets.banner import Banner, Offer

if TYPE_CHECKING:
    from envstudio.domain.failure import Failure
    from envstudio.library import BuildRecord


class FailureBanner(Banner):
    """`line_requested` carries a line's number from 0; `remedy_requested` a remedy and its environment."""

    line_requested = Signal(int)
    remedy_requested = Signal(object, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, closable=False)
        self._session = session
        self._shown: object = None
        self.label.setTextFormat(Qt.TextFormat.PlainText)

    def say_job(self, job: Job) -> None:
        """Show why a job failed, and look for the line of its log that shows it."""
        error = job.error
        if isinstance(error, ConsentNeeded):
            self._ask_consent(job, error)
            return
        text = message_of(error) if isinstance(error, EnvStudioError) else f"{error!r}"
        details = ("Details", partial(self._show_error, job))
        self.say("error", text, details)
        environment = job.key.environment if job.key is not None else ""
        if isinstance(error, EnvStudioError) and environment:
            lines = [line.text for line in job.lines]
            more = [error.log_line, *error.details.splitlines()]
            advised = bool(error.advice)
            here = job.workspace_ref in (None, self._session.workspace_ref)
            dropped = job.dropped
            self._look(
                job, [*lines, *more], len(lines), dropped, environment, text, (details,), advised=advised, here=here
            )

    def _ask_consent(self, job: Job, error: ConsentNeeded) -> None:
        """Ask whether what the job was refused for may be done."""
        details = ("Details", partial(self._show_error, job))
        if job.workspace_ref not in (None, self._session.workspace_ref):
            self.say("warning", message_of(error), details)
            return
        self.say("warning", error.summary, ("Allow and continue", partial(self._allow, job, error)), details)

    def _allow(self, job: Job, error: ConsentNeeded, *_: object) -> None:
        from envstudio.tasks.consent import answer

        environment = job.key.environment if job.key is not None else ""
        self._session.jobs.run(
            f"Allow what {environment} was refused",
            answer,
            self._session.library,
            environment,
            error.act,
            error.subjects,
            lane="library",
            on_done=partial(self._go_on, job),
        )

    def _go_on(self, job: Job, _nothing: object) -> None:
        self._session.jobs.again(job)

    def say_record(self, record: BuildRecord, lines: Sequence[str]) -> None:
        """Show why a build of earlier failed."""
        self.say("error", record.error)
        self._look(record, [*lines, record.error], len(lines), 0, record.environment, record.error, (), advised=False)

    def clear(self) -> None:
        super().clear()
        self._shown = None

    def _look(
        self,
        shown: object,
        lines: list[str],
        count: int,
        dropped: int,
        environment: str,
        text: str,
        offers: tuple[Offer, ...],
        *,
        advised: bool,
        here: bool = True,
    ) -> None:
        self._shown = shown
        self._session.jobs.run(
            "Find the reason",
            failure_of,
            lines,
            lane="library",
            key=JobKey("find failure"),
            on_done=partial(
                self._on_found, shown, count, dropped, environment, text, offers, advised=advised, here=here
            ),
        )

    def _on_found(
        self,
        shown: object,
        count: int,
        dropped: int,
        environment: str,
        text: str,
        offers: tuple[Offer, ...],
        found: Failure | None,
        *,
        advised: bool,
        here: bool = True,
    ) -> None:
        if found is None or shown is not self._shown:
            return
        message = text if found.title.lower() in text.lower() else f"{found.title}. {text}"
        if not advised:
            message = f"{message} {found.advice}"
        if found.line not in message:
            message = f"{message}\n{found.line}"
        more: list[Offer] = []
        if found.number <= count:
            number = dropped + found.number - 1
            more.append((f"Show line {number + 1}", partial(self._ask_line, number)))
        remedy = found.remedy
        if remedy and (here or remedy.act in ANYWHERE) and (title := remedy_title(remedy)):
            more.append((title, partial(self._ask_remedy, remedy, environment)))
        self.say("error", message, *more, *offers)
        self._shown = shown

    def _ask_line(self, number: int, *_: object) -> None:
        self.line_requested.emit(number)

    def _ask_remedy(self, remedy: Remedy, environment: str, *_: object) -> None:
        self.remedy_requested.emit(remedy, environment)

    def _show_error(self, job: Job, *_: object) -> None:
        if job.error is not None:
            show_error(self.window(), job.error)
