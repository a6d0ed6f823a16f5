"""Keeps Python's cyclic garbage collector in the GUI thread.

The collector runs in whichever thread allocates next. Where that is a worker, a QObject in a cycle would be destroyed
outside the thread that it lives in, which crashes Qt. So while there are workers, a timer collects in the GUI thread.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

MILLISECONDS = 1000


class GuiThreadGarbage(QObject):
    """Collects by the interpreter's own thresholds, looked at once a second."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=MILLISECONDS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        """Take the collector over."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Hand it back to the interpreter."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def _on_timer_timeout(self) -> None:
        youngest, *older = zip(gc.get_count(), gc.get_threshold(), strict=True)
        if youngest[0] > youngest[1]:
            full = sum(count > threshold for count, threshold in older)
            gc.collect(full)
