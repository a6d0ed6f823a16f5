"""The toolbar: the workspace, the commands that the table puts there, and the way to anything by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from envstudio.gui.look import theme
from envstudio.gui.model.command_table import commands_of, keys_of
from envstudio.gui.pages.actions import Actions
from envstudio.gui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from envstudio.gui.model.session import Session

GROUPS = {"undo": "edit", "redo": "edit", "new": "file", "import": "file"}


class MainToolBar(QToolBar):
    """Made from the table of commands. It can be painted before there is a session to follow."""

    def __init__(self, actions: Actions) -> None:
        super().__init__("Toolbar", movable=False, floatable=False)
        self._session: Session | None = None
        self._actions = actions
        self._shortened: list[QToolButton] = []
        self._is_short = False
        self._whole_width = 0
        self.workspace = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setObjectName("toolbar")
        self.setIconSize(QSize(16, 16))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._add_workspace()
        self.addSeparator()
        self._add_commands()
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.go_to = IconButton("search", f"Go to… ({keys_of('go_to')})")
        self.go_to.setText(f"Go to…   {keys_of('go_to')}")
        self.go_to.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.go_to.setProperty("field", True)
        self.go_to.clicked.connect(actions["go_to"].trigger)
        self.addWidget(self.go_to)

    def _add_workspace(self) -> None:
        self.workspace.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.workspace.setAccessibleName("Workspace")
        self.workspace.setToolTip("Workspace")
        self.workspace_menu = QMenu(self.workspace)
        self.workspace_menu.aboutToShow.connect(self._on_workspace_menu_about_to_show)
        self.workspace_menu.triggered.connect(self._on_workspace_menu_triggered)
        self.workspace.setMenu(self.workspace_menu)
        self.addWidget(self.workspace)

    def _add_commands(self) -> None:
        previous = ""
        for command in commands_of("toolbar"):
            group = GROUPS.get(command.id, "version")
            if previous and group != previous:
                self.addSeparator()
            previous = group
            action = self._actions[command.id]
            self.addAction(action)
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                if group != "edit":
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                if group == "file":
                    self._shortened.append(button)
        self._actions["new"].setIconText("New")

    def follow(self, session: Session) -> None:
        """Offer the workspaces of a session."""
        self._session = session

    def show_workspace(self, name: str) -> None:
        """Name the workspace that is shown."""
        self.workspace.setText(f"{name}  ▾")

    def apply_theme(self) -> None:
        """Take over the colours of the theme."""
        self.workspace.setIcon(theme.icon("workspace", theme.colors(self.palette()).accent))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the words of some buttons where there is no room for all, so that nothing is hidden."""
        super().resizeEvent(event)
        icon_only, with_text = Qt.ToolButtonStyle.ToolButtonIconOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        if not self._is_short:
            self._whole_width = self.sizeHint().width()
        is_short = event.size().width() < self._whole_width
        if is_short != self._is_short:
            self._is_short = is_short
            for button in self._shortened:
                button.setToolButtonStyle(icon_only if is_short else with_text)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        # The window hears of a new palette before its toolbar has it.
        if event.type() in theme.REDRAWN_AFTER:
            self.apply_theme()
        return done

    @Slot()
    def _on_workspace_menu_about_to_show(self) -> None:
        self.workspace_menu.clear()
        if self._session is None:
            return
        for info in self._session.library.workspaces.list():
            action = self.workspace_menu.addAction(f"{info.name}  ({info.environments})")
            action.setData(info.name)
            action.setCheckable(True)
            action.setChecked(info.name == self._session.library.workspace)
        self.workspace_menu.addSeparator()
        self.workspace_menu.addAction(self._actions["new_workspace"])

    @Slot(QAction)
    def _on_workspace_menu_triggered(self, action: QAction) -> None:
        if action.data() and self._session is not None:
            self._session.switch_workspace(action.data())
