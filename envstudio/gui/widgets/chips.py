"""A row of short texts, each with a cross, and a plus to add one: channels, tags, labels."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from envstudio.gui.widgets.icon_button import IconButton


class ChipsBar(QWidget):
    """Shows texts as chips. It emits wishes and shows what it is told to."""

    add_requested = Signal(str)
    remove_requested = Signal(str)

    def __init__(self, what: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self._texts: tuple[str, ...] = ()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.add_button = IconButton("plus", f"Add a {what}")
        self.add_button.clicked.connect(self._on_add_button_clicked)
        self.edit = QLineEdit(placeholderText=hint)
        self.edit.hide()
        self.edit.setAccessibleName(f"New {what}")
        self.edit.setMaximumWidth(220)
        self.edit.returnPressed.connect(self._on_edit_return_pressed)
        self.edit.installEventFilter(self)
        self._layout.addWidget(self.edit)
        self._layout.addWidget(self.add_button)
        self._layout.addStretch(1)

    def set_texts(self, texts: tuple[str, ...], *, read_only: bool = False) -> None:
        """Show these chips."""
        self.add_button.setVisible(not read_only)
        if texts == self._texts and self.findChildren(QFrame, "chip"):
            return
        self._texts = texts
        for chip in self.findChildren(QFrame, "chip"):
            self._layout.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
            chip.setObjectName("gone")
        for position, text in enumerate(texts):
            self._layout.insertWidget(position, self._chip(text, read_only))

    def _chip(self, text: str, read_only: bool) -> QFrame:
        chip = QFrame()
        chip.setObjectName("chip")
        chip.setProperty("chip", True)
        layout = QHBoxLayout(chip)
        layout.setContentsMargins(8, 2, 4 if not read_only else 8, 2)
        layout.setSpacing(4)
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(label)
        if not read_only:
            cross = IconButton("close", f"Remove {text}", size=12)
            cross.clicked.connect(partial(self._remove, text))
            layout.addWidget(cross)
        return chip

    def _remove(self, text: str, *_: object) -> None:
        self.remove_requested.emit(text)

    @Slot()
    def _on_add_button_clicked(self) -> None:
        self.edit.clear()
        self.edit.show()
        self.edit.setFocus()

    @Slot()
    def _on_edit_return_pressed(self) -> None:
        text = self.edit.text().strip()
        self.edit.hide()
        if text:
            self.add_requested.emit(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.edit and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.edit.hide()
            self.add_button.setFocus()
            return True
        if watched is self.edit and event.type() == QEvent.Type.FocusOut and not self.edit.text():
            self.edit.hide()
        return super().eventFilter(watched, event)
