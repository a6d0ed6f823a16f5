"""The options of the next lock beyond the definition: pins, a day after which nothing counts, and no network."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from envstudio.domain.requirement import conda_requirement
from envstudio.errors import InvalidInput
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.chips import ChipsBar
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.tasks.lock import LockOptions

DAY_WIDTH = 112
NO_DAY = "{!r} is not a date. Write it as 2026-01-31."


class LockOptionsRow(QWidget):
    """A row of fields. The session keeps what is in them for each environment, for every way of locking it."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._document = session, document
        self.setProperty("surface", "base")
        self.setProperty("line", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.pins = ChipsBar("pin", "openssl<3.1")
        self.pins.setToolTip("A pin holds for a package wherever it comes from, without requesting it")
        self.pins.add_requested.connect(self._on_pins_add_requested)
        self.pins.remove_requested.connect(self._on_pins_remove_requested)
        self.until = QLineEdit(placeholderText="2026-01-31", clearButtonEnabled=True)
        self.until.setAccessibleName("Ignore packages published after")
        self.until.setFixedWidth(DAY_WIDTH)
        self.until.textChanged.connect(self._on_until_text_changed)
        self.offline = QCheckBox("Offline")
        self.offline.setToolTip("Use only what is cached")
        self.offline.toggled.connect(self._on_offline_toggled)
        row = make_row(8, (16, 6, 16, 6))
        for text, tip, field in (
            ("Next lock:  pins", self.pins.toolTip(), self.pins),
            ("Nothing newer than", "Packages published after this day are ignored", self.until),
        ):
            label = Label(text)
            label.setProperty("tone", "muted")
            label.setToolTip(tip)
            row.addWidget(label)
            row.addWidget(field)
            row.addSpacing(12)
        row.addWidget(self.offline)
        row.addStretch(1)
        self.reason = Label()
        self.reason.setProperty("tone", "error")
        row.addWidget(self.reason)
        self.setLayout(row)
        options = self._options()
        self.until.setText(options.exclude_newer)
        self.offline.setChecked(options.offline)
        self.pins.set_texts(options.pins)

    def _options(self) -> LockOptions:
        return self._session.lock_options(self._document.name)

    def _put(self, options: LockOptions) -> None:
        self._session.keep_lock_options(self._document.name, options)

    def _say(self, reason: str) -> None:
        self.reason.setText(reason)

    @Slot(str)
    def _on_pins_add_requested(self, text: str) -> None:
        try:
            conda_requirement(text)
        except InvalidInput as error:
            self._say(message_of(error))
            self.pins.refuse(text, self.reason.text())
            return
        self._say("")
        self._put_pins((*self._options().pins, text))

    @Slot(str)
    def _on_pins_remove_requested(self, text: str) -> None:
        self._put_pins(tuple(pin for pin in self._options().pins if pin != text))

    def _put_pins(self, pins: tuple[str, ...]) -> None:
        self._put(replace(self._options(), pins=tuple(dict.fromkeys(pins))))
        self.pins.set_texts(self._options().pins)

    @Slot(str)
    def _on_until_text_changed(self, text: str) -> None:
        wanted = text.strip()
        reason = "" if not wanted or _is_day(wanted) else NO_DAY.format(wanted)
        self.until.setProperty("invalid", bool(reason))
        self.until.setAccessibleDescription(reason)
        self.until.style().unpolish(self.until)
        self.until.style().polish(self.until)
        self._say(reason)
        self._put(replace(self._options(), exclude_newer="" if reason else wanted))

    @Slot(bool)
    def _on_offline_toggled(self, wanted: bool) -> None:
        self._put(replace(self._options(), offline=wanted))


def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
