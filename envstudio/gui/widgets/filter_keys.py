"""The keys of a filter over a list: Escape empties it and then goes back to the list, as Down and Enter do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

BACK = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FilterKeys(QObject):
    """Watches a field; `view` returns the list that it filters."""

    def __init__(self, edit: QLineEdit, view: Callable[[], QWidget]) -> None:
        super().__init__(edit)
        self._edit, self._view = edit, view
        edit.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key == Qt.Key.Key_Escape and self._edit.text():
                self._edit.clear()
                return True
            if key == Qt.Key.Key_Escape or (key in BACK and not self._completing()):
                self._view().setFocus()
                return True
        return super().eventFilter(watched, event)

    def _completing(self) -> bool:
        completer = self._edit.completer()
        popup = completer.popup() if completer is not None else None
        return popup is not None and popup.isVisible()
