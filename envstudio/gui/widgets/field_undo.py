"""Whose Ctrl+Z is: a field's own while what is typed in it was not taken, else the workspace's.

Qt's fields keep the keys of undo and redo to themselves, even if they have nothing to undo.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from envstudio.gui.widgets.add_line import PastingEdit

TAKEN_AS_TYPED = "takenAsTyped"
"""The property of fields whose text is an edit of the environment as it is typed, unless they are invalid."""


class FieldUndo(QObject):
    """Watches the field of a window that has the focus, and leaves it the keys only if they are its own."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._field: QWidget | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if self._field is not None and self._field is old:
            self._field.removeEventFilter(self)
        self._field = None
        if isinstance(new, QLineEdit | QPlainTextEdit) and new.window() is self._window:
            self._field = new
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
            if any(event.matches(key) for key in keys) and not has_own_undo(watched):
                event.ignore()
                return True
        return False


def has_own_undo(field: QObject) -> bool:
    """Return whether what is typed in a field was not taken yet, so that the field itself undoes it."""
    if isinstance(field, PastingEdit):
        return bool(field.text())
    if field.property(TAKEN_AS_TYPED):
        return bool(field.property("invalid"))
    return not isinstance(field, QLineEdit) or field.isUndoAvailable() or field.isRedoAvailable()
