"""The console: jobs and builds at the left; of the chosen one the stages, how far it is, its log, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.amounts import seconds_text
from envstudio.domain.change import Aspect, LibraryChange
from envstudio.errors import EnvStudioError, NotFound
from envstudio.gui.console.build_actions import BuildActions
from envstudio.gui.console.header import HEADER_HEIGHT, ConsoleHeader
from envstudio.gui.console.jobs_model import ICONS, is_shown
from envstudio.gui.console.notifier import Notifier
from envstudio.gui.jobs.job import Job, JobStatus
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.label import Label
from envstudio.report import Line

if TYPE_CHECKING:
    from envstudio.gui.console.failure_banner import FailureBanner
    from envstudio.gui.console.job_details import JobDetails
    from envstudio.gui.console.job_lists import JobLists
    from envstudio.gui.console.log_panel import LogPanel
    from envstudio.gui.console.log_view import LogView
    from envstudio.gui.console.stages_view import StagesView
    from envstudio.library import BuildRecord

MIN_HEIGHT = 120
QWIDGETSIZE_MAX = 16_777_215
RUN = "run"
"""The verb of jobs whose output is what they are for."""
RELAX = "relax"
"""The verb of jobs that look into the failure which is shown."""
INTERRUPTED = "The program that built it ended before the build did, so nothing more is known about it."
EMPTY = "Locks, builds and imports show here what they are doing."


class ConsolePanel(QWidget):
    """Its header stays when it is folded, and says what is running.

    `remedy_requested` carries what to open or run for a failure, and the environment that it is for.
    """

    fold_requested = Signal()
    remedy_requested = Signal(object, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.job: Job | None = None
        self.record: BuildRecord | None = None
        self._by_hand = False
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tick = QTimer(self, interval=500)
        self._tick.timeout.connect(self._on_tick_timeout)
        self.build_actions = BuildActions(session, self)
        self.build_actions.planned.connect(self._on_actions_planned)
        self.build_actions.failed.connect(self._on_actions_failed)
        self.build_actions.explained.connect(self._on_actions_explained)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_header())
        self.body = QSplitter(handleWidth=1, childrenCollapsible=False)
        self.body.addWidget(self._make_details())
        layout.addWidget(self.body, 1)
        jobs = session.jobs
        jobs.job_added.connect(self._on_jobs_job_added)
        jobs.job_changed.connect(self._on_jobs_job_changed)
        jobs.job_failed.connect(self._on_jobs_job_failed)
        session.library_changed.connect(self._on_session_library_changed)
        session.workspace_changed.connect(self._on_session_workspace_changed)
        self.notifier = Notifier(jobs, self)
        self.show_job(None)

    def _make_header(self) -> QWidget:
        header = ConsoleHeader()
        self.fold, self.progress = header.fold, header.progress
        self.state_icon, self.state = header.state_icon, header.state
        self.why, self.rebuild, self.cancel = header.why, header.rebuild, header.cancel
        self.find_button, self.save, self.copy = header.find_button, header.save, header.copy
        self.fold.clicked.connect(self.fold_requested)
        self.find_button.clicked.connect(self.open_search)
        self.save.clicked.connect(self._on_save_clicked)
        self.copy.clicked.connect(self._on_copy_clicked)
        header.cancel_wanted.connect(self._on_cancel_clicked)
        header.rebuild_wanted.connect(self._on_rebuild_clicked)
        header.why_wanted.connect(self._on_why_clicked)
        return header

    def _make_details(self) -> QWidget:
        empty = Label(EMPTY, alignment=Qt.AlignmentFlag.AlignCenter)
        empty.setProperty("tone", "muted")
        self.stack = QStackedWidget()
        self.stack.addWidget(empty)
        return self.stack

    @cached_property
    def lists(self) -> JobLists:
        """What can be chosen; made when the console is first seen, or has something to show."""
        from envstudio.gui.console.job_lists import JobLists

        lists = JobLists(self._session)
        lists.job_chosen.connect(self._on_lists_job_chosen)
        lists.log_read.connect(self._on_lists_log_read)
        self.body.insertWidget(0, lists)
        self.body.setStretchFactor(1, 1)
        self.body.setSizes([272, 800])
        return lists

    @cached_property
    def details(self) -> JobDetails:
        """What is shown of one job; made with the first one."""
        from envstudio.gui.console.job_details import JobDetails

        details = JobDetails(self._session)
        details.banner.remedy_requested.connect(self.remedy_requested)
        self.stack.addWidget(details)
        return details

    @property
    def banner(self) -> FailureBanner:
        return self.details.banner

    @property
    def panel(self) -> LogPanel:
        return self.details.panel

    @property
    def log(self) -> LogView:
        return self.panel.log

    @property
    def stages(self) -> StagesView:
        return self.panel.stages

    @property
    def _has_details(self) -> bool:
        return "details" in self.__dict__

    # Showing

    def set_folded(self, folded: bool) -> None:
        """Show the header alone, or all."""
        if not folded:
            self.lists.show()
        self.body.setVisible(not folded)
        self.fold.set_icon("chevron-up" if folded else "chevron-down")
        self.fold.setToolTip("Expand the console" if folded else "Collapse the console")
        self.setMinimumHeight(HEADER_HEIGHT if folded else MIN_HEIGHT)
        self.setMaximumHeight(HEADER_HEIGHT if folded else QWIDGETSIZE_MAX)

    @Slot()
    def open_search(self) -> None:
        """Look for a text in the log, if there is one."""
        if self.job is None and self.record is None:
            return
        if self.body.isHidden():
            self.fold_requested.emit()
        self.panel.search.open()

    def show_job(self, job: Job | None) -> None:
        """Show one job's stages and log."""
        if self.job is not None:
            self.job.lines_added.disconnect(self._on_job_lines_added)
        self.job, self.record, self._by_hand = job, None, False
        if job is not None or self._has_details:
            self.banner.clear()
            self.panel.load(job.steps if job else (), job.lines if job else (), job.dropped if job else 0)
        self.stack.setCurrentIndex(1 if job else 0)
        if job is not None:
            job.lines_added.connect(self._on_job_lines_added)
            self.lists.select_job(job)
        self._show_state()

    def show_record(self, record: BuildRecord, lines: Sequence[Line]) -> None:
        """Show a build of earlier, as the library remembers it."""
        from envstudio.gui.console.stages_view import finished_steps

        self.show_job(None)
        self.record, self._by_hand = record, True
        self.lists.select_record(record)
        self.panel.load(finished_steps(record.stages), lines)
        self.stack.setCurrentIndex(1)
        self._show_state()
        if record.status == "interrupted":
            self.banner.say("warning", INTERRUPTED)
        elif record.error and record.status == "failed":
            self.banner.say_record(record, [line.text for line in lines])

    def _show_state(self) -> None:
        job = self.job
        running = job is not None and job.active
        self._tick.start() if running else self._tick.stop()
        self.cancel.setVisible(running)
        self.cancel.setEnabled(job is None or not job.report.cancelled)
        self.progress.setVisible(running)
        for button in (self.copy, self.save, self.find_button):
            button.setEnabled(job is not None or self.record is not None)
        self.rebuild.setVisible(self.record is not None)
        self.why.setVisible(self.record is not None)
        self.state_icon.setVisible(job is not None)
        if job is None:
            record = self.record
            state = f"Build #{record.id} of {record.environment}:{record.version}: {record.status}" if record else ""
            self.state.setText(state)
            return
        self.state_icon.set_icon(*ICONS[job.status])
        doing = f" · {job.stage}" if job.stage else ""
        percent = f" {job.percent} %" if job.percent is not None else ""
        time = f" · {seconds_text(job.elapsed)}" if job.elapsed else ""
        stopping = " · stopping" if job.report.cancelled else ""
        word = stopping if job.status is JobStatus.RUNNING else f" · {job.status}"
        self.state.setText(f"{job.title}{word}{doing}{percent}{time}")
        self.progress.setRange(0, 0 if job.percent is None else 100)
        if job.percent is not None:
            self.progress.setValue(job.percent)
        self.panel.look()
        if job.status is JobStatus.FAILED and self.banner.isHidden():
            self.banner.say_job(job)

    # What happens

    @Slot(object)
    def _on_jobs_job_added(self, job: Job) -> None:
        """Show what begins, unless something else is under way and watched, or it looks into what is shown."""
        verb = job.key.verb if job.key is not None else ""
        if is_shown(job) and (self.job is None or not (self.job.active or verb == RELAX)):
            self.show_job(job)
        if verb == RUN and self.body.isHidden():
            # What a command prints is what it was run for.
            self.fold_requested.emit()

    @Slot(object)
    def _on_jobs_job_changed(self, job: Job) -> None:
        if job is self.job:
            self._show_state()
        elif job.status is JobStatus.RUNNING and is_shown(job) and self._is_over():
            # The one that was watched is over, and the next in the queue has begun.
            self.show_job(job)

    def _is_over(self) -> bool:
        """Return whether what is shown went well, was not chosen by the user, and is over."""
        return not self._by_hand and self.job is not None and self.job.status in (JobStatus.DONE, JobStatus.CANCELLED)

    @Slot(object)
    def _on_jobs_job_failed(self, job: Job) -> None:
        if job is not self.job:
            self.show_job(job)

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        """Follow a build of another program that is shown, and its environment being renamed or deleted."""
        record = self.record
        if record is None or not change.touches(record.environment, Aspect.BUILDS | Aspect.ENVIRONMENTS):
            return
        try:
            now = self._session.library.builds.get(record.id)
        except NotFound:
            self.show_job(None)
            return
        if now.status != record.status:
            self.lists.read_log(now)
        elif now != record:
            self.record = now
            self._show_state()

    @Slot(str)
    def _on_session_workspace_changed(self, name: str) -> None:
        """Builds of the workspace that was left can be neither rebuilt nor explained in this one."""
        if self.record is not None:
            self.show_job(None)
        elif self.job is not None:
            # What fixes it is of the workspace that it was begun in.
            self.banner.clear()
            self._show_state()

    @Slot(list)
    def _on_job_lines_added(self, lines: list[Line]) -> None:
        self.log.append(lines)

    @Slot(object)
    def _on_lists_job_chosen(self, job: Job) -> None:
        if job is not self.job:
            self.show_job(job)
            self._by_hand = True

    @Slot(object, object)
    def _on_lists_log_read(self, record: BuildRecord, lines: Sequence[Line]) -> None:
        self.show_record(record, lines)

    @Slot()
    def _on_tick_timeout(self) -> None:
        self._show_state()
        self.lists.jobs.viewport().update()

    @Slot()
    def _on_cancel_clicked(self) -> None:
        if self.job is not None:
            self._session.jobs.cancel(self.job)

    @Slot()
    def _on_copy_clicked(self) -> None:
        self.panel.copy()

    @Slot()
    def _on_save_clicked(self) -> None:
        title = self.job.title if self.job else f"build {self.record.id}" if self.record else "log"
        self.panel.save_as("".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in title.lower()))

    @Slot()
    def _on_rebuild_clicked(self) -> None:
        if self.record is not None:
            self.show_job(self.build_actions.rebuild(self.record))

    @Slot()
    def _on_why_clicked(self) -> None:
        if self.record is not None:
            self.why.setEnabled(False)
            self.build_actions.explain(self.record)

    @Slot(object, str)
    def _on_actions_planned(self, record: BuildRecord, text: str) -> None:
        self._answer_why(record, "info", text)

    @Slot(object, object)
    def _on_actions_failed(self, record: BuildRecord, error: EnvStudioError) -> None:
        self._answer_why(record, "error", message_of(error))

    @Slot()
    def _on_actions_explained(self) -> None:
        self.why.setEnabled(True)

    def _answer_why(self, record: BuildRecord, tone: str, text: str) -> None:
        """Say it of the build that was asked about, unless another is shown by now."""
        if record == self.record:
            self.banner.say(tone, text)

    def apply_theme(self) -> None:
        """Take over the fonts and colours of the theme."""
        if self._has_details:
            self.panel.apply_theme()
        self._show_state()
