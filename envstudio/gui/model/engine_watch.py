"""Looks for the container engine every now and then, in a lane of its own, while the window is the active one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from envstudio.engine.info import EngineInfo, probe
from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.session import Session
from envstudio.report import Report
from envstudio.settings import Settings

MILLISECONDS = 15_000
LOOK = JobKey("look for engine")


@dataclass(frozen=True, slots=True)
class EngineState:
    """What the status bar says of the engine; `tip` says more."""

    running: bool
    text: str
    tip: str


def look_for_engine(settings: Settings, *, report: Report) -> EngineState:
    """Ask the engine how it is."""
    report.raise_if_cancelled()
    try:
        info = probe(settings.engine) or _address_of_sdk(settings.engine)
    except EnvStudioError as error:
        return EngineState(False, "No engine answers", message_of(error))
    store = "containerd image store" if info.containerd_store else info.storage
    return EngineState(True, f"Engine {info.version}", f"{store}, {info.platform}")


def _address_of_sdk(address: str) -> EngineInfo:
    from envstudio.engine import connect

    with connect(address) as engine:
        return engine.info()


class EngineWatch(QObject):
    """Begins with `start`. `changed` hands on each state that differs from the one before."""

    changed = Signal(object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.state: EngineState | None = None
        self._asked = self._seen = ""
        self._timer = QTimer(self, interval=MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        """Look now, and again while the window is active."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Look once, unless a look at the same engine is under way."""
        address = self._session.settings.engine
        if address != self._asked or not any(job.key == LOOK for job in self._session.jobs.active()):
            self._asked = address
            self._session.jobs.run(
                "Find the engine",
                look_for_engine,
                self._session.settings,
                lane="watch",
                key=LOOK,
                on_done=partial(self._on_looked, address),
            )

    @Slot()
    def _on_timer_timeout(self) -> None:
        if self._window.isActiveWindow():
            self.look()

    def _on_looked(self, address: str, state: EngineState) -> None:
        before = self._seen, self.state
        self._seen, self.state = address, state
        if state != before[1]:
            self.changed.emit(state)
        if before[1] is not None and before != (address, state):
            self._session.engine_changed.emit()
