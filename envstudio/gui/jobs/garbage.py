"""Keeps Python's cyclic garbage collector in the GUI thread.

The collector runs in whichever thread allocates next. Where that is a worker, a QObject in a cycle would be destroyed
outside the thread that it lives in, which crashes Qt. So while there are workers, a timer collects in the GUI thread.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer, Slot

MILLISECONDS = 100
YOUNG, ALL = 1, 2
FULL_SECONDS = 60
"""How often all objects are looked at, which takes long enough to be felt."""


class GuiThreadGarbage(QObject):
    """Collects what is new so often that it takes a few milliseconds each time, and everything once a minute."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._full_at = 0.0

    def start(self) -> None:
        """Take the collector over."""
        gc.disable()
        self._full_at = time.monotonic() + FULL_SECONDS
        self._timer.start()

    def stop(self) -> None:
        """Hand it back to the interpreter."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def _on_timer_timeout(self) -> None:
        if gc.get_count()[0] <= gc.get_threshold()[0]:
            return
        full = time.monotonic() >= self._full_at
        gc.collect(ALL if full else YOUNG)
        if full:
            self._full_at = time.monotonic() + FULL_SECONDS
