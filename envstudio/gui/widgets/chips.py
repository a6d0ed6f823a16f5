"""A row of short texts, each with a cross, and a plus to add one: channels, tags, labels."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QWidget

from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.keys import REMOVE_KEYS
from envstudio.gui.widgets.label import Label, plain_tip

MIME = "application/x-envstudio-chip"
BEFORE = (Qt.Key.Key_Up, Qt.Key.Key_Left)
AFTER = (Qt.Key.Key_Down, Qt.Key.Key_Right)


class Chip(QFrame):
    """One text. Where their order counts, chips are dragged, or moved by Alt and an arrow key."""

    moved = Signal(str, int)
    remove_requested = Signal(str)

    def __init__(self, text: str, *, read_only: bool, movable: bool) -> None:
        super().__init__()
        self.text = text
        self._movable = movable
        self._removable = not read_only
        self._pressed = QPoint()
        self.setObjectName("chip")
        self.setProperty("chip", True)
        if movable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setAccessibleName(text)
            self.setToolTip(plain_tip(f"{text}\nDrag, or Alt+Up and Alt+Down, to change the order"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if self._movable and alt and event.key() in (*BEFORE, *AFTER):
            self.moved.emit(self.text, -1 if event.key() in BEFORE else 1)
        elif self._removable and event.key() in REMOVE_KEYS:
            self.remove_requested.emit(self.text)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        far = (event.position().toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if self._movable and far and event.buttons() & Qt.MouseButton.LeftButton:
            data = QMimeData()
            data.setData(MIME, self.text.encode())
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.setPixmap(self.grab())
            drag.setHotSpot(self._pressed)
            drag.exec(Qt.DropAction.MoveAction)


class ChipsBar(QWidget):
    """Shows texts as chips. It emits requests and shows what it is told to."""

    add_requested = Signal(str)
    remove_requested = Signal(str)
    order_requested = Signal(tuple)

    def __init__(self, what: str, hint: str = "", parent: QWidget | None = None, *, ordered: bool = False) -> None:
        super().__init__(parent)
        self._what = what
        self._ordered = ordered
        self.setAcceptDrops(ordered)
        self._texts: tuple[str, ...] = ()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.add_button = IconButton("plus", f"Add a {what}", self)
        self.add_button.clicked.connect(self._on_add_button_clicked)
        self.edit = QLineEdit(self, placeholderText=hint)
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
        chip = Chip(text, read_only=read_only, movable=self._ordered and not read_only)
        chip.moved.connect(self._on_chip_moved)
        chip.remove_requested.connect(self.remove_requested)
        layout = QHBoxLayout(chip)
        layout.setContentsMargins(8, 2, 4 if not read_only else 8, 2)
        layout.setSpacing(4)
        label = Label(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(label)
        if not read_only:
            cross = IconButton("close", f"Remove {text}", size=12)
            cross.clicked.connect(partial(self._remove, text))
            layout.addWidget(cross)
        return chip

    def refuse(self, text: str, reason: str) -> None:
        """Keep what was typed, marked with the reason."""
        self.edit.show()
        self.edit.setText(text)
        self._mark(reason)
        self.edit.setFocus()

    def _mark(self, reason: str) -> None:
        self.edit.setProperty("invalid", bool(reason))
        self.edit.setToolTip(plain_tip(reason))
        self.edit.setAccessibleDescription(reason)
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)

    # Order

    def chip(self, text: str) -> Chip | None:
        """Return the chip of a text."""
        return next((chip for chip in self.findChildren(Chip, "chip") if chip.text == text), None)

    def put(self, text: str, position: int) -> None:
        """Ask for a text to stand at a position; it keeps the focus."""
        if text not in self._texts:
            return
        texts = [item for item in self._texts if item != text]
        texts.insert(max(0, min(position, len(texts))), text)
        if tuple(texts) != self._texts:
            self.order_requested.emit(tuple(texts))
        chip = self.chip(text)
        if chip is not None:
            chip.setFocus()

    @Slot(str, int)
    def _on_chip_moved(self, text: str, step: int) -> None:
        self.put(text, self._texts.index(text) + step)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME) and event.source() in self.findChildren(Chip):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        text = bytes(event.mimeData().data(MIME).data()).decode()
        left = event.position().x()
        others = [chip for chip in (self.chip(item) for item in self._texts if item != text) if chip is not None]
        event.acceptProposedAction()
        self.put(text, sum(chip.geometry().center().x() < left for chip in others))

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
        self._mark("")
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
