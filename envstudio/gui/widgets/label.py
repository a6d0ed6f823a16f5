"""Labels and tips that show text as it is: Qt takes what looks like HTML for HTML unless it is told otherwise."""

from __future__ import annotations

from typing import Any, overload

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QLabel


class Label(QLabel):
    """A label of plain text. One whose markup is ours says so: `textFormat=Qt.TextFormat.RichText`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"textFormat": Qt.TextFormat.PlainText, **kwargs})


@overload
def plain_tip(text: str) -> str: ...


@overload
def plain_tip(text: None) -> None: ...


@overload
def plain_tip(text: str | None) -> str | None: ...


def plain_tip(text: str | None) -> str | None:
    """Return a text for a tip, whose format cannot be chosen: one that Qt would take for HTML is escaped."""
    return GuiQt.convertFromPlainText(text) if text and GuiQt.mightBeRichText(text) else text
