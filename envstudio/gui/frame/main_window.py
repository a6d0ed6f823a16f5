"""The frame of the window: toolbar, browser, tabs, console and status bar, and what ties them together.

A start waits for this file, so that it loads what the first look needs; the rest comes with `attach_session`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QDialog, QMainWindow, QWidget

from envstudio.gui.frame.page_commands import ALL_COMMANDS
from envstudio.gui.frame.tool_bar import MainToolBar
from envstudio.gui.look import theme
from envstudio.gui.model.window_state import WindowState
from envstudio.gui.pages.actions import Actions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envstudio.domain.change import LibraryChange
    from envstudio.errors import EnvStudioError
    from envstudio.gui.frame.environment_view import EnvironmentView
    from envstudio.gui.frame.guide_page import GuidePage
    from envstudio.gui.jobs.job import Job
    from envstudio.gui.model.session import Session
    from envstudio.gui.settings.doctor_page import DoctorPage
    from envstudio.gui.settings.settings_page import SettingsPage
    from envstudio.library import BuildRecord, EnvironmentInfo
    from envstudio.library.glance import Glance

FRAME = QSize(16, 48)


class MainWindow(QMainWindow):
    """One window over one session. Without one it is a frame, which `attach_session` completes."""

    session: Session
    closed = Signal()

    def __init__(self, session: Session | None = None) -> None:
        super().__init__()
        self.attached = False
        self.console_folded = True
        self._closed = False
        self.state = session.state if session is not None else WindowState()
        self.actions_of = Actions(ALL_COMMANDS, self)
        room = QGuiApplication.primaryScreen().availableSize() - FRAME
        self.resize(QSize(1440, 900).boundedTo(room))
        self.state.restore_sizes(self)
        self.tool_bar = MainToolBar(self.actions_of)
        self.addToolBar(self.tool_bar)
        self.actions_of.fill_menu_bar(self.menuBar())
        if session is not None:
            self.attach_session(session)

    def show_first(self, seen: Glance, workspace: str) -> None:
        """Show the first rows of a library that is not open yet."""
        from envstudio.gui.frame.command_state import WindowFacts, command_states
        from envstudio.gui.frame.first_look import FirstLook

        chosen = theme.colors(self.palette())
        self.actions_of.apply_theme(chosen, "toolbar")
        self.actions_of.show(command_states(WindowFacts(shows_browser=self.state.shows_browser)))
        self.tool_bar.apply_theme()
        self.tool_bar.show_workspace(workspace)
        look = FirstLook(seen, self.state.upper)
        look.column.setVisible(self.state.shows_browser)
        self.setCentralWidget(look)
        look.list.setFocus()
        self.setWindowTitle(f"{workspace} — EnvStudio")
        self.show()

    def attach_session(self, session: Session, infos: Iterable[EnvironmentInfo] | None = None) -> None:
        """Put everything into the frame; `infos` are the library's environments if they were read already."""
        from envstudio.gui.frame.closing import Closing
        from envstudio.gui.frame.commands import Commands
        from envstudio.gui.frame.log_check import LogCheck
        from envstudio.gui.frame.state_keeper import StateKeeper
        from envstudio.gui.frame.status_bar import MainStatusBar
        from envstudio.gui.frame.warm_up import WarmUp
        from envstudio.gui.frame.window_look import restore
        from envstudio.gui.model.library_watch import LibraryWatch
        from envstudio.gui.model.settings_watch import SettingsWatch
        from envstudio.gui.widgets.field_undo import FieldUndo

        self.session = session
        self.state = session.state
        self.commands = Commands(self)
        self.actions_of.connect_to(self.commands.handler, self.commands.of_selection)
        self.tool_bar.follow(session)
        self._make_middle(infos)
        self.status = MainStatusBar(session)
        self.setStatusBar(self.status)
        self.engine_watch = self.status.engine_watch
        self.library_watch = LibraryWatch(session, self)
        self.settings_watch = SettingsWatch(session, self)
        self.log_check = LogCheck(session, self.notice, self)
        browser = self.browser
        reached_for = (browser.list, browser.list.viewport(), browser.filter, self.welcome)
        self.warm_up = WarmUp(session, browser.model.infos, reached_for, self)
        self.addActions([self.actions_of[name] for name in ("go_to", "palette", "find")])
        session.library_changed.connect(self._on_session_library_changed)
        session.history.changed.connect(self._update)
        session.workspace_left.connect(self.commit_editors)
        session.workspace_changed.connect(self._on_session_workspace_changed)
        session.jobs.job_failed.connect(self._on_jobs_job_failed)
        session.edit_refused.connect(self._on_session_edit_refused)
        session.secrets_kept.connect(self._on_session_secrets_kept)
        self.apply_theme()
        restore(self, self.state)
        self.keeper = StateKeeper(self)
        self.field_undo = FieldUndo(self)
        watches = (self.engine_watch, self.library_watch, self.settings_watch)
        self.closing = Closing(self, self.keeper, (*watches, self.log_check, self.warm_up))
        self.attached = True
        self._update()
        self.browser.list.setFocus()

    # Making

    def _make_middle(self, infos: Iterable[EnvironmentInfo] | None) -> None:
        from envstudio.gui.frame.central_area import CentralArea
        from envstudio.gui.frame.tool_tabs import ToolTabs

        self.central_area = central_area = CentralArea(self.session, self.actions_of, infos)
        self.browser, self.console, self.upper = central_area.browser, central_area.console, central_area.upper
        self.tabs, self.welcome, self.stack, self.notice = (
            central_area.tabs,
            central_area.welcome,
            central_area.stack,
            central_area.notice,
        )
        self.tools = ToolTabs(self)
        self.browser.open_requested.connect(self._on_browser_open_requested)
        self.browser.rename_requested.connect(self.commands.environments.rename)
        self.browser.restore_requested.connect(self.commands.environments.restore_deleted)
        self.browser.removal_requested.connect(self.commands.environments.remove_deleted)
        self.browser.paths_dropped.connect(self.commands.files.import_paths)
        self.welcome.paths_dropped.connect(self.commands.files.import_paths)
        self.browser.selection_changed.connect(self._show_selection)
        self.browser.rows_changed.connect(self._update)
        self.tabs.close_requested.connect(self.close_environment)
        self.tabs.currentChanged.connect(self._on_tabs_current_changed)
        self.welcome.open_requested.connect(self._on_browser_open_requested)
        self.console.fold_requested.connect(self.commands.navigation.do_toggle_console)
        self.console.remedy_requested.connect(self.commands.builds.apply_remedy)
        self.setCentralWidget(central_area)

    def apply_theme(self) -> None:
        """Take over the fonts and colours of the theme."""
        chosen = theme.colors(self.palette())
        self.actions_of.apply_theme(chosen, "toolbar")
        self.actions_of.apply_theme(chosen)
        self.tool_bar.apply_theme()
        self.console.apply_theme()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in theme.REDRAWN_AFTER and self.attached:
            self.apply_theme()
        return done

    def as_widget(self) -> QWidget:
        """Return it as the parent of dialogs."""
        return self

    # Tabs

    def current_view(self) -> EnvironmentView | None:
        """Return the environment that is shown."""
        return self.tabs.current_view()

    def views(self) -> list[EnvironmentView]:
        """Return all open environments, in the order of the tabs."""
        return self.tabs.views()

    def view_of(self, name: str) -> EnvironmentView | None:
        """Return the tab of an environment."""
        return self.tabs.view_of(name)

    def open_environment(self, name: str) -> EnvironmentView:
        """Show an environment in its tab. Raises `NotFound`."""
        view = self.view_of(name)
        if view is None:
            view = self.tabs.add(name)
            view.command_requested.connect(self._on_view_command_requested)
            view.log_requested.connect(self._on_view_log_requested)
            view.remedy_requested.connect(self.commands.builds.apply_remedy)
            view.run_requested.connect(partial(self.commands.runs.run, view))
            view.facts_changed.connect(self._update)
        self.tabs.setCurrentWidget(view)
        self.stack.setCurrentWidget(self.tabs)
        self.browser.select(name)
        self._update()
        self.warm_up.begin()
        return view

    def close_environment(self, name: str) -> None:
        """Close an environment's tab; its draft is saved."""
        view = self.view_of(name)
        if view is not None:
            self.tabs.remove(view)
        self.central_area.show_open()
        self._update()

    def close_current(self) -> None:
        """Close the tab that is shown."""
        if view := self.current_view():
            self.close_environment(view.document.name)
        elif (page := self.tabs.currentWidget()) is not None:
            self.tools.close(page)

    def targets(self) -> list[EnvironmentInfo]:
        """Return what a command is about: the environment whose tab is in front, if it is one's."""
        view = self.current_view()
        info = self.browser.model.find(view.document.name) if view is not None else None
        return [info] if info else []

    def browser_has_focus(self) -> bool:
        """Return whether the user is in the browser."""
        widget = QApplication.focusWidget()
        return widget is not None and self.browser.isAncestorOf(widget)

    @Slot()
    def commit_editors(self) -> None:
        """Take over what is being typed in a cell or a field; the user stays where that is."""
        widget = QApplication.focusWidget()
        if widget is not None and self.tabs.isAncestorOf(widget):
            parent = widget.parentWidget()
            holder = parent.parentWidget() if parent is not None else None
            self.tabs.setFocus()
            # A cell's editor is gone now, its table is not.
            (holder if isinstance(holder, QAbstractItemView) else widget).setFocus()
        for view in self.views():
            view.commit()

    def flush(self) -> None:
        """Take over what is being typed, and save every draft."""
        self.commit_editors()
        for document in self.session.documents.values():
            document.flush()

    def focusNextPrevChild(self, forward: bool) -> bool:
        from envstudio.gui.frame import focus_order

        return focus_order.step(self, forward=forward)

    # State

    def _update(self) -> None:
        """Bring titles and commands in line with what is shown."""
        if self._closed or not self.attached:
            return
        from envstudio.gui.frame.command_state import command_states, facts_of

        self.actions_of.show(command_states(facts_of(self)))
        self._show_selection()
        view = self.current_view()
        self.tabs.show_titles()
        self.tool_bar.show_workspace(self.session.library.workspace)
        shown = f"{view.document.environment.name} — " if view else ""
        self.setWindowTitle(f"{shown}{self.session.library.workspace} — EnvStudio")

    @Slot()
    def _show_selection(self) -> None:
        """Bring what the browser offers in line with what is selected there."""
        from envstudio.gui.frame.command_state import selection_states

        chosen = tuple((info.name, info.archived) for info in self.browser.selected())
        self.actions_of.show_selection(selection_states(chosen))

    def fold_console(self, folded: bool) -> None:
        """Fold the console to its header, or unfold it."""
        self.console_folded = folded
        self.central_area.fold_console(folded)
        self.actions_of["toggle_console"].setChecked(not folded)

    def show_dialog(self, dialog: QDialog) -> None:
        """Open a dialog without waiting for it."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.attached and not self._closed and not self.closing.may_close():
            event.ignore()
            return
        # Tabs that are taken down one by one would ask documents that are gone already.
        self._closed = True
        super().closeEvent(event)
        self.closed.emit()

    # What happens

    @Slot(str)
    def _on_browser_open_requested(self, name: str) -> None:
        self.open_environment(name).current_page().setFocus()

    @Slot(int)
    def _on_tabs_current_changed(self, index: int) -> None:
        """Let the browser follow the tab, unless several are selected there to do something with them."""
        view = self.current_view()
        if view is not None and len(self.browser.selected()) < 2:
            self.browser.select(view.document.name)
        self._update()

    @Slot(str)
    def _on_view_command_requested(self, command: str) -> None:
        self.actions_of[command].trigger()

    @Slot(object)
    def _on_view_log_requested(self, record: BuildRecord) -> None:
        self.fold_console(False)
        self.console.lists.read_log(record)

    @Slot(object)
    def _on_session_library_changed(self, change: LibraryChange) -> None:
        from envstudio.domain.change import Aspect

        exists = self.session.library.environments.exists
        own = [view.document.name for view in self.views() if not view.document.read_only]
        changed_names = [name for name in own if name in change.environments and change.aspects & Aspect.ENVIRONMENTS]
        gone = [name for name in changed_names if not exists(name)]
        for name in gone:
            self.close_environment(name)
        if gone:
            self.commands.environments.say_deleted_elsewhere(gone)
        if change.aspects & Aspect.WORKSPACES:
            from envstudio.gui.frame.lost_workspace import leave_lost

            leave_lost(self)
        self._update()

    @Slot(str)
    def _on_session_workspace_changed(self, name: str) -> None:
        self.tabs.remove_all()
        self.central_area.show_open()
        self.welcome.look_again()
        self.notice.clear()
        self.status.show_tab()
        self._update()

    @Slot(object)
    def _on_jobs_job_failed(self, job: Job) -> None:
        from envstudio.gui.jobs.runner import is_bug
        from envstudio.gui.pages.error_dialog import show_error

        self.fold_console(False)
        if job.error is not None and is_bug(job.error):
            show_error(self, job.error)

    @Slot(object)
    def _on_session_edit_refused(self, error: EnvStudioError) -> None:
        """Say which edit met another of the same; it can be taken again by undoing what came in its place."""
        self.notice.say("warning", error.summary)

    @Slot(str)
    def _on_session_secrets_kept(self, text: str) -> None:
        self.notice.say("info", text)

    def choose_theme(self, choice: str) -> None:
        """Choose the colours."""
        self.commands.navigation.set_theme(choice)

    # Pages that are not an environment's

    def show_settings(self) -> SettingsPage:
        """Show the settings in a tab."""
        return self.tools.settings()

    def show_doctor(self) -> DoctorPage:
        """Show what the installation is like in a tab."""
        return self.tools.doctor()

    def show_guide(self) -> GuidePage:
        """Show what the guide says of what is shown, in a tab."""
        from envstudio.gui.frame.guide_page import FIRST, TOPIC_OF
        from envstudio.gui.frame.tool_tabs import GUIDE

        tool, view = self.tools.shown(), self.current_view()
        if tool == GUIDE:
            return self.tools.guide()
        return self.tools.guide(TOPIC_OF.get(tool or (view.page_title if view else ""), FIRST))

    def on_tools_changed(self) -> None:
        """Follow a tab that is not an environment's being opened or closed."""
        self.central_area.show_open()
        self._update()
