"""The way of Tab: as one reads, and once around the window.

Qt's own order is that in which widgets were made, which pages that come and go do not keep; if a page hands its
focus to a table that was made before it, Qt goes round in a circle there.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QWidget,
)

WHOLE = (QAbstractButton, QComboBox, QHeaderView, QLineEdit, QMenuBar, QPlainTextEdit)
"""What is one stop, whatever parts Qt has put into it."""


def step(window: QWidget, *, forward: bool) -> bool:
    """Give the focus to the next control or the one before; return whether there is one."""
    order = list(stops(window))
    here: QWidget | None = window.focusWidget()
    while here is not None and here not in order and here is not window:
        here = here.parentWidget()
    if not order:
        return False
    before = order.index(here) if here in order else -1 if forward else 0
    position = before + (1 if forward else -1)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    order[position % len(order)].setFocus(reason)
    return True


def stops(widget: QWidget) -> Iterator[QWidget]:
    """Yield the controls in a widget at which Tab stops, from the left and from the top."""
    for child in _as_read(widget):
        if _is_stop(child):
            yield child
        if not isinstance(child, WHOLE):
            yield from stops(child)


def _as_read(widget: QWidget) -> list[QWidget]:
    """Return the visible parts of a widget, row by row."""
    parts = [
        child
        for child in widget.children()
        if isinstance(child, QWidget) and not child.isWindow() and child.isVisible() and child.isEnabled()
    ]
    rows: list[list[QWidget]] = []
    for part in sorted(parts, key=lambda part: part.y()):
        area = part.geometry()
        if rows and area.top() < rows[-1][0].geometry().center().y():
            rows[-1].append(part)
        else:
            rows.append([part])
    return [part for row in rows for part in sorted(row, key=lambda part: part.x())]


def _is_stop(widget: QWidget) -> bool:
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    if group is not None and group.exclusive() and group.checkedButton() is not None:
        # Within a group one goes by the arrow keys; Qt lets Tab stop at the button that had the focus last.
        return group.checkedButton() is widget
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
