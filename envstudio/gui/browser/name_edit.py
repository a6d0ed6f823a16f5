"""The field in which an environment is renamed in its row: it says while one types why a name will not do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Slot
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from envstudio.domain.reference import checked_name
from envstudio.errors import InvalidInput
from envstudio.gui.look.error_text import message_of
from envstudio.gui.widgets.label import plain_tip


class NameEdit(QLineEdit):
    """`reason` is empty if the name will do."""

    def __init__(self, taken: Callable[[str], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._taken = taken
        self.reason = ""
        self.setProperty("cell", True)
        self.setAccessibleName("New name")
        self.textChanged.connect(self._on_text_changed)

    def tell(self) -> None:
        """Show the reason below the field."""
        QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), plain_tip(self.reason), self)

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        name = text.strip()
        self.reason = _reason(name, taken=self._taken(name))
        self.setProperty("invalid", bool(self.reason))
        self.setAccessibleDescription(self.reason)
        self.style().unpolish(self)
        self.style().polish(self)
        self.tell() if self.reason else QToolTip.hideText()


def _reason(name: str, *, taken: bool) -> str:
    """Return why a name will not do; nothing typed leaves the name as it is."""
    if taken:
        return f"An environment named {name!r} already exists. Choose another name."
    try:
        checked_name(name) if name else None
    except InvalidInput as error:
        return message_of(error)
    return ""
