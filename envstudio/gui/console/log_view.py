"""A log as text: only what is seen is laid out, so that its length costs nothing.

It follows the end until the user scrolls up. Text is selected by mouse, Shift+arrow keys and Ctrl+A.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QWidget

from envstudio.gui.console.log_lines import LogLines
from envstudio.gui.console.log_painter import MARGIN, LogPainter, Mark, columns_of
from envstudio.gui.console.log_selection import LogSelection, Position
from envstudio.gui.look import theme
from envstudio.report import Line

FOCUS = 2
"""How wide the line is at the left that says that keys go here."""
MAX_FOUND = 10_000
DRAG_MILLISECONDS = 40
TELL_MILLISECONDS = 250
"""How long after the last change the lines that are seen are told to a screen reader."""


class LogView(QAbstractScrollArea):
    """Shows a `LogLines`. `following_changed` says whether it keeps to the end."""

    following_changed = Signal(bool)
    found_changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("surface", "base")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.lines = LogLines()
        self.following = True
        self.wanted = ""
        self.found: list[int] = []
        self.current = -1
        self.marked = -1
        self.selection = LogSelection()
        self._setting = False
        self._drag = QTimer(self, interval=DRAG_MILLISECONDS)
        self._drag.timeout.connect(self._on_drag_timeout)
        self._tell = QTimer(self, interval=TELL_MILLISECONDS, singleShot=True)
        self._tell.timeout.connect(self._on_tell_timeout)
        self.verticalScrollBar().valueChanged.connect(self._on_vertical_scroll_bar_value_changed)
        self.take_font(self.font())

    def take_font(self, font: QFont) -> None:
        """Draw in a font of fixed width."""
        self.painter = LogPainter(font)
        self._fit()

    # Lines

    def load(self, lines: LogLines) -> None:
        """Show other lines, from their end."""
        self.lines = lines
        self.selection = LogSelection((lines.end, 0))
        self.marked = -1
        self._look(lines.first)
        self._fit()
        self.follow()

    def append(self, lines: list[Line]) -> None:
        """Add lines at the end; the view moves only if it follows."""
        start = self.lines.end
        dropped = self.lines.extend(lines)
        if dropped and self.found:
            self.found = [number for number in self.found if number >= self.lines.first]
        if self.wanted:
            self._look(start)
        bar = self.verticalScrollBar()
        self._setting = True
        if dropped and not self.following:
            bar.setValue(max(0, bar.value() - dropped))
        self._setting = False
        self._fit()
        if self.following:
            self._scroll(bar.maximum())
        self.viewport().update()

    def toPlainText(self) -> str:
        """Return all lines that are kept, as a text edit does."""
        return self.lines.text()

    def visible_text(self) -> str:
        """Return the lines that are seen, which is what a screen reader reads."""
        top = self.lines.first + self.verticalScrollBar().value()
        count = max(1, self.viewport().height() // self.painter.height)
        return "\n".join(self.lines.shown(number) for number in range(top, min(top + count, self.lines.end)))

    @Slot()
    def _on_tell_timeout(self) -> None:
        self.setAccessibleDescription(self.visible_text())
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _fit(self) -> None:
        """Give the bars the range of the lines."""
        page = max(1, self.viewport().height() // self.painter.height)
        self._setting = True
        self.verticalScrollBar().setRange(0, max(0, len(self.lines) - page))
        self.verticalScrollBar().setPageStep(page)
        width = int(self._gutter() + (self.lines.longest + 2) * self.painter.width) + MARGIN
        self.horizontalScrollBar().setRange(0, max(0, width - self.viewport().width()))
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self.horizontalScrollBar().setSingleStep(int(self.painter.width * 4))
        self._setting = False

    def _gutter(self) -> float:
        return self.painter.gutter(self.lines.end)

    def _scroll(self, value: int) -> None:
        self._setting = True
        self.verticalScrollBar().setValue(value)
        self._setting = False

    def follow(self) -> None:
        """Go to the end and keep to it."""
        self._scroll(self.verticalScrollBar().maximum())
        self._set_following(True)
        self.viewport().update()

    def _set_following(self, following: bool) -> None:
        if following != self.following:
            self.following = following
            self.following_changed.emit(following)

    @Slot(int)
    def _on_vertical_scroll_bar_value_changed(self, value: int) -> None:
        if not self._setting:
            self._set_following(value >= self.verticalScrollBar().maximum())

    def show_line(self, number: int, *, mark: bool = True) -> None:
        """Bring a line to the middle of the view, and mark it."""
        if not self.lines.first <= number < self.lines.end:
            return
        self.marked = number if mark else self.marked
        page = self.verticalScrollBar().pageStep()
        self._set_following(False)
        self._scroll(max(0, number - self.lines.first - page // 2))
        self.viewport().update()

    # Finding

    def look_for(self, text: str) -> None:
        """Mark every line that holds a text; the last one that is seen, or the first after it, becomes the current."""
        self.wanted, self.found, self.current = text, [], -1
        self._look(self.lines.first)
        if self.found:
            top = self.lines.first + self.verticalScrollBar().value()
            self._go(next((position for position, number in enumerate(self.found) if number >= top), 0))
        self.viewport().update()

    def _look(self, start: int) -> None:
        if start <= self.lines.first:
            self.found = []
        if self.wanted:
            for number in self.lines.matching(self.wanted, start):
                if len(self.found) >= MAX_FOUND:
                    break
                self.found.append(number)
        self.found_changed.emit()

    def step(self, forward: bool) -> None:
        """Go to the next line that was found or the one before, round the end."""
        if self.found:
            here = next((position for position, number in enumerate(self.found) if number >= self.current), 0)
            self._go((here + (1 if forward else -1)) % len(self.found))

    def _go(self, position: int) -> None:
        self.current = self.found[position]
        self.show_line(self.current, mark=False)
        self.found_changed.emit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        # What is seen has changed; a worker that talks without a pause is followed now and then, not never.
        if not self._tell.isActive():
            self._tell.start()
        painter = QPainter(self.viewport())
        painter.setFont(self.painter.font)
        chosen = theme.colors(self.palette())
        painter.fillRect(event.rect(), QColor(chosen.base))
        top = self.lines.first + self.verticalScrollBar().value()
        count = self.viewport().height() // self.painter.height + 1
        gutter = self._gutter()
        left = gutter - self.horizontalScrollBar().value()
        for row, number in enumerate(range(top, min(top + count, self.lines.end))):
            area = self.painter.area(row, self.viewport().width())
            if number in (self.marked, self.current):
                painter.fillRect(area, QColor(chosen.error_fill if number == self.marked else chosen.info_fill))
            painter.setClipRect(QRectF(gutter, area.top(), area.width() - gutter, area.height()))
            self.painter.draw_line(painter, self.lines.line(number), area, left, self._marks(number, chosen), chosen)
            painter.setClipping(False)
            self.painter.draw_number(painter, number, area, gutter, chosen)
        if self.hasFocus():
            painter.fillRect(0, 0, FOCUS, self.viewport().height(), QColor(chosen.accent))
        painter.end()

    def _marks(self, number: int, chosen: theme.Colors) -> list[Mark]:
        """Return the columns that are found or selected."""
        text = self.lines.shown(number)
        found = columns_of(self.wanted, text) if self.wanted else ()
        marks = [(chosen.warning_fill, columns) for columns in found]
        selected = self.selection.columns(number, len(text))
        return [*marks, (chosen.selected, selected)] if selected else marks

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # Selecting

    def selected_text(self) -> str:
        """Return what is selected and still kept."""
        return self.selection.text(self.lines)

    def select_all(self) -> None:
        """Select all lines that are kept."""
        last = self.lines.end - 1
        first = (self.lines.first, 0)
        self.selection.take(first, (last, len(self.lines.shown(last))) if len(self.lines) else first)
        self.viewport().update()

    def copy(self) -> None:
        """Copy what is selected."""
        text = self.selected_text()
        if text:
            QGuiApplication.clipboard().setText(text)

    def _position(self, point: QPoint) -> Position:
        row = self.verticalScrollBar().value() + self.painter.row_at(point.y())
        number = max(self.lines.first, min(self.lines.first + row, self.lines.end - 1))
        left = point.x() - self._gutter() + self.horizontalScrollBar().value()
        length = len(self.lines.shown(number)) if len(self.lines) else 0
        return number, max(0, min(round(left / self.painter.width), length))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and len(self.lines):
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.selection.move(self._position(event.position().toPoint()), extend=extend)
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and len(self.lines):
            self.selection.move(self._position(event.position().toPoint()), extend=True)
            outside = not self.viewport().rect().contains(event.position().toPoint())
            self._drag.start() if outside else self._drag.stop()
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag.stop()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if len(self.lines):
            number, _ = self._position(event.position().toPoint())
            self.selection.take((number, 0), (number, len(self.lines.shown(number))))
            self.viewport().update()

    @Slot()
    def _on_drag_timeout(self) -> None:
        """Go on scrolling while text is selected beyond the edge."""
        point = self.viewport().mapFromGlobal(self.cursor().pos())
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + (-1 if point.y() < 0 else 1 if point.y() > self.viewport().height() else 0))
        self.selection.move(self._position(point), extend=True)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar, key = self.verticalScrollBar(), event.key()
        step = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -bar.pageStep(),
            Qt.Key.Key_PageDown: bar.pageStep(),
            Qt.Key.Key_Home: -len(self.lines),
            Qt.Key.Key_End: len(self.lines),
        }.get(Qt.Key(key), 0)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif step and event.modifiers() & Qt.KeyboardModifier.ShiftModifier and len(self.lines):
            number = max(self.lines.first, min(self.selection.caret[0] + step, self.lines.end - 1))
            self.selection.move((number, len(self.lines.shown(number)) if step > 0 else 0), extend=True)
            self.viewport().update()
        elif step:
            bar.setValue(bar.value() + step)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", self.copy).setEnabled(bool(self.selected_text()))
        menu.addAction("Select all", self.select_all)
        menu.popup(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        if self.following:
            self._scroll(self.verticalScrollBar().maximum())
