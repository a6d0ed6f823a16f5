"""A row of short labels that shows as many as there is room for, so that they never widen the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from envstudio.gui.widgets.label import plain_tip

SPACING = 4


class FittingRow(QWidget):
    """Lays its widgets out itself; those that do not fit are named in its tip."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.widgets: list[QWidget] = []

    def set_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Show these instead of those before; each has a text."""
        for widget in self.widgets:
            widget.hide()
            widget.deleteLater()
        self.widgets = list(widgets)
        for widget in self.widgets:
            widget.setParent(self)
        self._fit()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        hints = [widget.sizeHint() for widget in self.widgets]
        return QSize(sum(hint.width() + SPACING for hint in hints), max((hint.height() for hint in hints), default=0))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            # Another font or stylesheet has given the labels other sizes; the layout that this row is in may have
            # been asked before them.
            self._fit()
            self.updateGeometry()
        return super().event(event)

    def _fit(self) -> None:
        left = 0
        hidden: list[str] = []
        for widget in self.widgets:
            hint = widget.sizeHint()
            fits = not hidden and left + hint.width() <= self.width()
            widget.setGeometry(left, (self.height() - hint.height()) // 2, hint.width(), hint.height())
            widget.setVisible(fits)
            left += hint.width() + SPACING
            if not fits:
                hidden.append(str(widget.property("text")))
        self.setToolTip(plain_tip("\n".join(hidden)))
