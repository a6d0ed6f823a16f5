"""The definition as EnvStudio's own file, to read and to copy."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from envstudio.formats import native
from envstudio.gui import theme
from envstudio.gui.document import Document
from envstudio.gui.editor.highlighters import YamlHighlighter
from envstudio.gui.editor.page import Page
from envstudio.gui.session import Session


class SourcePage(Page):
    """Read-only; written anew only while it is looked at."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self.text = QPlainTextEdit(readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Source")
        self.text.document().setDocumentMargin(16)
        self._highlighter = YamlHighlighter(self.text.document(), self.colors())
        note = QLabel(native.FILE_NAME)
        note.setProperty("tone", "muted")
        self.copy = QPushButton("Copy")
        self.copy.setProperty("small", True)
        self.copy.clicked.connect(self._on_copy_clicked)
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 8, 8)
        head.addWidget(note, 1)
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.text, 1)
        document.facts_changed.connect(self._on_document_facts_changed)
        self.setFocusProxy(self.text)
        self.tint()

    def tint(self) -> None:
        if hasattr(self, "copy"):
            self.text.setFont(theme.monospace(self))
            self._highlighter.set_colors(self.colors())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_document_facts_changed()

    @Slot()
    def _on_document_facts_changed(self) -> None:
        if self.isVisible():
            text = native.to_text(self.document.environment)
            if text != self.text.toPlainText():
                position = self.text.verticalScrollBar().value()
                self.text.setPlainText(text)
                self.text.verticalScrollBar().setValue(position)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
