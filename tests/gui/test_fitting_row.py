"""A row of labels that shows as many as there is room for."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from envstudio.gui.widgets.fitting_row import FittingRow


def test_the_row_is_as_high_as_its_labels_when_these_are_styled_anew(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    row = FittingRow()
    layout = QHBoxLayout(window)
    layout.addWidget(row)
    label = QLabel("prod → v6", row)
    row.set_widgets([label])
    window.resize(400, 200)
    window.show()
    qtbot.waitUntil(lambda: row.height() == label.sizeHint().height())
    label.setStyleSheet("padding: 9px")
    qtbot.waitUntil(lambda: row.height() == label.sizeHint().height())
    assert row.rect().contains(label.geometry())


def test_labels_styled_while_the_row_is_hidden_fit_when_it_is_shown(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    row = FittingRow()
    layout = QHBoxLayout(window)
    layout.addWidget(row)
    label = QLabel("prod → v6", row)
    row.set_widgets([label])
    window.resize(400, 200)
    window.show()
    qtbot.waitUntil(lambda: row.height() == label.sizeHint().height())
    row.hide()
    label.setStyleSheet("padding: 9px")
    row.show()
    qtbot.waitUntil(lambda: row.height() == label.sizeHint().height())
    assert row.rect().contains(label.geometry())
