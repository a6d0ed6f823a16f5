"""The guide that ships with the program, as a page: its topics at the left, one of them at the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, QUrl, Slot
from PySide6.QtGui import QColor, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser

from envstudio import paths
from envstudio.gui.look import theme
from envstudio.tasks.help import CODES, topic_pages

TOPICS_WIDTH = 190
GAP = 12
"""Pixels around code, and half of those above a heading."""

MARKDOWN = QTextDocument.ResourceType.MarkdownResource
TOPIC = Qt.ItemDataRole.UserRole
FIRST = "getting-started"
TOPIC_OF = {
    "Packages": "packages-and-locks",
    "Variables": "runs",
    "Image": "images",
    "Spark": "envstudio-yml",
    "Serving": "envstudio-yml",
    "Source": "envstudio-yml",
    "History": "comparing",
    "Lock": "packages-and-locks",
    "Images": "images",
    "Runs": "runs",
    "settings": "behind-a-proxy",
    "doctor": "behind-a-proxy",
}
"""Which topic is about a page of an environment, or about a tab that is not an environment's."""


class GuideText(QTextBrowser):
    """Shows a page with room between its parts, and code on a ground of its own."""

    def doSetSource(self, name: QUrl | str, kind: QTextDocument.ResourceType = MARKDOWN, /) -> None:
        super().doSetSource(name, kind)
        ground = QColor(theme.colors(self.palette()).window)
        block = self.document().begin()
        before = False
        while block.isValid():
            form, code = block.blockFormat(), block.blockFormat().nonBreakableLines()
            follows = block.next().isValid() and block.next().blockFormat().nonBreakableLines()
            if code:
                form.setBackground(ground)
                form.setTopMargin(0 if before else GAP)
                form.setBottomMargin(0 if follows else GAP)
            elif form.headingLevel():
                form.setTopMargin(GAP if block == self.document().begin() else 2 * GAP)
                form.setBottomMargin(GAP / 2)
            QTextCursor(block).setBlockFormat(form)
            before, block = code, block.next()


class GuidePage(QFrame):
    """Shows the pages of the guide; links between them are followed without a network."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "base")
        self.topics = QListWidget()
        self.topics.setAccessibleName("Topics")
        self.topics.setFixedWidth(TOPICS_WIDTH)
        for name, title in (*((page.topic, page.title) for page in topic_pages().values()), (CODES, "What codes mean")):
            item = QListWidgetItem(title, self.topics)
            item.setData(TOPIC, name)
            item.setSizeHint(QSize(TOPICS_WIDTH, theme.ROW_HEIGHT))
        self.text = GuideText()
        self.text.setAccessibleName("Guide")
        self.text.document().setDocumentMargin(16)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 8, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.topics)
        layout.addWidget(self.text, 1)
        self.setFocusProxy(self.text)
        self.topics.currentItemChanged.connect(self._on_topics_current_item_changed)
        self.text.sourceChanged.connect(self._on_text_source_changed)

    @property
    def topic(self) -> str:
        """The topic that is shown."""
        return _topic_of(self.text.source())

    def show_topic(self, name: str) -> None:
        """Show the page of a topic from its beginning."""
        path = paths.resource("help", f"{name}.md")
        self.text.setSource(QUrl.fromLocalFile(str(path)), MARKDOWN)

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_topics_current_item_changed(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_topic(item.data(TOPIC))

    @Slot(QUrl)
    def _on_text_source_changed(self, source: QUrl) -> None:
        """Mark the topic that a link led to; the browser has it as its source only after this."""
        rows = [self.topics.item(row).data(TOPIC) for row in range(self.topics.count())]
        with QSignalBlocker(self.topics):
            self.topics.setCurrentRow(rows.index(_topic_of(source)))

    def changeEvent(self, event: QEvent) -> None:
        """Draw links in the colour of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and not self.text.source().isEmpty():
            position = self.text.verticalScrollBar().value()
            self.text.reload()
            self.text.verticalScrollBar().setValue(position)


def _topic_of(source: QUrl) -> str:
    return source.fileName().removesuffix(".md")
