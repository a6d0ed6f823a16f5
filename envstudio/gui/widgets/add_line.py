"""The line under a table in which the next row is typed. Text that is not understood stays, with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDropEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from envstudio.gui.widgets.icon_button import IconLabel
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row

KEEP_MILLISECONDS = 500


class PastingEdit(QLineEdit):
    """A line edit that hands over a paste of several lines instead of joining them."""

    lines_pasted = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab) and self._completing():
            # The completion that is chosen goes into the line first; the next Enter submits it.
            event.ignore()
            return
        text = QGuiApplication.clipboard().text() if event.matches(QKeySequence.StandardKey.Paste) else ""
        if "\n" in text.strip():
            self.lines_pasted.emit(text)
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        text = event.mimeData().text()
        if "\n" in text.strip() and not event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.lines_pasted.emit(text)
        else:
            super().dropEvent(event)

    def _completing(self) -> bool:
        """Return whether one of the completions offered is chosen."""
        completer = self.completer()
        popup = completer.popup() if completer is not None else None
        return popup is not None and popup.isVisible() and popup.currentIndex().isValid()


class AddLine(QWidget):
    """Emits what was typed or pasted; whoever takes it says `accept` or `refuse`.

    `left_changed` tells, a moment after it changed, what stands in the line and waits behind it.
    """

    submitted = Signal(str)
    left_changed = Signal(str)

    def __init__(self, name: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.edit = PastingEdit(self, placeholderText=hint)
        self.edit.setProperty("bare", True)
        self.edit.setAccessibleName(name)
        self.edit.setMinimumHeight(28)
        self.edit.returnPressed.connect(self._on_edit_return_pressed)
        self.edit.lines_pasted.connect(self.submitted)
        self.edit.textEdited.connect(self._on_edit_text_edited)
        self.reason = Label(self, wordWrap=True)
        self.reason.setContentsMargins(24, 0, 8, 4)
        self.reason.hide()
        self.reason.setProperty("tone", "error")
        self._waiting: list[tuple[str, str]] = []
        self._timer = QTimer(self, interval=KEEP_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self.tell_left)
        self.edit.textChanged.connect(self._on_edit_text_changed)
        self._icon = IconLabel("plus", parent=self)
        self.row = make_row(4)
        self.row.addWidget(self._icon)
        self.row.addWidget(self.edit, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(0)
        layout.addLayout(self.row)
        layout.addWidget(self.reason)

    def accept(self) -> None:
        """Make room for the next; if refused lines wait, that is the first of them."""
        if self._waiting:
            self.refuse(*self._waiting.pop(0))
            return
        # Not `clear`, after which the line's own undo would bring back what was added.
        self.edit.setText("")
        self.reason.hide()
        self._icon.set_icon("plus")

    def refuse(self, text: str, reason: str) -> None:
        """Keep what was typed, marked with the reason."""
        self.edit.setText(text)
        waiting = len(self._waiting)
        more = f"  {waiting} more after this; Enter on an empty line leaves it out." if waiting else ""
        self.reason.setText(reason + more)
        self.reason.show()
        self._icon.set_icon("error", "removed")
        self.edit.setAccessibleDescription(reason)
        self.edit.setFocus()

    def refuse_several(self, refused: Sequence[tuple[str, str]]) -> None:
        """Keep several lines, each with its reason; they are shown one after the other."""
        self._waiting = [*refused[1:], *self._waiting]
        self.refuse(*refused[0])

    def show_left(self, text: str) -> None:
        """Show what was left in the line before, line by line."""
        if lines := text.splitlines():
            self.edit.setText(lines[0])
            self._waiting = [(line, "") for line in lines[1:]]

    @Slot()
    def tell_left(self) -> None:
        """Show now what is left in the line, if it is not told yet."""
        if self._timer.isActive() or self.sender() is self._timer:
            self._timer.stop()
            self.left_changed.emit("\n".join([self.edit.text(), *(text for text, _ in self._waiting)]).strip())

    @Slot()
    def _on_edit_text_changed(self) -> None:
        self._timer.start()

    @Slot()
    def _on_edit_return_pressed(self) -> None:
        if self.edit.text().strip():
            self.submitted.emit(self.edit.text())
        else:
            self.accept()

    @Slot()
    def _on_edit_text_edited(self) -> None:
        self.reason.hide()
        self._icon.set_icon("plus")
