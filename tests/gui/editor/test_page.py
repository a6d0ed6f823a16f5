"""What every page of an environment keeps to: its signals, and that it follows the theme once it is made."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLabel

from envstudio.errors import Act, Remedy
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.frame.page_commands import PAGES
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page


class Slow(Page):
    """Hears of another palette while it is being made."""

    def __init__(self, session: Session, document: Document) -> None:
        super().__init__(session, document)
        self.themes = 0
        QApplication.sendEvent(self, QEvent(QEvent.Type.PaletteChange))
        self.label = QLabel(self)
        self.follow_theme()

    def apply_theme(self) -> None:
        self.label.setText("tinted")
        self.themes += 1


def test_a_page_takes_no_colours_before_it_is_made(window: MainWindow) -> None:
    view = window.open_environment("churn-train")
    page = Slow(window.session, view.document)
    assert page.themes == 1
    QApplication.sendEvent(page, QEvent(QEvent.Type.PaletteChange))
    assert page.themes == 2
    page.deleteLater()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_follows_the_theme(window: MainWindow, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    page = window.open_environment("churn-train").page(name)
    messages: list[Page] = []
    monkeypatch.setattr(type(page), "apply_theme", lambda self: messages.append(self))
    QApplication.sendEvent(page, QEvent(QEvent.Type.PaletteChange))
    assert messages == [page]


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_wishes_reaches_the_window(window: MainWindow, name: str) -> None:
    view = window.open_environment("churn-train")
    messages: list[tuple[object, ...]] = []
    for signal in (view.command_requested, view.log_requested, view.remedy_requested):
        signal.disconnect()
        signal.connect(lambda *facts: messages.append(facts))
    page = view.page(name)
    page.command_requested.emit("lock")
    page.log_requested.emit(None)
    page.remedy_requested.emit(Remedy(Act.EDIT_IMAGE), "churn-train")
    assert messages == [("lock",), (None,), (Remedy(Act.EDIT_IMAGE), "churn-train")]
