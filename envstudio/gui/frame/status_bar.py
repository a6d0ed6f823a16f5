"""The status bar: the engine's state, the library's location, and the work that runs."""

from __future__ import annotations

from pathlib import Path, PurePath

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QStatusBar, QWidget

from envstudio.domain.amounts import seconds_text
from envstudio.gui.jobs.job import Job
from envstudio.gui.jobs.runner import QUIET_LANES
from envstudio.gui.model.engine_watch import EngineState, EngineWatch
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.icon_button import IconLabel
from envstudio.gui.widgets.label import Label, plain_tip
from envstudio.gui.widgets.layouts import make_row


class MainStatusBar(QStatusBar):
    """Looks at the engine by itself, once `engine_watch` was started."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setSizeGripEnabled(False)
        self.engine_icon = IconLabel("engine")
        self.engine = Label("Engine not checked")
        self.engine.setToolTip("Help → Check installation looks for Docker and the rest")
        self.library = Label()
        self.show_tab()
        self.running = Label()
        self.running.setContentsMargins(0, 0, 12, 0)
        holder = QWidget()
        row = make_row(6, (12, 0, 0, 0))
        row.addWidget(self.engine_icon)
        row.addWidget(self.engine)
        row.addSpacing(16)
        row.addWidget(IconLabel("database"))
        row.addWidget(self.library)
        holder.setLayout(row)
        self.addWidget(holder)
        self.addPermanentWidget(self.running)
        self.engine_watch = EngineWatch(session, self)
        self.engine_watch.changed.connect(self._on_engine_watch_changed)
        # What solves or compiles may say nothing for a minute, and its time goes on.
        self._tick = QTimer(self, interval=500)
        self._tick.timeout.connect(self._show_running)
        for signal in (session.jobs.job_added, session.jobs.job_finished, session.jobs.job_changed):
            signal.connect(self._on_jobs_changed)

    def show_tab(self) -> None:
        """Say where the library is."""
        location = self._session.library.location
        self.library.setText(short_path(location, Path.home()))
        self.library.setToolTip(plain_tip(f"Library: {location}"))

    @Slot(object)
    def _on_jobs_changed(self, job: Job) -> None:
        self._show_running()

    @Slot()
    def _show_running(self) -> None:
        active = [job for job in self._session.jobs.active() if job.lane not in QUIET_LANES]
        if len(active) == 1:
            (job,) = active
            self.running.setText(f"{job.title} · {seconds_text(job.elapsed) if job.elapsed else job.status}")
        else:
            self.running.setText(f"{len(active)} jobs" if active else "")
        self._tick.start() if active else self._tick.stop()

    @Slot(object)
    def _on_engine_watch_changed(self, state: EngineState) -> None:
        self.engine.setText(state.text)
        self.engine.setToolTip(plain_tip(state.tip))
        self.engine_icon.set_icon("engine", "added" if state.running else "changed")


def short_path(location: str, home: PurePath) -> str:
    """Return a path with "~" for the folder of the user, and what is not a path in there as it is."""
    return f"~{location.removeprefix(str(home))}" if home in type(home)(location).parents else location
