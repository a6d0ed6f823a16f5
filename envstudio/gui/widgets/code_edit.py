"""A text field with line numbers, in which a line can be marked with what is wrong there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from envstudio.gui.look import theme
from envstudio.gui.widgets.plain_text import whole_text

GAP = 12
INDENT = 2
TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
LEAVING = "Tab indents; Escape and then Tab leaves the text."


class LineNumbers(QWidget):
    """The numbers at the left; a marked one is red and has a cross before it."""

    def __init__(self, edit: CodeEdit) -> None:
        super().__init__(edit)
        self._edit = edit

    def sizeHint(self) -> QSize:
        return QSize(self._edit.numbers_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        edit, chosen = self._edit, theme.colors(self.palette())
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(chosen.window))
        painter.setFont(edit.font())
        block = edit.firstVisibleBlock()
        top = edit.blockBoundingGeometry(block).translated(edit.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = edit.blockBoundingRect(block).height()
            if block.isVisible() and top + height >= event.rect().top():
                wrong = block.blockNumber() + 1 == edit.marked_line
                painter.setPen(QColor(chosen.removed if wrong else chosen.muted))
                area = QRect(0, int(top), self.width() - GAP, int(height))
                text = f"✕ {block.blockNumber() + 1}" if wrong else str(block.blockNumber() + 1)
                painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
            top += height
            block = block.next()
        painter.end()


class CodeEdit(QPlainTextEdit):
    """Plain text in the monospace font."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marked_line = 0
        self._numbers = LineNumbers(self)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(False)
        self.setAccessibleDescription(LEAVING)
        self._leaving = False
        self.document().setDocumentMargin(8)
        self.blockCountChanged.connect(self._on_block_count_changed)
        self.updateRequest.connect(self._on_update_request)
        self._apply_theme()

    def toPlainText(self) -> str:
        return whole_text(self)

    def set_text(self, text: str) -> None:
        """Show another text; only the lines that differ are replaced, so that cursor, place and undo stay."""
        before = self.toPlainText()
        if text == before:
            return
        limit, top = min(len(text), len(before)), 0
        while top < limit and text[top] == before[top]:
            top += 1
        bottom = 0
        while bottom < limit - top and text[-1 - bottom] == before[-1 - bottom]:
            bottom += 1
        # QTextCursor counts UTF-16 units, as Python does not.
        cursor = QTextCursor(self.document())
        cursor.setPosition(_units(before[:top]))
        cursor.setPosition(_units(before[: len(before) - bottom]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[top : len(text) - bottom])

    def mark(self, line: int) -> None:
        """Mark a line, counted from 1, or none with 0."""
        self.marked_line = line
        self._show_mark()

    def go_to(self, line: int) -> None:
        """Put the cursor at the beginning of a line, counted from 1."""
        self.setTextCursor(QTextCursor(self.document().findBlockByNumber(line - 1)))
        self.centerCursor()
        self.setFocus()

    def numbers_width(self) -> int:
        """Return how much room the numbers need."""
        digits = max(3, len(str(self.blockCount()))) + 2
        return self.fontMetrics().horizontalAdvance("0") * digits + GAP

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, leaving, around = Qt.Key(event.key()), self._leaving, self.parentWidget()
        self._leaving = key == Qt.Key.Key_Escape
        if key in TABS and (leaving or self.isReadOnly()) and around is not None:
            # A text field's own way of leaving is closed while it takes Tab as text.
            around.focusNextPrevChild(key == Qt.Key.Key_Tab)
        elif key in TABS:
            self._indent(key == Qt.Key.Key_Tab)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.isReadOnly():
            line = self.textCursor().block().text()[: self.textCursor().positionInBlock()]
            self.textCursor().insertText("\n" + " " * (len(line) - len(line.lstrip(" "))))
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)

    def _indent(self, deeper: bool) -> None:
        """Move the lines selected by one step; without a selection, Tab moves what is right of the cursor."""
        cursor = self.textCursor()
        if deeper and not cursor.hasSelection():
            cursor.insertText(" " * (INDENT - cursor.positionInBlock() % INDENT))
            return
        document = self.document()
        first = document.findBlock(cursor.selectionStart())
        last = document.findBlock(max(cursor.selectionStart(), cursor.selectionEnd() - 1))
        edit = QTextCursor(document)
        edit.beginEditBlock()
        for number in range(first.blockNumber(), last.blockNumber() + 1):
            block = document.findBlockByNumber(number)
            edit.setPosition(block.position())
            if deeper:
                edit.insertText(" " * INDENT)
            else:
                blanks = len(block.text()) - len(block.text().lstrip(" "))
                for _ in range(min(INDENT, blanks)):
                    edit.deleteChar()
        edit.endEditBlock()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(inside.left(), inside.top(), self.numbers_width(), inside.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._apply_theme()

    def _apply_theme(self) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)
        self._show_mark()

    def _show_mark(self) -> None:
        marks = []
        if self.marked_line:
            selection = QTextEdit.ExtraSelection()
            selection.format.setBackground(QColor(theme.colors(self.palette()).error_fill))
            selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            selection.cursor = QTextCursor(self.document().findBlockByNumber(self.marked_line - 1))
            marks.append(selection)
        self.setExtraSelections(marks)
        self._numbers.update()

    @Slot(int)
    def _on_block_count_changed(self, count: int) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)

    @Slot(QRect, int)
    def _on_update_request(self, area: QRect, moved: int) -> None:
        if moved:
            self._numbers.scroll(0, moved)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
