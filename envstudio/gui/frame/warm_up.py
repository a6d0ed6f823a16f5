"""Loads what the first opening of an environment needs, in the background, once someone reaches for the list.

Until then it would only take memory: a window at rest holds the rows of the browser and little else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from envstudio.domain.reference import CURATED
from envstudio.errors import NotFound
from envstudio.gui.model.session import Session
from envstudio.library import EnvironmentInfo, Library
from envstudio.report import Report

MILLISECONDS = 300
MODULES = ("frame.environment_view", "editor.packages_page")
REACHES = (QEvent.Type.Enter, QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress)


class WarmUp(QObject):
    """Watches widgets for a pointer or a key, and waits a moment after the last one, to compete with no typing."""

    def __init__(
        self,
        session: Session,
        infos: Callable[[], Iterable[EnvironmentInfo]],
        watched: Iterable[QWidget],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._infos = infos
        self._session = session
        self._watched = tuple(watched)
        self._watching = False
        self._timer = QTimer(self, interval=MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        """Begin to watch."""
        self._watching = True
        for widget in self._watched:
            widget.installEventFilter(self)

    def begin(self) -> None:
        """Load it soon, as someone has opened something without the list."""
        if self._watching:
            self._timer.start()

    def stop(self) -> None:
        """Leave it."""
        self._watching = False
        self._timer.stop()
        for widget in self._watched:
            widget.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in REACHES:
            self._timer.start()
        return False

    @Slot()
    def _on_timer_timeout(self) -> None:
        self.stop()
        name = next((info.name for info in self._infos() if not info.name.startswith(CURATED)), "")
        self._session.jobs.run("Load the pages", load_first_page, self._session.library, name, lane="known")


def load_first_page(library: Library, name: str, *, report: Report) -> None:
    """Load the code of the first page and of match specs, and read an environment as an opening does, as a job."""
    for module in MODULES:
        report.raise_if_cancelled()
        import_module(f"envstudio.gui.{module}")
    if name:
        # SQLAlchemy compiles each query once.
        with suppress(NotFound):
            draft = library.versions.draft(name)
            library.locks.nearest(name, draft.digest)
            library.versions.labels(name)
            library.versions.list(name)
            # What the window asks when a lock or a build is done.
            library.environments.list(archived=True, names=[name])
            library.builds.list(name)
            library.images.list(name)
    report.raise_if_cancelled()
    from envstudio.domain.requirement import conda_requirement

    conda_requirement("python >=3")
