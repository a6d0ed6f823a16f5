"""The guide in the window: F1 shows the page of what is shown, and links are followed without a network."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from envstudio import paths
from envstudio.gui.frame.guide_page import FIRST, TOPIC_OF, GuidePage
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.frame.tool_tabs import DOCTOR, SETTINGS
from envstudio.gui.look import theme
from envstudio.tasks.help import CODES, TOPICS, topic_pages


def press_f1(window: MainWindow) -> GuidePage:
    QTest.keySequence(window, QKeySequence("F1"))
    page = window.tabs.currentWidget()
    assert isinstance(page, GuidePage)
    return page


def test_f1_shows_the_page_of_what_is_shown(window: MainWindow) -> None:
    assert press_f1(window).topic == FIRST
    window.show_settings()
    assert press_f1(window).topic == "behind-a-proxy"
    view = window.open_environment("churn-train")
    view.show_history()
    assert press_f1(window).topic == "comparing"
    assert press_f1(window).topic == "comparing"
    window.open_environment("churn-train").show_lock()
    page = press_f1(window)
    assert page.topic == "packages-and-locks"
    assert page.text.toPlainText().startswith(topic_pages()["packages-and-locks"].title)
    assert page.topics.currentItem().text() == topic_pages()["packages-and-locks"].title
    assert sum(isinstance(window.tabs.widget(index), GuidePage) for index in range(window.tabs.count())) == 1


def test_every_screen_has_a_topic() -> None:
    assert TOPIC_OF.keys() == {*PAGES, SETTINGS, DOCTOR}
    assert set(TOPIC_OF.values()) <= set(TOPICS)


@pytest.mark.parametrize("topic", [*TOPICS, CODES])
def test_links_are_followed(qtbot: QtBot, topic: str) -> None:
    page = GuidePage()
    qtbot.addWidget(page)
    page.show_topic(topic)
    assert page.text.toPlainText()
    assert page.topics.currentItem() is not None
    links = re.findall(r"\]\(([a-z-]+)\.md\)", paths.resource("help", f"{topic}.md").read_text("utf-8"))
    for link in links:
        page.show_topic(topic)
        page.text.setSource(page.text.source().resolved(QUrl(f"{link}.md")))
        assert page.topic == link
        assert page.text.toPlainText().startswith(topic_pages()[link].title)


def test_a_topic_is_chosen_from_the_list(qtbot: QtBot) -> None:
    page = GuidePage()
    qtbot.addWidget(page)
    page.show_topic(FIRST)
    page.topics.setCurrentRow(TOPICS.index("formats"))
    assert page.topic == "formats"
    page.text.backward()
    assert page.topic == FIRST
    assert page.topics.currentRow() == TOPICS.index(FIRST)


def test_a_link_is_followed_by_the_keyboard(qtbot: QtBot) -> None:
    page = GuidePage()
    qtbot.addWidget(page)
    page.show()
    page.show_topic("comparing")
    page.text.setFocus()
    QTest.keySequence(page.text, QKeySequence("Tab"))
    QTest.keySequence(page.text, QKeySequence("Return"))
    assert page.topic == "json"


def test_a_guide_is_there_again_after_a_restart(window: MainWindow) -> None:
    press_f1(window)
    assert (0, "guide") in window.tools.positions()
    window.tools.close(window.tabs.currentWidget())
    window.tools.open_at(0, "guide")
    assert isinstance(window.tabs.widget(0), GuidePage)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_code_has_a_ground_of_its_own_in_each_theme(qapp: QApplication, window: MainWindow, name: str) -> None:
    theme.apply(qapp, name)
    page = window.show_guide()
    page.show_topic("behind-a-proxy")
    document = page.text.document()
    blocks = [document.findBlockByNumber(number) for number in range(document.blockCount())]
    code = [block for block in blocks if block.blockFormat().nonBreakableLines()]
    assert code
    colors = theme.colors(page.text.palette())
    assert {block.blockFormat().background().color().name() for block in code} == {colors.window}
    assert colors.window != colors.base
