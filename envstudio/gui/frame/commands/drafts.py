"""Commands about the draft of the open environment: undo, packages, registering and discarding."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from envstudio.domain.change import Aspect
from envstudio.domain.reference import Reference
from envstudio.errors import EnvStudioError
from envstudio.gui.frame.commands.contexts import with_context_read
from envstudio.gui.frame.commands.group import CommandGroup
from envstudio.gui.look.error_text import message_of

if TYPE_CHECKING:
    from envstudio.domain.environment import Environment
    from envstudio.gui.frame.commands.builds import BuildCommands
    from envstudio.gui.frame.environment_view import EnvironmentView
    from envstudio.gui.frame.window import Window
    from envstudio.gui.model.document import Document

KEPT = "{name}:{version} has the new description and tags. Nothing else changed."
NOTHING_TO_REGISTER = "Nothing to register: the draft of {name} is the same as version {version}."


class DraftCommands(CommandGroup):
    """Changes drafts and makes versions of them."""

    def __init__(self, window: Window, builds: BuildCommands) -> None:
        super().__init__(window)
        self._builds = builds

    def do_undo(self) -> None:
        """Take back what was done last in the workspace."""
        self._move(self._session.history.undo)

    def do_redo(self) -> None:
        """Do again what was taken back last."""
        self._move(self._session.history.redo)

    def _move(self, move: Callable[[Callable[[str], object]], None]) -> None:
        """Go one step back or on; what is being typed is a step of its own."""
        if view := self._view():
            view.commit()
        try:
            move(self._show)
        except EnvStudioError as error:
            self._window.notice.say("warning", f"That cannot be undone: {message_of(error)}")

    def _show(self, name: str) -> None:
        view = self._view()
        if view is None or view.document.name != name:
            self._window.open_environment(name)

    def do_find(self) -> None:
        """Put the cursor into the filter of what is shown; in the console, look for a text in the log."""
        widget = QApplication.focusWidget()
        if widget is not None and self._window.console.isAncestorOf(widget):
            self._window.console.open_search()
            return
        view = self._view()
        field = view.current_page().find_field() if view and not self._window.browser_has_focus() else None
        field = field or self._window.browser.filter
        field.setFocus()
        field.selectAll()

    def do_add_package(self) -> None:
        """Put the cursor into the line in which packages are typed."""
        if view := self._view():
            edit = view.show_packages().add_line.edit
            edit.setFocus()
            # What was refused stays to be seen, and goes when one types.
            edit.selectAll()

    def do_explain(self) -> None:
        """Show why the selected package is there."""
        if view := self._view():
            page = view.show_packages()
            if chosen := page.selected():
                page.reasons.explain_row(chosen[0])

    def do_take_from_pip(self) -> None:
        """Take the selected packages from pip."""
        if view := self._view():
            view.show_packages().several.take_from("pip")

    def do_take_from_conda(self) -> None:
        """Take the selected packages from conda's channels."""
        if view := self._view():
            view.show_packages().several.take_from("conda")

    def do_pin(self) -> None:
        """Request exactly the locked versions of the selected packages."""
        if view := self._view():
            view.show_packages().several.pin_to_locked()

    def do_register(self) -> None:
        """Make the draft a version, after a look at what changed."""
        view = self._view()
        if view is None or view.document.read_only:
            return
        self._window.commit_editors()
        with_context_read(self._session, view.document, partial(self._show_changes, view))

    def _show_changes(self, view: EnvironmentView) -> None:
        """Show what a draft changes of the newest version, and register it if the user says so."""
        # Loaded with the first act, since a window at rest needs none of it.
        from envstudio.domain.diff import compare

        document = view.document
        latest = self._session.library.find(Reference(document.environment.name))
        if not compare(latest.environment, document.environment):
            if document.base_version == latest.version:
                self._say_nothing_to_register(document, latest.version)
            else:
                # It goes on from the version that came meanwhile and says the same.
                self.register(view, "", compared=latest.environment)
            return
        from envstudio.gui.dialogs.register import RegisterDialog

        dialog = RegisterDialog(document, latest, self._widget)
        dialog.message_given.connect(partial(self.register, view, compared=latest.environment))
        dialog.open()

    def register(self, view: EnvironmentView, message: str, *, compared: Environment | None = None) -> int:
        """Register the draft of a view and return the version's number.

        The user saw it `compared` with the newest version; None if no one looked, so that it builds on what came since.
        """
        registered = view.document.register(message, started=compared)
        self._session.apply(registered.change)
        if registered.created:
            text = f"Registered {registered.name}:{registered.version}."
            # Whatever one looks at when one takes up an offer, it is about this.
            name, builds = registered.name, self._builds
            offers = (
                ("Lock", lambda: builds.lock(name, name)),
                ("Build", lambda: builds.build(name, f"{name}:{registered.version}")),
            )
            self._window.notice.say("info", text, *offers)
        elif registered.change.aspects & Aspect.VERSIONS:
            self._window.notice.say("info", KEPT.format(name=registered.name, version=registered.version))
        else:
            self._say_nothing_to_register(view.document, registered.version)
        return registered.version

    def _say_nothing_to_register(self, document: Document, version: int) -> None:
        """Say so until there is something."""
        self._window.notice.say("info", NOTHING_TO_REGISTER.format(name=document.environment.name, version=version))
        self._window.notice.clear_at(document.environment_changed)

    def do_discard(self) -> None:
        """Return to the version that the draft started from, as an edit that can be undone."""
        if view := self._view():
            document = view.document
            if document.changes():
                version = self._session.library.find(Reference(document.environment.name, document.base_version))
                document.edit("Discard changes", version.environment)
