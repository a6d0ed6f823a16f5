"""A row of labels that shows as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from envstudio.gui.widgets.fitting_row import FittingRow


@pytest.fixture
def row(qtbot: QtBot) -> Iterator[FittingRow]:
    """Show a window that holds a row with one label, as high as that."""
    window = QWidget()
    qtbot.addWidget(window)
    made = FittingRow()
    QHBoxLayout(window).addWidget(made)
    made.set_widgets([QLabel("prod → v6", made)])
    window.resize(400, 200)
    window.show()
    qtbot.waitUntil(lambda: fits(made))
    yield made
    window.close()


def fits(row: FittingRow) -> bool:
    label = row.widgets[0]
    return row.height() == label.sizeHint().height() and row.rect().contains(label.geometry())


def test_the_row_is_as_high_as_its_labels_when_these_are_styled_anew(qtbot: QtBot, row: FittingRow) -> None:
    row.widgets[0].setStyleSheet("padding: 9px")
    qtbot.waitUntil(lambda: fits(row))


def test_labels_styled_while_the_row_is_hidden_fit_when_it_is_shown(qtbot: QtBot, row: FittingRow) -> None:
    row.hide()
    row.widgets[0].setStyleSheet("padding: 9px")
    row.show()
    qtbot.waitUntil(lambda: fits(row))
