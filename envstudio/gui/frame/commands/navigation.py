"""Commands that lead somewhere: the palette, going to a thing by its name, pages, and parts of the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from envstudio.domain.query import Query, parse_query
from envstudio.errors import InvalidInput
from envstudio.gui.browser.filter_completer import read_search_names
from envstudio.gui.browser.reads import read_definitions
from envstudio.gui.frame.commands.group import CommandGroup, state_note
from envstudio.gui.frame.page_commands import ALL_COMMANDS, PAGES
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.look import theme
from envstudio.gui.model.command_table import THEMES, native_keys
from envstudio.gui.widgets.quick_pick import Choice, QuickPick, score

if TYPE_CHECKING:
    from envstudio.gui.frame.environment_view import EnvironmentView
    from envstudio.library import EnvironmentInfo


MOST_NAMES = 3
"""Of how many environments the versions are offered at once."""


def _rank(info: EnvironmentInfo) -> tuple[bool, bool]:
    """Return by what the user's own environments come before curated ones, and those before what is put away."""
    return info.archived, info.kind == "curated"


class NavigationCommands(CommandGroup):
    """Moves the user through the window."""

    def do_palette(self) -> None:
        """Offer every command by its name, and every setting."""
        # Loaded with the first palette, since the window opens without it.
        from envstudio.gui.settings.settings_fields import SECTIONS

        choices = []
        for command in ALL_COMMANDS:
            action = self._window.actions_of[command.id]
            if action.isEnabled() and command.id != "palette":
                keys = native_keys(action.shortcut())
                menu = next((section for section in command.where if section[0].isupper()), "")
                # What it is called now, such as Unarchive.
                text = f"{menu}: {action.text()}" if menu else action.text()
                choices.append(Choice(text, keys, command.icon, action.trigger))
        choices += [
            Choice(f"Settings: {section}, {item.label}", "", "settings", partial(self._go_to_setting, item.key))
            for section, group in SECTIONS
            for item in group
        ]
        QuickPick("Command", "Type a command", choices, self._widget).popup()

    def _go_to_setting(self, key: str) -> None:
        self._window.show_settings().show_field(key)

    def do_go_to(self) -> None:
        """Offer every environment, its versions once it is named, and every package."""
        choices = [
            Choice(
                info.name,
                state_note(info),
                "curated" if info.kind == "curated" else "environment",
                partial(self._go_to_environment, info.name),
            )
            for info in sorted(self._window.browser.model.infos(), key=_rank)
        ]
        view = self._view()
        if view is not None:
            choices += self._places(view)
        pick = QuickPick("Go to", "Environment, name:version or package", choices, self._widget)
        offered = {view.document.name} if view else set()
        pick.edit.textEdited.connect(partial(self._offer_versions, pick, set(), offered))
        pick.edit.textEdited.connect(partial(self._look_into_locks, pick))
        pick.popup()
        self._session.jobs.run(
            "Load the packages of all environments",
            read_search_names,
            self._session.library,
            lane="library",
            key=JobKey("go to"),
            on_done=partial(self._offer_packages, pick),
        )

    def _offer_versions(self, pick: QuickPick, looked_for: set[str], offered: set[str], text: str) -> None:
        """Offer the versions of the environments whose name, or a part of it, is typed with a colon after it."""
        name, colon, _ = text.strip().partition(":")
        # The number that is typed behind the colon changes nothing, and there may be ten thousand names.
        if not colon or not name or name in looked_for:
            return
        looked_for.add(name)
        infos = (info for info in self._window.browser.model.infos() if info.kind != "curated")
        rated = ((score(name, info.name), info.name) for info in infos)
        best = sorted((rate, found) for rate, found in rated if rate is not None)[:MOST_NAMES]
        new = [found for _, found in best if found not in offered]
        if new:
            offered.update(new)
            pick.add([choice for found in new for choice in self._versions(found)])

    def _versions(self, name: str) -> list[Choice]:
        return [
            Choice(
                " ".join((f"{name}:{info.number}", *info.message.split())),
                "version",
                "history",
                partial(self._go_to_version, name, info.number),
            )
            for info in self._session.library.versions.list(name)
        ]

    def _offer_packages(self, pick: QuickPick, names: dict[str, tuple[str, ...]]) -> None:
        """Offer every package of the library: the environments that request it are found by the filter."""
        if isValid(pick):
            packages = names.get("pkg", ())
            pick.add([self._package(name) for name in packages])

    def _package(self, name: str) -> Choice:
        return Choice(name, "where it is used", "search", partial(self._filter, name))

    def _look_into_locks(self, pick: QuickPick, text: str) -> None:
        """Look for a package that nothing requests, but that came with another into a lock."""
        try:
            query = parse_query(f"pkg:{text.strip()}") if text.strip() else Query()
        except InvalidInput:
            return
        if query.packages:
            self._session.jobs.run(
                "Search the locks",
                read_definitions,
                self._session.library,
                query,
                lane="library",
                key=JobKey("go to locked"),
                on_done=partial(self._offer_locked, pick, text),
            )

    def _offer_locked(self, pick: QuickPick, text: str, read: tuple[Query, frozenset[str]]) -> None:
        if not isValid(pick) or pick.edit.text() != text:
            return
        choice = self._package(text.strip())
        known = any((other.text, other.note) == (choice.text, choice.note) for other in pick.model.shown)
        if not known and any(info.digest in read[1] for info in self._window.browser.model.infos()):
            pick.add([choice])

    def _filter(self, name: str) -> None:
        browser = self._window.browser
        browser.show()
        browser.filter.setText(f"pkg:{name}")
        browser.list.setFocus()

    def _places(self, view: EnvironmentView) -> list[Choice]:
        environment, choices = view.document.environment, []
        for manager, items in (("conda", environment.python.conda), ("pip", environment.python.pip)):
            for item in items:
                go = partial(self._go_to_package, view, manager, item.name)
                choices.append(Choice(item.name, f"{manager} package", "package", go))
        return choices if view.document.read_only else [*choices, *self._versions(environment.name)]

    def _go_to_environment(self, name: str) -> None:
        self._window.open_environment(name).current_page().setFocus()

    def _go_to_package(self, view: EnvironmentView, manager: str, name: str) -> None:
        view.show_packages().show_package(manager, name)

    def _go_to_version(self, name: str, number: int) -> None:
        page = self._window.open_environment(name).show_history()
        page.show_version(number)
        page.setFocus()

    def show_page(self, name: str) -> None:
        if view := self._view():
            page = view.show_page(next(title for title in PAGES if title.lower() == name))
            page.setFocus()

    def do_toggle_browser(self) -> None:
        """Show or hide the browser."""
        self._window.browser.setVisible(self._window.browser.isHidden())

    def do_toggle_console(self) -> None:
        """Fold or unfold the console."""
        self._window.fold_console(not self._window.console_folded)

    def set_theme(self, choice: str) -> None:
        """Choose the colours, and keep the choice in the settings."""
        from envstudio.tasks.settings import set_setting

        self._session.settings = set_setting("theme", "" if choice == "system" else choice)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, choice)
        self._session.theme_chosen.emit()
        for name in THEMES:
            self._window.actions_of[f"theme_{name}"].setChecked(name == choice)

    def do_close_tab(self) -> None:
        """Close the tab that is shown."""
        self._window.close_current()

    def do_quit(self) -> None:
        """Close the window."""
        self._window.close()
