"""The tabs in the middle: one for each open environment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QTabWidget

from envstudio.domain.reference import CURATED
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from envstudio.gui.frame.environment_view import EnvironmentView


class EnvironmentTabs(QTabWidget):
    """Tabs of tools stand between them (`ToolTabs`). `close_requested` names an environment.

    `pages` is what Qt keeps the contents of all tabs in.
    """

    close_requested = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(documentMode=True, movable=True)
        self._session = session
        self._opened: list[EnvironmentView] = []
        # A view made where it will stand is not moved there with all that it holds, which takes Qt as long again.
        stack = self.findChild(QStackedWidget)
        assert stack is not None
        self.pages = stack
        bar = self.tabBar()
        bar.setProperty("kind", "documents")
        bar.setExpanding(False)
        bar.setDrawBase(False)
        bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        bar.setAccessibleName("Open environments")

    def current_view(self) -> EnvironmentView | None:
        """Return the environment that is shown."""
        widget = self.currentWidget()
        return next((view for view in self._opened if view is widget), None)

    def views(self) -> list[EnvironmentView]:
        """Return all open environments, in the order of the tabs."""
        return sorted(self._opened, key=self.indexOf)

    def view_of(self, name: str) -> EnvironmentView | None:
        """Return the tab of an environment."""
        return next((view for view in self.views() if view.document.name == name), None)

    def add(self, name: str) -> EnvironmentView:
        """Open an environment in a new tab. Raises `NotFound`."""
        # Loaded with the first environment, since a window at rest needs none of it.
        from envstudio.gui.frame.environment_view import EnvironmentView

        view = EnvironmentView(self._session, self._session.open(name), self.pages)
        self._opened.append(view)
        index = self.addTab(view, name.removeprefix(CURATED))
        close = IconButton("close", f"Close {name}", size=12)
        close.clicked.connect(partial(self._ask_to_close, view))
        self.tabBar().setTabButton(index, QTabBar.ButtonPosition.RightSide, close)
        return view

    def remove(self, view: EnvironmentView) -> None:
        """Take a tab down; what is being typed in it is taken over, and its draft saved."""
        view.commit()
        self._opened.remove(view)
        self.removeTab(self.indexOf(view))
        view.hide()
        view.deleteLater()
        self._session.close_document(view.document.name)

    def remove_all(self) -> None:
        """Take every environment's tab down; the documents are the session's."""
        for view in self.views():
            self.removeTab(self.indexOf(view))
            view.hide()
            view.deleteLater()
        self._opened.clear()

    def show_titles(self) -> None:
        """Bring the titles in line with the names, a mark before what was changed."""
        for view in self.views():
            mark = "● " if view.document.changes() else ""
            self.setTabText(self.indexOf(view), mark + view.document.environment.name)
            self.setTabToolTip(self.indexOf(view), view.document.name)
            button = self.tabBar().tabButton(self.indexOf(view), QTabBar.ButtonPosition.RightSide)
            if isinstance(button, IconButton):
                button.set_name(f"Close {view.document.name}")

    def _ask_to_close(self, view: EnvironmentView, *_: object) -> None:
        self.close_requested.emit(view.document.name)
