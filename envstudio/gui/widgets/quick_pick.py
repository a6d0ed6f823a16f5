"""The popup in which one types a few letters and picks: the command palette and Go to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from envstudio.gui.look import theme
from envstudio.gui.widgets.label import Label

MAX_SHOWN = 100
WIDTH, HEIGHT = 560, 400
LONGER = re.compile(r"[\w.-]")
"""What continues a name behind its beginning."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick: its text, a muted note at the right, an icon's name, and what picking does."""

    text: str
    note: str
    icon: str
    pick: Callable[[], object]


def score(wanted: str, text: str) -> int | None:
    """Rate how well letters typed match a text, lower is better; None if they do not all occur in order.

    A whole name is better than the beginning of a longer one, so that name:1 is not name:12.
    """
    wanted, text = wanted.lower(), text.lower()
    found = text.find(wanted)
    if found >= 0:
        begins = found == 0 or not text[found - 1].isalnum()
        return found + (0 if begins else 10) + _goes_on(text, found + len(wanted))
    position, gaps = -1, 100
    for letter in wanted:
        following = text.find(letter, position + 1)
        if following < 0:
            return None
        gaps += following - position - 1
        position = following
    return gaps + _goes_on(text, position + 1)


def _goes_on(text: str, end: int) -> int:
    """Return 1 if what was typed is but the beginning of a name."""
    return 0 if LONGER.match(text, end) is None else 1


class ChoiceModel(QAbstractListModel):
    """The choices that match, best first."""

    def __init__(self, choices: Sequence[Choice], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = choices
        self.shown: Sequence[Choice] = choices[:MAX_SHOWN]

    def add(self, choices: Sequence[Choice]) -> None:
        """Offer more, after those that there are; `filter` has to be called for them to be seen."""
        self._all = [*self._all, *choices]

    def filter(self, text: str) -> None:
        """Keep the choices that match the letters typed."""
        self.beginResetModel()
        wanted = "".join(text.split())
        rated = ((score(wanted, choice.text), position) for position, choice in enumerate(self._all))
        best = sorted((rate, position) for rate, position in rated if rate is not None)
        self.shown = [self._all[position] for _, position in best[:MAX_SHOWN]]
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        choice = self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{choice.text}, {choice.note}" if choice.note else choice.text
        if role == Qt.ItemDataRole.UserRole:
            return choice
        return None


class ChoiceDelegate(QStyledItemDelegate):
    """Draws icon, text, and the note at the right."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        choice: Choice = index.data(Qt.ItemDataRole.UserRole)
        chosen = theme.colors(option.palette)
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        area = option.rect.adjusted(12, 0, -12, 0)
        icon: QIcon = theme.icon(choice.icon, chosen.muted)
        icon.paint(painter, QRect(area.left(), area.center().y() - 7, 16, 16))
        painter.setPen(option.palette.placeholderText().color())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), choice.note)
        area.adjust(28, 0, -option.fontMetrics.horizontalAdvance(choice.note) - 16, 0)
        painter.setPen(option.palette.text().color())
        text = option.fontMetrics.elidedText(choice.text, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, theme.ROW_HEIGHT)


class QuickPick(QFrame):
    """A line to type in over a list; Enter picks, Escape goes back to where one was."""

    def __init__(self, title: str, hint: str, choices: Sequence[Choice], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._window = parent.window()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(title)
        self.setProperty("popup", True)
        self.edit = QLineEdit(placeholderText=hint)
        self.edit.setAccessibleName(title)
        self.edit.textChanged.connect(self._on_edit_text_changed)
        self.edit.returnPressed.connect(self._on_edit_return_pressed)
        self.edit.installEventFilter(self)
        self.model = ChoiceModel(choices, self)
        self.view = QListView(uniformItemSizes=True)
        self.view.setAccessibleName(f"{title}: matches")
        self.view.setModel(self.model)
        self.view.setItemDelegate(ChoiceDelegate(self.view))
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.clicked.connect(self._on_view_clicked)
        self._nothing = Label("Nothing matches.", alignment=Qt.AlignmentFlag.AlignCenter)
        self._nothing.hide()
        self._nothing.setProperty("tone", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.edit)
        layout.addWidget(self.view, 1)
        layout.addWidget(self._nothing, 1)
        self._select(0)

    def add(self, choices: Sequence[Choice]) -> None:
        """Offer more; what is chosen stays so."""
        row = self.view.currentIndex().row()
        self.model.add(choices)
        self._on_edit_text_changed(self.edit.text())
        self._select(row)

    def popup(self) -> None:
        """Open near the top of the window."""
        window = self._window
        corner = window.mapToGlobal(window.rect().topLeft())
        left = corner.x() + (window.width() - WIDTH) // 2
        self.setGeometry(left, corner.y() + 72, WIDTH, HEIGHT)
        self.show()
        self.edit.setFocus()

    def _select(self, row: int) -> None:
        self.view.setCurrentIndex(self.model.index(max(0, min(row, self.model.rowCount() - 1))))

    @Slot(str)
    def _on_edit_text_changed(self, text: str) -> None:
        self.model.filter(text)
        self._nothing.setVisible(not self.model.shown)
        self.view.setVisible(bool(self.model.shown))
        self._select(0)

    @Slot()
    def _on_edit_return_pressed(self) -> None:
        self._pick(self.view.currentIndex())

    @Slot(QModelIndex)
    def _on_view_clicked(self, index: QModelIndex) -> None:
        self._pick(index)

    def _pick(self, index: QModelIndex) -> None:
        if index.isValid():
            choice: Choice = index.data(Qt.ItemDataRole.UserRole)
            self.close()
            choice.pick()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
            if event.key() in moves:
                self._select(self.view.currentIndex().row() + moves[Qt.Key(event.key())])
                return True
        return super().eventFilter(watched, event)
