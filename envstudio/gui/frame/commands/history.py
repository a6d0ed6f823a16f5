"""Commands about the history of the open environment: what to compare, and what to do with the comparison."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from envstudio.domain.reference import CURATED, Reference
from envstudio.gui.frame.commands.group import CommandGroup, Targets, state_note
from envstudio.gui.jobs.job import WorkspaceRef
from envstudio.gui.model.undone_versions import note_version
from envstudio.gui.widgets.quick_pick import Choice, QuickPick

if TYPE_CHECKING:
    from envstudio.gui.frame.commands.builds import BuildCommands
    from envstudio.gui.frame.commands.environments import EnvironmentCommands
    from envstudio.gui.frame.window import Window
    from envstudio.gui.history.history_page import HistoryPage
    from envstudio.library import Registered


NO_VERSIONS = "Curated environments have no versions of their own. Duplicate it first."
NOTHING_OLDER = "Nothing older than the newest version is compared. Choose an older one to restore."


class HistoryCommands(CommandGroup):
    """Acts on the history page, which is shown for it."""

    def __init__(self, window: Window, builds: BuildCommands, environments: EnvironmentCommands) -> None:
        super().__init__(window)
        self._builds, self._environments = builds, environments

    def _page(self) -> HistoryPage | None:
        view = self._view()
        return view.show_history() if view is not None else None

    def do_compare(self, targets: Targets) -> None:
        """Show the history; with two environments selected, compare the two."""
        chosen = list(targets)
        if not chosen:
            return
        if len(chosen) > 2:
            text = f"{len(chosen)} environments are selected. Select two to compare them."
            self._window.notice.say("info", text)
            return
        view = self._window.open_environment(chosen[-1].name)
        page = view.show_history()
        if len(chosen) == 2:
            page.compare_with(self._session.library.find(chosen[0].name))

    def do_compare_with(self) -> None:
        """Pick any environment, then its version, and compare it with what is looked at here."""
        choices = [
            Choice(
                info.name,
                state_note(info),
                "curated" if info.kind == "curated" else "environment",
                partial(self._pick_version, info.name, info.latest),
            )
            for info in self._window.browser.model.infos()
        ]
        QuickPick("Compare with", "Environment to compare with", choices, self._widget).popup()

    def _pick_version(self, name: str, latest: int) -> None:
        if latest < 2 or name.startswith(CURATED):
            self._compare_with(name if name.startswith(CURATED) else Reference(name))
            return
        choices = [
            Choice(
                " ".join((f"{name}:{info.number}", *info.message.split())),
                ", ".join(info.labels),
                "history",
                partial(self._compare_with, Reference(name, info.number)),
            )
            for info in self._session.library.versions.list(name)
        ]
        QuickPick("Compare with", f"Version of {name}", choices, self._widget).popup()

    def _compare_with(self, reference: Reference | str) -> None:
        if page := self._page():
            page.compare_with(self._session.library.find(reference))

    def do_compare_file(self) -> None:
        """Choose a file of any format and compare it with what is looked at here."""
        if page := self._page():
            page.files.choose_file()

    def _version(self) -> Reference | None:
        """Return the version that the history is at: the newer of the two compared, else the latest."""
        view, page = self._view(), self._page()
        if view is None or page is None:
            return None
        if view.document.read_only:
            self._window.notice.say("info", NO_VERSIONS)
            return None
        return Reference(view.document.environment.name, page.version_number())

    def do_build_version(self) -> None:
        """Build the image of the version that is looked at."""
        if (version := self._version()) is not None and version.version:
            self._builds.build(version.name, str(version))

    def do_lock_version(self) -> None:
        """Resolve the version that is looked at."""
        if (version := self._version()) is not None:
            self._builds.lock(version.name, str(version))

    def do_restore_version(self) -> None:
        """Make an older version of the two that are compared the newest one."""
        from envstudio.tasks.restore import restore

        view, page = self._view(), self._page()
        if view is None or page is None:
            return
        info = page.restorable()
        if info is None:
            self._window.notice.say("info", NO_VERSIONS if view.document.read_only else NOTHING_OLDER)
            return
        name = view.document.environment.name
        self._session.jobs.run(
            f"Restore {name}:{info.number}",
            restore,
            self._session.library,
            str(Reference(name, info.number)),
            lane="library",
            on_done=partial(self._on_restored, self._session.workspace_ref, info.number),
        )

    def _on_restored(self, begun_in: WorkspaceRef, number: int, registered: Registered) -> None:
        with self._session.history.one_act():
            self._session.apply_in(begun_in, registered.change)
        view = self._window.view_of(registered.name) if begun_in == self._session.workspace_ref else None
        message = f"{registered.name} is as in version {number} again: version {registered.version}."
        if view is not None:
            view.show_history().show_version(registered.version)
            if view.document.changes():
                message += f" The draft keeps its changes since version {view.document.base_version}."
        self._window.notice.say("info", message)
        if begun_in == self._session.workspace_ref and registered.created:
            note_version(self._session, f"Restore {registered.name}:{number}", registered)

    def do_clone_version(self) -> None:
        """Make an environment that starts as the version that is looked at."""
        if (version := self._version()) is not None:
            self._environments.make_from(version)

    def do_next_change(self) -> None:
        """Go to the next change of the comparison."""
        if page := self._page():
            page.pages.go_forward()

    def do_previous_change(self) -> None:
        """Go to the previous change of the comparison."""
        if page := self._page():
            page.pages.go_back()

    def do_copy_comparison(self) -> None:
        """Copy the comparison as Markdown."""
        if page := self._page():
            page.files.copy_markdown()

    def do_export_comparison(self) -> None:
        """Write the comparison as an HTML file."""
        if page := self._page():
            page.files.choose_export()
