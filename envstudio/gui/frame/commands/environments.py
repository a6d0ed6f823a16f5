"""Commands about environments as a whole: making, naming, comparing, archiving and deleting them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from envstudio.domain.reference import CURATED, Reference
from envstudio.errors import Conflict, EnvStudioError
from envstudio.gui.frame.commands.group import CommandGroup, Targets, own
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.labelling import label_taker
from envstudio.gui.model.undo import Act
from envstudio.gui.widgets.ask import ask
from envstudio.library.environment_info import DeletedRow
from envstudio.presentation.deletions import removed_with


class EnvironmentCommands(CommandGroup):
    """Acts on environments that are open or selected in the browser."""

    def do_new(self) -> None:
        """Ask for a name and make an environment."""
        self._new("")

    def do_duplicate(self, targets: Targets) -> None:
        """Make an environment that starts as this one."""
        for info in targets[:1]:
            self._new(info.name)

    def make_from(self, version: Reference) -> None:
        """Ask for a name and make an environment that starts as a version."""
        self._new(version.name, str(version))

    def _new(self, name: str, source: str = "") -> None:
        from envstudio.gui.dialogs.new_environment import NewEnvironmentDialog

        self._window.flush()
        dialog = NewEnvironmentDialog(self._session, self._widget, name, source or name)
        dialog.created.connect(self._on_created)
        dialog.open()

    @Slot(str)
    def _on_created(self, name: str) -> None:
        self._window.open_environment(name)
        self.note_created(f"Create {name}", [name])

    def note_created(self, text: str, names: list[str]) -> None:
        """Let the making of environments be undone as long as they have one version."""
        self._session.history.add(text, partial(self._delete_new, names), partial(self._undelete_all, names))

    def _delete_new(self, names: list[str]) -> None:
        infos = {info.name: info for info in self._session.library.environments.list(archived=True, names=names)}
        if grown := [name for name in names if name in infos and infos[name].latest > 1]:
            raise _changed_since(f"{grown[0]} has more versions by now.")
        self._delete_all([name for name in names if name in infos])

    def do_new_workspace(self) -> None:
        """Ask for a name and make a workspace."""

        def take(name: str) -> None:
            self._session.apply(self._session.library.workspaces.create(name))
            self._session.switch_workspace(name)

        ask(self._widget, "New workspace", "Workspace", "vision-team", take)

    def do_label(self, targets: Targets) -> None:
        """Ask for a label for the latest version."""
        for info in own(targets)[:1]:
            take = label_taker(self._session, Reference(info.name, info.latest))
            ask(self._widget, f"Label {info.name} v{info.latest}", "Label", "prod", take)

    def do_rename(self, targets: Targets) -> None:
        """Rename in the browser, in place, where the user sees it."""
        for info in own(targets)[:1]:
            self._window.browser.show()
            self._window.browser.edit_name(info.name)

    def rename(self, old: str, new: str) -> None:
        """Rename an environment."""
        self._rename(old, new)
        self._session.history.add(
            f"Rename {old} to {new}", partial(self._rename, new, old), partial(self._rename, old, new)
        )

    def _rename(self, old: str, new: str) -> None:
        self._window.flush()
        self._session.apply(self._session.library.environments.rename(old, new))
        self._window.browser.select(new)

    def do_copy_reference(self, targets: Targets) -> None:
        """Copy name and version."""
        texts = [info.name if info.name.startswith(CURATED) else f"{info.name}:{info.latest}" for info in targets]
        QGuiApplication.clipboard().setText("\n".join(texts))

    def do_archive(self, targets: Targets) -> None:
        """Archive what is selected, or bring it back; can be undone from the banner."""
        chosen = own(targets)
        if not chosen:
            return
        archived = not chosen[0].archived
        # What is archived already stays so when this is undone.
        names = [info.name for info in chosen if info.archived is not archived]
        self._set_archived(names, archived)
        what = "Archive" if archived else "Unarchive"
        act = self._session.history.add(
            f"{what} {_listed(names)}",
            partial(self._set_archived, names, not archived),
            partial(self._set_archived, names, archived),
        )
        said = "Archived" if archived else "Restored"
        self._window.notice.say("info", f"{said} {_listed(names)}.", ("Undo", partial(self._take_back, act)))
        # The same key again must not archive what took its place.
        self._window.browser.list.clearSelection()

    def _set_archived(self, names: list[str], archived: bool) -> None:
        environments = self._session.library.environments
        infos = environments.list(archived=True, names=names)
        if len(infos) < len(names) or any(info.archived is archived for info in infos):
            raise _changed_since(f"{_listed(names)} changed meanwhile.")
        for name in names:
            self._session.apply(environments.archive(name, archived))

    def _take_back(self, act: Act, *_: object) -> None:
        try:
            self._session.history.take_back(act)
        except EnvStudioError as error:
            self._window.notice.say("warning", f"That cannot be undone: {message_of(error)}")

    def do_delete(self, targets: Targets) -> None:
        """Delete environments; can be undone from the banner, as everything else, and from the group Deleted."""
        names = [info.name for info in own(targets)]
        if not names:
            return
        self._window.flush()
        opened = self._delete_all(names)
        act = self._note_deletion(names, opened)
        self._offer_undeletion(f"Deleted {_listed(names)}.", act)
        # The same key again must not delete what took its place.
        self._window.browser.list.clearSelection()

    def _delete_all(self, names: list[str]) -> list[str]:
        """Delete environments, and return those that had a tab, the one that was in front last."""
        shown = self._window.current_view()
        opened = [view.document.name for view in self._window.views() if view.document.name in names]
        opened.sort(key=lambda name: shown is not None and name == shown.document.name)
        for name in filter(self._session.library.environments.exists, names):
            self._window.close_environment(name)
            self._session.apply(self._session.library.environments.delete(name))
        return opened

    @Slot(object)
    def restore_deleted(self, deleted: DeletedRow) -> None:
        """Bring a deleted environment back, and open it."""
        name = deleted.name
        try:
            self._session.apply(self._session.library.deleted.restore(deleted.number))
        except Conflict as error:
            self._window.notice.say("warning", message_of(error))
            return
        self._window.open_environment(name)
        self._session.history.add(
            f"Restore {name}", partial(self._delete_all, [name]), partial(self._undelete_all, [name])
        )

    @Slot(object)
    def remove_deleted(self, deleted: DeletedRow) -> None:
        """Ask whether a deleted environment is to be removed for ever, and remove it."""
        box = QMessageBox(self._widget)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Remove for ever")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Remove {deleted.name} for ever?")
        images = " Images stay in the engine." if deleted.images else ""
        box.setInformativeText(f"{removed_with(deleted)} are removed with it. This cannot be undone.{images}")
        box.addButton("Remove for ever", QMessageBox.ButtonRole.DestructiveRole).clicked.connect(
            partial(self._remove, deleted)
        )
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        self._window.show_dialog(box)

    def _remove(self, deleted: DeletedRow, *_: object) -> None:
        self._session.apply(self._session.library.deleted.remove(deleted.number))
        self._window.browser.read_deleted()
        self._window.notice.say("info", f"Removed {deleted.name} for ever.")

    def say_deleted_elsewhere(self, names: list[str]) -> None:
        """Say why tabs were closed, and offer to bring back what they showed."""
        were = "was" if len(names) == 1 else "were"
        text = f"{_listed(names)} {were} deleted elsewhere."
        self._window.notice.say("info", text, ("Undo", partial(self._bring_back, names)))

    def _bring_back(self, names: list[str], *_: object) -> None:
        self._undelete_all(names, names)

    def _offer_undeletion(self, text: str, act: Act) -> None:
        self._window.notice.say("info", text, ("Undo", partial(self._take_back, act)))

    def _undelete_all(self, names: list[str], opened: Sequence[str] = ()) -> None:
        """Bring environments back, `opened` with their tabs; one whose name was taken meanwhile stays on offer."""
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
            self._offer_undeletion(reason, self._note_deletion(left, [name for name in opened if name in left]))

    def _note_deletion(self, names: list[str], opened: list[str]) -> Act:
        return self._session.history.add(
            f"Delete {_listed(names)}", partial(self._undelete_all, names, opened), partial(self._delete_all, names)
        )


def _changed_since(reason: str) -> Conflict:
    return Conflict(reason, "Look at it before you change it again.", code="edit-conflict")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} environments"
