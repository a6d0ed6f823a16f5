"""What an empty place says is seen whole, however wide the text runs in the font of the user."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from envstudio.gui.locks.lock_page import MISSING
from envstudio.gui.widgets.empty_page import EmptyPage


@pytest.mark.parametrize("points", [8, 10, 13, 16])
def test_no_line_is_cut_off(qtbot: QtBot, points: int) -> None:
    page = EmptyPage("lock", "Not locked yet", MISSING, ("Lock now", list))
    qtbot.addWidget(page)
    page.text.setFont(QFont(page.font().family(), points))
    page.resize(900, 600)
    page.show()
    qtbot.waitExposed(page)
    assert page.text.height() >= page.text.heightForWidth(page.text.width())
    assert page.rect().contains(page.buttons[0].geometry())
