"""Where packages come from: conda's channels in their order, and pip's options."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from envstudio.domain.environment import Environment, PipOption
from envstudio.errors import InvalidInput
from envstudio.gui.editor.requirement_text import parse_option
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.widgets.chips import ChipsBar
from envstudio.gui.widgets.layouts import make_row
from envstudio.tasks.edit import checked_channel

TITLES = ("Channels", "Pip options")
TITLE_WIDTH = 72


class Title(QLabel):
    """What a row of chips holds. All are as wide as the longest, in any font, so that the rows begin at one column."""

    def sizeHint(self) -> QSize:
        widest = max(map(self.fontMetrics().horizontalAdvance, TITLES))
        return QSize(max(TITLE_WIDTH, widest), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class PackageSources(QWidget):
    """Two rows of chips that edit the document; `head` is the first, which has room for more."""

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self.document = document
        self.channels = ChipsBar("channel", "conda-forge, or a URL", self, ordered=True)
        self.channels.add_requested.connect(self._on_channels_add_requested)
        self.channels.remove_requested.connect(self._on_channels_remove_requested)
        self.channels.order_requested.connect(self._on_channels_order_requested)
        self.options_row = QWidget(self)
        self.options = ChipsBar("pip option", "--extra-index-url https://…", self.options_row, ordered=True)
        self.options.add_requested.connect(self._on_options_add_requested)
        self.options.remove_requested.connect(self._on_options_remove_requested)
        self.options.order_requested.connect(self._on_options_order_requested)
        self.channels_title, options_title = map(Title, TITLES)
        for title in (self.channels_title, options_title):
            title.setProperty("tone", "muted")
        self.head = make_row(8, (16, 8, 8, 8))
        self.head.addWidget(self.channels_title)
        self.head.addWidget(self.channels, 1)
        options = make_row(8, (16, 0, 8, 8))
        options.addWidget(options_title)
        options.addWidget(self.options, 1)
        self.options_row.setLayout(options)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.head)
        layout.addWidget(self.options_row)
        document.environment_changed.connect(self._on_document_environment_changed)
        self._on_document_environment_changed()

    def _on_document_environment_changed(self, old: Environment | None = None, new: Environment | None = None) -> None:
        python, editable = self.document.environment.python, not self.document.read_only
        self.channels.set_texts(python.channels, read_only=not editable)
        self.options.set_texts(tuple(item.line for item in python.pip_options), read_only=not editable)
        self.channels_title.setVisible(bool(python.channels) or editable)
        self.options_row.setVisible(bool(python.pip_options) or (editable and bool(python.pip)))

    @Slot(str)
    def _on_channels_add_requested(self, text: str) -> None:
        environment = self.document.environment
        names = text.replace(",", " ").split()
        try:
            added = [checked_channel(name) for name in names if name not in environment.python.channels]
        except InvalidInput as error:
            self.channels.refuse(text, message_of(error))
            return
        if not added:
            self.channels.refuse(text, f"{text} is among the channels already.")
            return
        what = f"channel {added[0]}" if len(added) == 1 else f"{len(added)} channels"
        self.document.edit(f"Add {what}", environment.with_channels((*environment.python.channels, *added)))

    @Slot(str)
    def _on_channels_remove_requested(self, text: str) -> None:
        environment = self.document.environment
        kept = (channel for channel in environment.python.channels if channel != text)
        self.document.edit(f"Remove channel {text}", environment.with_channels(kept))

    @Slot(tuple)
    def _on_channels_order_requested(self, texts: tuple[str, ...]) -> None:
        self.document.edit("Move channel", self.document.environment.with_channels(texts))

    @Slot(str)
    def _on_options_add_requested(self, text: str) -> None:
        try:
            option = parse_option(text)
        except InvalidInput as error:
            self.options.refuse(text, message_of(error))
            return
        self._put_options(f"Add {option.name}", (*self.document.environment.python.pip_options, option))

    @Slot(str)
    def _on_options_remove_requested(self, text: str) -> None:
        kept = tuple(item for item in self.document.environment.python.pip_options if item.line != text)
        self._put_options("Remove pip option", kept)

    @Slot(tuple)
    def _on_options_order_requested(self, texts: tuple[str, ...]) -> None:
        options = sorted(self.document.environment.python.pip_options, key=lambda item: texts.index(item.line))
        self._put_options("Move pip option", tuple(options))

    def _put_options(self, title: str, options: tuple[PipOption, ...]) -> None:
        environment = self.document.environment
        python = replace(environment.python, pip_options=tuple(dict.fromkeys(options)))
        self.document.edit(title, replace(environment, python=python))
