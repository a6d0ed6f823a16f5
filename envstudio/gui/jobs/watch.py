"""Looking once a second for what other programs change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Slot

from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.runner import JobRunner

T = TypeVar("T")

MILLISECONDS = 1000
AFTER_BUG_MILLISECONDS = 60_000
"""How long it waits after an error of ours, which would be reported again each time."""


class Watch(QObject):
    """Asks on the library's lane, one question at a time; a subclass asks with `_ask` in its own `look`."""

    def __init__(self, jobs: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._looking = False
        self._is_in_order = True
        self._timer = QTimer(self, interval=MILLISECONDS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Ask what has changed."""
        raise NotImplementedError

    def _ask(self, title: str, task: Callable[..., T], *args: Any, then: Callable[[T], None]) -> None:
        """Run a task, unless the last question is still open; `then` gets what it found."""
        if self._looking:
            return
        self._looking, self._is_in_order = True, False
        self._jobs.run(
            title,
            task,
            *args,
            lane="library",
            on_done=partial(self._on_found, then),
            on_failed=self._on_failed,
            on_end=self._on_end,
        )

    def _on_found(self, then: Callable[[T], None], found: T) -> None:
        then(found)
        self._is_in_order = True

    def _on_failed(self, error: EnvStudioError) -> None:
        """Try again with the next tick: what does not answer says so where it is used."""
        self._is_in_order = True

    def _on_end(self) -> None:
        self._looking = False
        wait = MILLISECONDS if self._is_in_order else AFTER_BUG_MILLISECONDS
        if self._timer.interval() != wait:
            self._timer.setInterval(wait)
