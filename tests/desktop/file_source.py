"""A program of its own that files are dragged out of, as out of a file manager: `file_source.py PATH…`."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

TITLE = "Files to drag"
TAKEN = "Files that would be taken"
"""What it is called while they are above something that takes them."""
SIZE = 120


class Files(QLabel):
    """Where it is pressed and moved, its files are dragged."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(f"{len(paths)} files")
        self.setWindowTitle(TITLE)
        self.setWindowFlags(Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFixedSize(SIZE, SIZE)
        self._urls = [QUrl.fromLocalFile(path) for path in paths]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            data = QMimeData()
            data.setUrls(self._urls)
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.setPixmap(self.grab())
            drag.setHotSpot(QPoint(SIZE // 2, SIZE // 2))
            drag.actionChanged.connect(self._on_drag_action_changed)
            drag.exec(Qt.DropAction.CopyAction)

    def _on_drag_action_changed(self, action: Qt.DropAction) -> None:
        self.setWindowTitle(TITLE if action == Qt.DropAction.IgnoreAction else TAKEN)


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    files = Files(sys.argv[1:])
    screen = application.primaryScreen().availableGeometry()
    files.move(screen.right() - SIZE - 20, screen.bottom() - SIZE - 60)
    files.show()
    sys.exit(application.exec())
