"""The text of a field of several lines, character by character."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit


def whole_text(edit: QPlainTextEdit) -> str:
    """Return the text as it is; Qt's own makes blanks of no-break spaces, and new lines of line separators."""
    return edit.document().toRawText().replace("\u2029", "\n")
