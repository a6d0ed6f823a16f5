"""The title of a group of fields, and a sentence about it."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout

from envstudio.gui.widgets.label import Label


def add_form_heading(form: QFormLayout, text: str, note: str = "") -> None:
    """Add the title of a group to `form`, and a muted sentence about it."""
    label = Label(text)
    label.setContentsMargins(0, 12, 0, 0)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    form.addRow(label)
    if note:
        note_label = Label(note)
        note_label.setProperty("tone", "muted")
        form.addRow(note_label)
