"""The line that looks for a text in the log: how many lines hold it, the next and the one before."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from envstudio.gui.console.log_view import MAX_FOUND, LogView
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row

WAIT_MILLISECONDS = 120


class LogSearch(QWidget):
    """Hidden until it is opened. Enter goes on, Shift+Enter back, Esc closes."""

    closed = Signal()

    def __init__(self, view: LogView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.setProperty("surface", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.edit = QLineEdit(placeholderText="Find in the log", clearButtonEnabled=True)
        self.edit.setAccessibleName("Find in the log")
        self.edit.setFixedWidth(240)
        self.edit.textChanged.connect(self._on_edit_text_changed)
        self.edit.installEventFilter(self)
        self.count = Label()
        self.count.setProperty("tone", "muted")
        self.before = IconButton("chevron-up", "Previous (Shift+Enter)")
        self.next = IconButton("chevron-down", "Next (Enter)")
        self.close_button = IconButton("close", "Close (Esc)")
        self.before.clicked.connect(self._on_before_clicked)
        self.next.clicked.connect(self._on_next_clicked)
        self.close_button.clicked.connect(self.close_line)
        row = make_row(8, (16, 4, 8, 4))
        for widget in (self.edit, self.before, self.next, self.count):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.close_button)
        self.setLayout(row)
        self._timer = QTimer(self, interval=WAIT_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)
        view.found_changed.connect(self._on_view_found_changed)
        self.hide()

    def open(self) -> None:
        """Show the line, with what was looked for last."""
        self.show()
        self.edit.setFocus()
        self.edit.selectAll()
        self._on_timer_timeout()

    def close_line(self) -> None:
        """Look for nothing."""
        self.hide()
        self._view.look_for("")
        self.closed.emit()

    def step(self, forward: bool) -> None:
        """Go on, or back; what was just typed is looked for first."""
        if self._timer.isActive():
            self._timer.stop()
            self._view.look_for(self.edit.text())
        else:
            self._view.step(forward)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.edit and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.step(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_line()
                return True
        return super().eventFilter(watched, event)

    @Slot(str)
    def _on_edit_text_changed(self, text: str) -> None:
        self._timer.start()

    @Slot()
    def _on_timer_timeout(self) -> None:
        self._view.look_for(self.edit.text())

    @Slot()
    def _on_before_clicked(self) -> None:
        self.step(False)

    @Slot()
    def _on_next_clicked(self) -> None:
        self.step(True)

    @Slot()
    def _on_view_found_changed(self) -> None:
        """Say which of how many; lines that come meanwhile are counted."""
        if self.isHidden():
            return
        found, current = self._view.found, self._view.current
        more = "+" if len(found) >= MAX_FOUND else ""
        position = found.index(current) + 1 if current in found else 0
        self.count.setText(
            "" if not self._view.wanted else f"{position} of {len(found)}{more} lines" if found else "nowhere"
        )
        for button in (self.before, self.next):
            button.setEnabled(bool(found))
