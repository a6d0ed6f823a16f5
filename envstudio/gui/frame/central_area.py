"""What is between toolbar and status bar: the browser, the tabs with a notice above them, and the console below."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from envstudio.gui.browser.panel import BrowserPanel
from envstudio.gui.console.console_panel import ConsolePanel
from envstudio.gui.console.header import HEADER_HEIGHT
from envstudio.gui.frame.environment_tabs import EnvironmentTabs
from envstudio.gui.frame.first_look import WIDTHS
from envstudio.gui.frame.welcome import WelcomePage
from envstudio.gui.model.session import Session
from envstudio.gui.pages.actions import Actions
from envstudio.gui.widgets.banner import Banner
from envstudio.library import EnvironmentInfo

CONSOLE_HEIGHT = 256


class CentralArea(QSplitter):
    """Knows how its parts share the room. What they request is the window's to do."""

    def __init__(self, session: Session, actions: Actions, infos: Iterable[EnvironmentInfo] | None) -> None:
        """Show a session; `infos` are the library's environments if they were read already."""
        super().__init__(Qt.Orientation.Vertical, handleWidth=1, childrenCollapsible=False)
        self.browser = BrowserPanel(session, actions, infos)
        self.browser.setMinimumWidth(200)
        self.tabs = EnvironmentTabs(session)
        self.welcome = WelcomePage(session, actions, self.browser.model.infos)
        self.browser.curated_added.connect(self.welcome.look_again)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.tabs)
        self.notice = Banner()
        self.console = ConsolePanel(session)
        centre = QWidget()
        box = QVBoxLayout(centre)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.notice)
        box.addWidget(self.stack, 1)
        self.upper = QSplitter(handleWidth=1, childrenCollapsible=False)
        self.upper.addWidget(self.browser)
        self.upper.addWidget(centre)
        self.upper.setStretchFactor(1, 1)
        self.upper.setSizes(WIDTHS)
        self.addWidget(self.upper)
        self.addWidget(self.console)
        self.setStretchFactor(0, 1)
        self.setSizes([580, 240])
        self.console_folded = True
        self.console_height = CONSOLE_HEIGHT

    def show_open(self) -> None:
        """Show the tabs, or the welcome page while there is none."""
        self.stack.setCurrentWidget(self.tabs if self.tabs.count() else self.welcome)

    def fold_console(self, folded: bool) -> None:
        """Fold the console to its header, or unfold it to the height that it had."""
        if folded != self.console_folded:
            self.console_height = self.unfolded_height()
            self.console_folded = folded
        self.console.set_folded(folded)
        total = sum(self.sizes()) or self.window().height()
        height = HEADER_HEIGHT if folded else self.console_height
        self.setSizes([total - height, height])

    def unfolded_height(self) -> int:
        """Return how high the console is, or was before it was folded."""
        return self.console_height if self.console_folded else self.sizes()[1]
