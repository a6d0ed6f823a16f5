"""What the console can show: the jobs of this session, and the builds that the library remembers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QListView, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from envstudio.domain.change import Aspect, LibraryChange
from envstudio.gui.console.builds_list import BuildsDelegate, BuildsModel
from envstudio.gui.console.jobs_model import JobsDelegate, JobsModel
from envstudio.gui.jobs.job import Job, JobKey
from envstudio.gui.model.session import Session
from envstudio.report import Line, Report

if TYPE_CHECKING:
    from envstudio.library import BuildRecord, Library

JOBS, BUILDS = range(2)


class JobLists(QWidget):
    """`log_read` carries a build of earlier with the lines of its log."""

    job_chosen = Signal(object)
    log_read = Signal(object, object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._loaded = False
        self.jobs_model = JobsModel(session.jobs, self)
        self.jobs = QListView(uniformItemSizes=True)
        self.jobs.setAccessibleName("Jobs")
        self.jobs.setModel(self.jobs_model)
        self.jobs.setItemDelegate(JobsDelegate(self.jobs))
        self.jobs.selectionModel().currentChanged.connect(self._on_jobs_current_changed)
        self.builds_model = BuildsModel(self)
        self.builds = QListView(uniformItemSizes=True)
        self.builds.setAccessibleName("Earlier builds")
        self.builds.setModel(self.builds_model)
        self.builds.setItemDelegate(BuildsDelegate(self.builds))
        self.builds.selectionModel().currentChanged.connect(self._on_builds_current_changed)
        self.tabs = QTabBar(drawBase=False, expanding=False)
        self.tabs.setProperty("kind", "pages")
        self.tabs.setAccessibleName("What the console lists")
        for title in ("Jobs", "Builds"):
            self.tabs.addTab(title)
        self.tabs.currentChanged.connect(self._on_tabs_current_changed)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.jobs)
        self.stack.addWidget(self.builds)
        self.setMinimumWidth(200)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.stack, 1)
        session.jobs.job_forgotten.connect(self._on_jobs_job_forgotten)
        session.library_changed.connect(self._on_session_library_changed)
        session.workspace_changed.connect(self._on_session_workspace_changed)

    def select_job(self, job: Job) -> None:
        """Mark the job that is shown."""
        self.tabs.setCurrentIndex(JOBS)
        # The console may hear of a job before the list does.
        self.jobs_model.add(job)
        row = self.jobs_model.row_of(job)
        if row >= 0 and self.jobs.currentIndex().row() != row:
            with QSignalBlocker(self.jobs.selectionModel()):
                self.jobs.setCurrentIndex(self.jobs_model.index(row))
            self.jobs.viewport().update()
        self._clear(self.builds)

    def select_record(self, record: BuildRecord) -> None:
        """Mark the build that is shown."""
        self.tabs.setCurrentIndex(BUILDS)
        row = self.builds_model.row_of(record.id)
        with QSignalBlocker(self.builds.selectionModel()):
            self.builds.setCurrentIndex(self.builds_model.index(row) if row >= 0 else QModelIndex())
        self.builds.viewport().update()
        self._clear(self.jobs)

    def _clear(self, view: QListView) -> None:
        with QSignalBlocker(view.selectionModel()):
            view.setCurrentIndex(QModelIndex())
            view.clearSelection()
        view.viewport().update()

    def reload(self) -> None:
        """Read the builds again, once they were requested."""
        if not self._loaded:
            return
        current = self.builds.currentIndex()
        chosen = self.builds_model.record(current.row()).id if current.isValid() else None
        with QSignalBlocker(self.builds.selectionModel()):
            self.builds_model.load(self._session.library.builds.list())
        if chosen is not None and self.builds_model.row_of(chosen) < 0:
            # None is chosen instead of one that is gone.
            self._clear(self.builds)
        self.builds.viewport().update()

    @Slot(object)
    def _on_jobs_job_forgotten(self, job: Job) -> None:
        """Take a job off the list that is no longer kept; none is chosen in its place."""
        current = self.jobs_model.row_of(job) == self.jobs.currentIndex().row()
        with QSignalBlocker(self.jobs.selectionModel()):
            self.jobs_model.remove(job)
        if current:
            self._clear(self.jobs)

    @Slot(int)
    def _on_tabs_current_changed(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        if index == BUILDS and not self._loaded:
            self._loaded = True
            self.reload()

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        # A build goes by the name of its environment, which may be another one now, or gone.
        if change.aspects & (Aspect.BUILDS | Aspect.ENVIRONMENTS):
            self.reload()

    @Slot(str)
    def _on_session_workspace_changed(self, name: str) -> None:
        self.reload()

    @Slot(QModelIndex)
    def _on_jobs_current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.job_chosen.emit(self.jobs_model.job(current.row()))

    @Slot(QModelIndex)
    def _on_builds_current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.read_log(self.builds_model.record(current.row()))

    def read_log(self, record: BuildRecord) -> None:
        """Read the log of a build of earlier; `log_read` brings it."""
        self._session.jobs.run(
            f"Read the log of build {record.id}",
            log_of,
            self._session.library,
            record.id,
            lane="library",
            key=JobKey("read log"),
            on_done=partial(self._on_log, record),
        )

    def _on_log(self, record: BuildRecord, lines: tuple[Line, ...]) -> None:
        self.log_read.emit(record, lines)


def log_of(library: Library, identifier: int, *, report: Report) -> tuple[Line, ...]:
    """Read the log of a build, as a job. Raises `NotFound`."""
    report.raise_if_cancelled()
    return tuple(map(Line, library.builds.log(identifier).splitlines()))
