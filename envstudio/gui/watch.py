"""Looking once a second for what other programs change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from envstudio.errors import EnvStudioError
from envstudio.gui.session import Session

MILLISECONDS = 1000


class Watch(QObject):
    """Asks on the library's lane, one question at a time; a subclass asks with `_ask` in its own `look`."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._looking = False
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

    def _ask(self, title: str, task: Callable[..., Any], *args: Any, then: Callable[[Any], None]) -> None:
        """Run a task, unless the last question is still open; `then` gets what it found."""
        if self._looking:
            return
        self._looking = True

        def seen(found: Any) -> None:
            self._looking = False
            then(found)

        self._session.jobs.run(title, task, *args, lane="library", on_done=seen, on_failed=self._on_failed)

    def _on_failed(self, error: EnvStudioError) -> None:
        """Try again with the next tick: what does not answer tells so where one uses it."""
        self._looking = False
