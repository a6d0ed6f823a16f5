"""Commands about environments as a whole: making, naming, comparing, archiving and deleting them."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QGuiApplication

from envstudio.domain.reference import CURATED, Reference
from envstudio.errors import Conflict
from envstudio.gui.frame.commands.group import CommandGroup
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.labelling import label_taker
from envstudio.gui.widgets.ask import ask


class EnvironmentCommands(CommandGroup):
    """Acts on what is selected in the browser, or on the open environment."""

    def do_new(self) -> None:
        """Ask for a name and make an environment."""
        self._new("")

    def do_duplicate(self) -> None:
        """Make an environment that starts as this one."""
        for info in self._targets()[:1]:
            self._new(info.name)

    def make_from(self, version: Reference) -> None:
        """Ask for a name and make an environment that starts as a version."""
        self._new(version.name, str(version))

    def _new(self, name: str, source: str = "") -> None:
        from envstudio.gui.dialogs.new_environment import NewEnvironmentDialog

        self._window.flush()
        dialog = NewEnvironmentDialog(self._session, self._widget, name, source or name)
        dialog.created.connect(self._window.open_environment)
        dialog.open()

    def do_new_workspace(self) -> None:
        """Ask for a name and make a workspace."""

        def take(name: str) -> None:
            self._session.apply(self._session.library.workspaces.create(name))
            self._session.switch_workspace(name)

        ask(self._widget, "New workspace", "Workspace", "vision-team", take)

    def do_label(self) -> None:
        """Ask for a label for the latest version."""
        for info in self._own_targets()[:1]:
            take = label_taker(self._session, Reference(info.name, info.latest))
            ask(self._widget, f"Label {info.name} v{info.latest}", "Label", "prod", take)

    def do_rename(self) -> None:
        """Rename in the browser, in place, where the user sees it."""
        for info in self._own_targets()[:1]:
            self._window.browser.show()
            self._window.browser.edit_name(info.name)

    def rename(self, old: str, new: str) -> None:
        """Rename an environment."""
        self._window.flush()
        self._session.apply(self._session.library.environments.rename(old, new))
        self._window.browser.select(new)

    def do_copy_reference(self) -> None:
        """Copy name and version of what is selected."""
        chosen = self._targets()
        texts = [info.name if info.name.startswith(CURATED) else f"{info.name}:{info.latest}" for info in chosen]
        QGuiApplication.clipboard().setText("\n".join(texts))

    def do_archive(self) -> None:
        """Archive what is selected, or bring it back; can be undone from the banner."""
        chosen = self._own_targets()
        if not chosen:
            return
        archived = not chosen[0].archived
        # What is archived already stays so when this is undone.
        names = [info.name for info in chosen if info.archived is not archived]
        self._set_archived(names, archived)
        undo = partial(self._set_archived, names, not archived)
        what = "Archived" if archived else "Restored"
        self._window.notice.say("info", f"{what} {_listed(names)}.", ("Undo", undo))

    def _set_archived(self, names: list[str], archived: bool, *_: object) -> None:
        for name in names:
            self._session.apply(self._session.library.environments.archive(name, archived))

    def do_delete(self) -> None:
        """Delete what is selected; can be undone from the banner."""
        names = [info.name for info in self._own_targets()]
        if not names:
            return
        self._window.flush()
        shown = self._window.current_view()
        opened = [view.document.name for view in self._window.views() if view.document.name in names]
        # The last one that is opened is the one that is shown.
        opened.sort(key=lambda name: shown is not None and name == shown.document.name)
        for name in names:
            self._window.close_environment(name)
            self._session.apply(self._session.library.environments.delete(name))
        self._offer_undeletion(f"Deleted {_listed(names)}.", names, opened)

    def say_deleted_elsewhere(self, names: list[str]) -> None:
        """Say why tabs were closed, and offer to bring back what they showed."""
        were = "was" if len(names) == 1 else "were"
        self._offer_undeletion(f"{_listed(names)} {were} deleted elsewhere.", names, names)

    def _offer_undeletion(self, text: str, names: list[str], opened: list[str]) -> None:
        """Say what is gone; `opened` are those of the names that had a tab."""
        self._window.notice.say("info", text, ("Undo", partial(self._undelete, names, opened)))

    def _undelete(self, names: list[str], opened: list[str], *_: object) -> None:
        """Bring environments back with their tabs; one whose name was taken meanwhile stays on offer."""
        left, reason = [], ""
        for name in names:
            try:
                self._session.apply(self._session.library.environments.undelete(name))
            except Conflict as error:
                left.append(name)
                reason = message_of(error)
        for name in opened:
            if name not in left:
                self._window.open_environment(name)
        if left:
            self._offer_undeletion(reason, left, [name for name in opened if name in left])


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} environments"
