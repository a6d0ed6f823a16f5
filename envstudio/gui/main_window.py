"""The frame of the window: toolbar, browser, tabs, console and status bar, and what ties them together."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QTabWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.change import Aspect, Change
from envstudio.domain.reference import CURATED
from envstudio.gui import theme
from envstudio.gui.actions import THEMES, Actions, commands_of
from envstudio.gui.browser.panel import BrowserPanel
from envstudio.gui.commands import Commands
from envstudio.gui.console.console_panel import HEADER_HEIGHT, ConsolePanel
from envstudio.gui.engine_watch import EngineState, EngineWatch
from envstudio.gui.environment_view import EnvironmentView
from envstudio.gui.error_dialog import show_error
from envstudio.gui.jobs import QUIET_LANES, Job, is_bug
from envstudio.gui.session import Session
from envstudio.gui.tool_tabs import ToolTabs
from envstudio.gui.welcome import WelcomePage
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.icon_button import IconButton, IconLabel
from envstudio.gui.widgets.size import seconds_text
from envstudio.library import BuildRecord, EnvironmentInfo

if TYPE_CHECKING:
    from envstudio.gui.doctor_page import DoctorPage
    from envstudio.gui.settings_page import SettingsPage

CONSOLE_HEIGHT = 256
FRAME = QSize(16, 48)


class MainWindow(QMainWindow):
    """One window over one session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.console_folded = True
        self._closed = False
        self.state = session.state
        self.commands = Commands(self)
        self.actions_of = Actions(self, self.commands.handler)
        room = QGuiApplication.primaryScreen().availableSize() - FRAME
        self.resize(QSize(1440, 900).boundedTo(room))
        self._make_tool_bar()
        self._make_middle()
        self._make_status_bar()
        self.actions_of.fill_menu_bar(self.menuBar())
        self.addActions([self.actions_of[name] for name in ("go_to", "palette", "find")])
        session.library_changed.connect(self._on_session_library_changed)
        session.workspace_changed.connect(self._on_session_workspace_changed)
        session.jobs.job_failed.connect(self._on_jobs_job_failed)
        for signal in (session.jobs.job_added, session.jobs.job_finished, session.jobs.job_changed):
            signal.connect(self._on_jobs_changed)
        self._tint()
        self.state.restore(self)
        self._update()
        self.browser.list.setFocus()

    # Making

    def _make_tool_bar(self) -> None:
        bar = QToolBar("Toolbar", movable=False, floatable=False)
        bar.setObjectName("toolbar")
        bar.setIconSize(QSize(16, 16))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.workspace = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.workspace.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.workspace.setAccessibleName("Workspace")
        self.workspace.setToolTip("Workspace")
        self.workspace_menu = QMenu(self.workspace)
        self.workspace_menu.aboutToShow.connect(self._on_workspace_menu_about_to_show)
        self.workspace_menu.triggered.connect(self._on_workspace_menu_triggered)
        self.workspace.setMenu(self.workspace_menu)
        bar.addWidget(self.workspace)
        bar.addSeparator()
        previous = ""
        groups = {"undo": "edit", "redo": "edit", "new": "file", "import": "file"}
        for command in commands_of("toolbar"):
            group = groups.get(command.id, "version")
            if previous and group != previous:
                bar.addSeparator()
            previous = group
            action = self.actions_of[command.id]
            bar.addAction(action)
            button = bar.widgetForAction(action)
            if isinstance(button, QToolButton) and group != "edit":
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            if isinstance(button, QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.actions_of["new"].setIconText("New")
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(spacer)
        self.go_to = IconButton("search", "Go to… (Ctrl+K)")
        self.go_to.setText("Go to…   Ctrl+K")
        self.go_to.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.go_to.setProperty("field", True)
        self.go_to.clicked.connect(self.actions_of["go_to"].trigger)
        bar.addWidget(self.go_to)
        self.addToolBar(bar)

    def _make_middle(self) -> None:
        self.browser = BrowserPanel(self.session, self.actions_of)
        self.browser.setMinimumWidth(200)
        self.browser.open_requested.connect(self._on_browser_open_requested)
        self.browser.rename_requested.connect(self.commands.rename)
        self.browser.paths_dropped.connect(self.commands.import_paths)
        self.browser.selection_changed.connect(self._update)

        self.tabs = QTabWidget(documentMode=True, movable=True)
        tab_bar = self.tabs.tabBar()
        tab_bar.setProperty("kind", "documents")
        tab_bar.setExpanding(False)
        tab_bar.setDrawBase(False)
        tab_bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        tab_bar.setAccessibleName("Open environments")
        self.tabs.currentChanged.connect(self._on_tabs_current_changed)
        self.tools = ToolTabs(self)
        self.welcome = WelcomePage(self.session, self.actions_of)
        self.welcome.open_requested.connect(self._on_browser_open_requested)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.tabs)
        self.notice = Banner()
        centre = QWidget()
        box = QVBoxLayout(centre)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.notice)
        box.addWidget(self.stack, 1)

        self.console = ConsolePanel(self.session)
        self.console.fold_requested.connect(self.commands.do_toggle_console)
        self.upper = QSplitter(handleWidth=1, childrenCollapsible=False)
        self.upper.addWidget(self.browser)
        self.upper.addWidget(centre)
        self.upper.setStretchFactor(1, 1)
        self.upper.setSizes([288, 1152])
        self.whole = QSplitter(Qt.Orientation.Vertical, handleWidth=1, childrenCollapsible=False)
        self.whole.addWidget(self.upper)
        self.whole.addWidget(self.console)
        self.whole.setStretchFactor(0, 1)
        self.whole.setSizes([580, 240])
        self.setCentralWidget(self.whole)

    def _make_status_bar(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        self.engine_icon = IconLabel("engine")
        self.engine = QLabel("Engine not checked")
        self.engine.setToolTip("Help → Check installation looks for Docker and the rest")
        place = self.session.library.place.replace(str(Path.home()), "~", 1)
        self.library = QLabel(place)
        self.library.setToolTip(f"Library: {self.session.library.place}")
        self.engine_watch = EngineWatch(self.session, self)
        self.engine_watch.changed.connect(self._on_engine_watch_changed)
        self.running = QLabel()
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(12, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.engine_icon, self.engine):
            row.addWidget(widget)
        row.addSpacing(16)
        for widget in (IconLabel("database"), self.library):
            row.addWidget(widget)
        bar.addWidget(holder)
        self.running.setContentsMargins(0, 0, 12, 0)
        bar.addPermanentWidget(self.running)

    def _tint(self) -> None:
        chosen = theme.colors(self.palette())
        self.actions_of.tint(chosen)
        self.workspace.setIcon(theme.icon("workspace", chosen.accent))
        self.console.tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "console"):
            self._tint()

    # Tabs

    def current_view(self) -> EnvironmentView | None:
        """Return the environment that is shown."""
        widget = self.tabs.currentWidget()
        return widget if isinstance(widget, EnvironmentView) else None

    def views(self) -> list[EnvironmentView]:
        """Return all open environments, in the order of the tabs."""
        widgets = (self.tabs.widget(index) for index in range(self.tabs.count()))
        return [widget for widget in widgets if isinstance(widget, EnvironmentView)]

    def view_of(self, name: str) -> EnvironmentView | None:
        """Return the tab of an environment."""
        return next((view for view in self.views() if view.document.name == name), None)

    def open_environment(self, name: str) -> EnvironmentView:
        """Show an environment in its tab. Raises `NotFound`."""
        view = self.view_of(name)
        if view is None:
            document = self.session.open(name)
            view = EnvironmentView(self.session, document)
            view.command_requested.connect(self._on_view_command_requested)
            view.log_requested.connect(self._on_view_log_requested)
            document.facts_changed.connect(self._update)
            document.undo_stack.indexChanged.connect(self._update)
            index = self.tabs.addTab(view, name.removeprefix(CURATED))
            close = IconButton("close", f"Close {name}", size=12)
            close.clicked.connect(partial(self._close_view, view))
            self.tabs.tabBar().setTabButton(index, QTabBar.ButtonPosition.RightSide, close)
        self.tabs.setCurrentWidget(view)
        self.stack.setCurrentWidget(self.tabs)
        self.browser.select(name)
        self._update()
        return view

    def close_environment(self, name: str) -> None:
        """Close an environment's tab; its draft is saved."""
        view = self.view_of(name)
        if view is not None:
            view.commit()
            self.tabs.removeTab(self.tabs.indexOf(view))
            view.hide()
            view.deleteLater()
            self.session.close_document(name)
        self.stack.setCurrentWidget(self.tabs if self.tabs.count() else self.welcome)
        self._update()

    def _close_view(self, view: EnvironmentView, *_: object) -> None:
        self.close_environment(view.document.name)

    def close_current(self) -> None:
        """Close the tab that is shown."""
        if view := self.current_view():
            self.close_environment(view.document.name)
        elif (page := self.tabs.currentWidget()) is not None:
            self.tools.close(page)

    def targets(self) -> list[EnvironmentInfo]:
        """Return what a command is about: the browser's selection where it has the focus, else the open tab's."""
        view = self.current_view()
        if view is not None and not self.browser_has_focus():
            info = self.browser.model.find(view.document.name)
            return [info] if info else []
        return self.browser.selected()

    def browser_has_focus(self) -> bool:
        """Tell whether the person is in the browser."""
        widget = QApplication.focusWidget()
        return widget is not None and self.browser.isAncestorOf(widget)

    def commit_editors(self) -> None:
        """Take over what is being typed in a cell."""
        widget = QApplication.focusWidget()
        if widget is not None and self.tabs.isAncestorOf(widget):
            self.tabs.setFocus()
        for view in self.views():
            view.commit()

    def flush(self) -> None:
        """Take over what is being typed, and save every draft."""
        self.commit_editors()
        for document in self.session.documents.values():
            document.flush()

    # State

    def _update(self) -> None:
        """Bring titles and commands in line with what is shown."""
        if self._closed:
            return
        view = self.current_view()
        chosen = self.targets() or self.browser.selected()
        own = [info for info in chosen if not info.name.startswith(CURATED)]
        self.actions_of.enable(environment=bool(chosen), own=bool(own), is_open=view is not None)
        stack = view.document.undo_stack if view else None
        for name, able, text in (
            ("undo", stack is not None and stack.canUndo(), stack.undoText() if stack else ""),
            ("redo", stack is not None and stack.canRedo(), stack.redoText() if stack else ""),
        ):
            self.actions_of[name].setEnabled(able)
            self.actions_of[name].setText(f"{name.capitalize()} {text}".rstrip())
        changed = view is not None and bool(view.document.changes())
        self.actions_of["register"].setEnabled(view is not None and not view.document.read_only)
        self.actions_of["discard"].setEnabled(changed)
        self.actions_of["close_tab"].setEnabled(self.tabs.count() > 0)
        self.actions_of["archive"].setText("Unarchive" if own and own[0].archived else "Archive")
        self.actions_of["toggle_browser"].setChecked(not self.browser.isHidden())
        self.actions_of["toggle_console"].setChecked(not self.console_folded)
        for name in THEMES:
            self.actions_of[f"theme_{name}"].setChecked(self.session.settings.theme == name)
        for other in self.views():
            mark = "● " if other.document.changes() else ""
            self.tabs.setTabText(self.tabs.indexOf(other), mark + other.document.environment.name)
        self.workspace.setText(f"{self.session.library.workspace}  ▾")
        shown = f"{view.document.environment.name} — " if view else ""
        self.setWindowTitle(f"{shown}{self.session.library.workspace} — EnvStudio")

    def fold_console(self, folded: bool) -> None:
        """Fold the console to its header, or unfold it."""
        self.console_folded = folded
        self.console.set_folded(folded)
        self.actions_of["toggle_console"].setChecked(not folded)
        total = sum(self.whole.sizes()) or self.height()
        if folded:
            self.whole.setSizes([total - HEADER_HEIGHT, HEADER_HEIGHT])
        elif self.whole.sizes()[1] < CONSOLE_HEIGHT:
            self.whole.setSizes([total - CONSOLE_HEIGHT, CONSOLE_HEIGHT])

    def show_dialog(self, dialog: QDialog) -> None:
        """Open a dialog without waiting for it."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.engine_watch.stop()
        self.flush()
        self.state.save(self)
        self.session.shutdown()
        # Tabs that are taken down one by one would ask documents that are gone already.
        self._closed = True
        super().closeEvent(event)

    # What happens

    @Slot(str)
    def _on_browser_open_requested(self, name: str) -> None:
        self.open_environment(name).current_page().setFocus()

    @Slot(int)
    def _on_tabs_current_changed(self, index: int) -> None:
        self._update()

    @Slot(str)
    def _on_view_command_requested(self, command: str) -> None:
        self.actions_of[command].trigger()

    @Slot(object)
    def _on_view_log_requested(self, record: BuildRecord) -> None:
        self.fold_console(False)
        self.console.show_record(record, self.session.library.builds.log(record.id))

    @Slot(object)
    def _on_session_library_changed(self, change: Change) -> None:
        gone = [name for name in change.environments if change.aspects & Aspect.ENVIRONMENTS and self.view_of(name)]
        for name in gone:
            if not name.startswith(CURATED) and not self.session.library.environments.exists(name):
                self.close_environment(name)
        self._update()

    @Slot(str)
    def _on_session_workspace_changed(self, name: str) -> None:
        while self.tabs.count():
            view = self.tabs.currentWidget()
            self.tabs.removeTab(self.tabs.currentIndex())
            if view is not None:
                view.deleteLater()
        self.stack.setCurrentWidget(self.welcome)
        self.notice.clear()
        self._update()

    @Slot(object)
    def _on_jobs_changed(self, job: Job) -> None:
        active = [other for other in self.session.jobs.active() if other.lane not in QUIET_LANES]
        self.running.setText("" if not active else "1 job" if len(active) == 1 else f"{len(active)} jobs")
        if job in active and len(active) == 1 and job.elapsed:
            self.running.setText(f"{job.title} · {seconds_text(job.elapsed)}")

    @Slot(object)
    def _on_jobs_job_failed(self, job: Job) -> None:
        self.fold_console(False)
        if job.error is not None and is_bug(job.error):
            show_error(self, job.error)

    @Slot()
    def _on_workspace_menu_about_to_show(self) -> None:
        self.workspace_menu.clear()
        for info in self.session.library.workspaces.list():
            action = self.workspace_menu.addAction(f"{info.name}  ({info.environments})")
            action.setData(info.name)
            action.setCheckable(True)
            action.setChecked(info.name == self.session.library.workspace)
        self.workspace_menu.addSeparator()
        self.workspace_menu.addAction(self.actions_of["new_workspace"])

    def _on_workspace_menu_triggered(self, action: object) -> None:
        name = action.data()  # type: ignore[attr-defined]
        if name:
            self.session.switch_workspace(name)

    # Pages that are not an environment's

    def show_settings(self) -> SettingsPage:
        """Show the settings in a tab."""
        return self.tools.settings()

    def show_doctor(self) -> DoctorPage:
        """Show what the installation is like in a tab."""
        return self.tools.doctor()

    def on_tools_changed(self) -> None:
        """Follow a tab that is no environment's being opened or closed."""
        self.stack.setCurrentWidget(self.tabs if self.tabs.count() else self.welcome)
        self._update()

    @Slot(str)
    def _on_settings_changed(self, key: str) -> None:
        if key == "theme":
            self.commands.set_theme(self.session.settings.theme)
        if key == "engine":
            self.engine_watch.look()

    @Slot(object)
    def _on_engine_watch_changed(self, state: EngineState) -> None:
        self.engine.setText(state.text)
        self.engine.setToolTip(state.tip)
        self.engine_icon.set_icon("engine", "added" if state.running else "changed")
