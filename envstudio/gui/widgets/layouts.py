"""Rows and columns with the distances that they need; all of them are multiples of 4 px."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout

Margins = tuple[int, int, int, int]


def make_row(spacing: int = 8, margins: Margins = (0, 0, 0, 0)) -> QHBoxLayout:
    """Return a row. Margins are left, top, right, bottom."""
    layout = QHBoxLayout()
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    return layout


def make_column(spacing: int = 8, margins: Margins = (0, 0, 0, 0)) -> QVBoxLayout:
    """Return a column. Margins are left, top, right, bottom."""
    layout = QVBoxLayout()
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    return layout


def clear_from(layout: QLayout, position: int) -> None:
    """Remove the widgets of a layout from a position on."""
    while (item := layout.takeAt(position)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
