"""The definition as EnvStudio's own file. Form and text are two views of one value.

What is typed is read a moment later. A text that cannot be read stays, marked at its line with the reason, outlives the
tab, and the form keeps the last value that could be read.
"""

from __future__ import annotations

import re
from functools import partial

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from envstudio.errors import InvalidInput
from envstudio.formats import native
from envstudio.gui.editor.highlighters import YamlHighlighter
from envstudio.gui.editor.problems_panel import ProblemsPanel
from envstudio.gui.look import theme
from envstudio.gui.model.document import Document
from envstudio.gui.model.invalid_inputs import SOURCE
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.code_edit import CodeEdit
from envstudio.gui.widgets.field_undo import TAKEN_AS_TYPED
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.small_button import SmallButton

READ_MILLISECONDS = 250
LINE = re.compile(r"^.*?, line (\d+): (.*)$", re.DOTALL)
NAME = re.compile(r"^name:\s*['\"]?([^'\"#\n]*?)['\"]?\s*(?:#.*)?$", re.MULTILINE)


class SourcePage(Page):
    """Written anew only while it is looked at."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._following = False
        self._seen = ""
        self.text = CodeEdit()
        self.text.setReadOnly(document.read_only)
        self.text.setAccessibleName("Source")
        self.text.installEventFilter(self)
        self._highlighter = YamlHighlighter(self.text.document(), self.colors())
        self._timer = QTimer(self, interval=READ_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self.commit)
        self.text.textChanged.connect(self._on_text_text_changed)
        self.note = Label(native.FILE_NAME)
        self.note.setProperty("tone", "muted")
        self.copy = SmallButton("Copy", self._on_copy_clicked)
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 8, 8)
        head.addWidget(self.note, 1)
        head.addWidget(self.copy)
        self.banner = Banner(closable=False)
        self.problems = ProblemsPanel(document)
        self.problems.setProperty("line", "top")
        self.problems.location_activated.connect(self._on_problems_location_activated)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.banner)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.problems)
        document.facts_changed.connect(self._on_document_facts_changed)
        self.text.setProperty(TAKEN_AS_TYPED, True)
        self.setFocusProxy(self.text)
        self.follow_theme()
        kept = document.invalid_inputs.get(SOURCE)
        if kept is not None:
            self._show(kept)
            self._read()

    def apply_theme(self) -> None:
        self.problems.model.colors = self.colors()
        self.text.setFont(theme.monospace(self))
        self._highlighter.set_colors(self.colors())

    # The text follows the value

    def _show(self, text: str) -> None:
        self._following = True
        self.text.set_text(text)
        self._following = False
        self._seen = self.text.toPlainText()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_document_facts_changed()

    @Slot()
    def _on_document_facts_changed(self) -> None:
        if self.isVisible() and not self._timer.isActive() and SOURCE not in self.document.invalid_inputs:
            self._show(self.document.source())
            self._say_name()

    # The value follows the text

    @Slot()
    def _on_text_text_changed(self) -> None:
        # Qt says the same of new colours and fonts, while the text of a page that is not shown may be an old one.
        if not self._following and not self.document.read_only and self.text.toPlainText() != self._seen:
            self._timer.start()

    @Slot()
    def commit(self) -> None:
        """Read what was typed now."""
        if self._timer.isActive() or self.sender() is self._timer:
            self._timer.stop()
            self._read()

    def _read(self) -> None:
        text = self._seen = self.text.toPlainText()
        try:
            environment = native.from_text(text, self.document.environment.name).environment
        except InvalidInput as error:
            self.document.keep(SOURCE, text)
            self._mark(error)
            return
        self.document.keep(SOURCE, None)
        self.text.mark(0)
        self.text.setProperty("invalid", False)
        self.banner.clear()
        self._following = True
        self.document.write(environment, text)
        self._following = False
        self._say_name()

    def _mark(self, error: InvalidInput) -> None:
        found = LINE.match(error.summary)
        line, reason = (int(found.group(1)), found.group(2)) if found else (0, error.summary)
        # What is missing at the very end is reported for a line that is not there.
        line = min(line, len(self.text.toPlainText().rstrip().splitlines()) or 1)
        self.text.mark(line)
        self.text.setProperty("invalid", True)
        message = f"Line {line}: {reason}" if line else reason
        text = f"{message} {error.advice} The other pages keep the last text that could be read.".replace("  ", " ")
        self.banner.say("error", text, ("Go to line", self.go_to_mark), ("Discard this text", self._on_discard))

    def _say_name(self) -> None:
        """Say so if the text names another environment: a name is changed by renaming."""
        found = NAME.search(self.text.toPlainText())
        name = self.document.environment.name
        other = found.group(1).strip() if found else name
        self.note.setText(
            native.FILE_NAME if other == name else f"{native.FILE_NAME} · the name stays {name}; rename with F2"
        )

    def go_to_mark(self) -> None:
        """Go to the line that cannot be read."""
        self.text.setFocus()
        self.text.go_to(self.text.marked_line or 1)
        self.banner.show()

    def _on_discard(self) -> None:
        discarded = self.text.toPlainText()
        self.document.keep(SOURCE, None)
        self._timer.stop()
        self.text.mark(0)
        self.text.setProperty("invalid", False)
        self._show(self.document.source())
        self.banner.say("info", "The text was discarded.", ("Undo", partial(self._bring_back, discarded)))

    def _bring_back(self, text: str, *_: object) -> None:
        """Take a text back that was discarded, with what is wrong with it."""
        self._show(text)
        self._read()
        self.text.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.text and event.type() == QEvent.Type.FocusOut:
            self.commit()
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.commit()
        super().hideEvent(event)

    @Slot(str)
    def _on_problems_location_activated(self, location: str) -> None:
        word = location.rpartition(".")[2]
        lines = self.text.toPlainText().splitlines()
        row = next((row for row, line in enumerate(lines, 1) if re.search(rf"(?<![\w-]){re.escape(word)}\b", line)), 1)
        self.text.go_to(row)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
