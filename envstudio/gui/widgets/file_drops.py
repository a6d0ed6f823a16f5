"""Files and folders that are dropped on a part of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from envstudio.gui.widgets.drop_hint import DropHint


class FileDrops(QObject):
    """Watches a widget; `dropped` carries the paths."""

    dropped = Signal(list)

    def __init__(self, over: QWidget, text: str) -> None:
        super().__init__(over)
        self.hint = DropHint(over, text)
        over.setAcceptDrops(True)
        over.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent):
            event.setAccepted(bool(_paths(event.mimeData())))
            if event.isAccepted():
                event.acceptProposedAction()
            self.hint.follow(event)
            if not isinstance(event, (QDragEnterEvent, QDragMoveEvent)) and event.isAccepted():
                self.dropped.emit(_paths(event.mimeData()))
            return True
        self.hint.follow(event)
        return super().eventFilter(watched, event)


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
