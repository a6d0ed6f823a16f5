"""What each command of the table does. A command's id is the name of its method here, with `do_` before it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from envstudio import __version__, paths, settings
from envstudio.domain.change import Aspect, changed
from envstudio.domain.reference import CURATED, Reference
from envstudio.formats import FORMATS
from envstudio.gui import theme
from envstudio.gui.actions import COMMANDS, PAGES, THEMES
from envstudio.gui.dialogs.ask import ask
from envstudio.gui.dialogs.new_environment import NewEnvironmentDialog
from envstudio.gui.dialogs.register import RegisterDialog
from envstudio.gui.editor.packages_page import PackagesPage
from envstudio.gui.environment_view import EnvironmentView
from envstudio.gui.history.history_page import HistoryPage
from envstudio.gui.jobs import Job, JobStatus
from envstudio.gui.widgets.quick_pick import Choice, QuickPick
from envstudio.library import EnvironmentInfo

if TYPE_CHECKING:
    from envstudio.gui.main_window import MainWindow

NOTHING_TO_REGISTER = "Nothing to register: the draft of {name} is the same as version {version}."


class Commands(QObject):
    """The verbs of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._session.jobs.job_finished.connect(self._on_jobs_job_finished)

    def handler(self, command: str) -> Callable[[], None]:
        """Return what to call for a command."""
        for prefix, method in (("page_", self._show_page), ("theme_", self.set_theme)):
            if command.startswith(prefix):
                return partial(self._ignoring_checked, method, command.removeprefix(prefix))
        method = getattr(self, f"do_{command}")
        return partial(self._ignoring_checked, method)

    def _ignoring_checked(self, method: Callable[..., None], *args: Any) -> None:
        """Call a command's method without the `checked` that Qt adds."""
        wanted = [arg for arg in args if not isinstance(arg, bool)]
        method(*wanted)

    def _view(self) -> EnvironmentView | None:
        return self._window.current_view()

    def _targets(self) -> list[EnvironmentInfo]:
        """Return the environments that a command is about: the browser's where one is there, else the open tab's."""
        return self._window.targets()

    # File

    def do_new(self) -> None:
        """Ask for a name and make an environment."""
        self._new("")

    def do_duplicate(self) -> None:
        """Make an environment that starts as this one."""
        for info in self._targets()[:1]:
            self._new(info.name)

    def _new(self, source: str) -> None:
        self._window.flush()
        dialog = NewEnvironmentDialog(self._session, self._window, source)
        dialog.created.connect(self._window.open_environment)
        dialog.open()

    def do_import(self) -> None:
        """Choose files and import them."""
        dialog = QFileDialog(self._window, "Import", str(self._window.state.last_folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        names = " ".join(sorted({name for item in FORMATS if item.read for name in item.filenames}))
        filters = [f"Environment files ({names})", "All files (*)"]
        filters[1:1] = [f"{item.title} ({' '.join(item.filenames)})" for item in FORMATS if item.read]
        dialog.setNameFilters(filters)
        dialog.filesSelected.connect(self._on_dialog_files_selected)
        self._window.show_dialog(dialog)

    def _on_dialog_files_selected(self, files: list[str]) -> None:
        self.import_paths([Path(name) for name in files])

    def import_paths(self, files: list[Path]) -> None:
        """Show what files or folders hold, and what would be lost, before anything is registered."""
        from envstudio.gui.import_preview import look_at

        self._window.state.last_folder = files[0].parent
        names = frozenset(info.name for info in self._window.browser.model.infos())
        what = files[0].name if len(files) == 1 else f"{len(files)} files"
        self._session.jobs.run(f"Look at {what}", look_at, files, names, on_done=self._on_looked_at)

    def _on_looked_at(self, found: Any) -> None:
        from envstudio.gui.import_preview import ImportPreview

        clean = len(found) == 1 and not (found[0].problems or found[0].error or found[0].known)
        if clean:
            # Nothing would be lost and nothing is in the way, so there is nothing to ask.
            self.import_files([found[0].path])
            return
        dialog = ImportPreview(found, self._window)
        dialog.chosen.connect(self.import_files)
        dialog.open()

    def import_files(self, files: list[Path]) -> None:
        """Import files, each in a job of its own."""
        from envstudio.tasks.import_files import import_path

        for path in files:
            self._session.jobs.run(
                f"Import {path.name}",
                import_path,
                self._session.library,
                path,
                lane="general",
                on_done=self._on_imported,
            )

    def _on_imported(self, imported: Any) -> None:
        registered = imported.registered
        self._session.apply(registered.change)
        self._window.open_environment(registered.name)
        what = f"Imported {Path(imported.path).name} as {registered.name}:{registered.version}"
        if not imported.problems:
            self._window.notice.say("info", f"{what}.")
            return
        lines = "\n".join(f"• {problem.message} {problem.advice}".rstrip() for problem in imported.problems[:5])
        self._window.notice.say("warning", f"{what}; {len(imported.problems)} things need a look:\n{lines}")

    def do_export(self) -> None:
        """Choose a format and a file, and write it."""
        for info in self._targets()[:1]:
            self._export(info)

    def _export(self, info: EnvironmentInfo) -> None:
        self._window.flush()
        environment = self._session.library.find(info.name).environment
        writing = [item for item in FORMATS if item.write]
        filters = {f"{item.title} ({' '.join(item.filenames)})": item.id for item in writing}
        dialog = QFileDialog(self._window, f"Export {info.name}", str(self._window.state.last_folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(filters))
        dialog.selectFile(writing[0].filenames[0])

        def export(name: str, dialog: QFileDialog = dialog) -> None:
            from envstudio.tasks.export import export as task

            chosen = filters[dialog.selectedNameFilter()]
            self._session.jobs.run(
                f"Export {Path(name).name}", task, environment, chosen, Path(name), on_done=self._on_exported
            )

        dialog.fileSelected.connect(export)
        self._window.show_dialog(dialog)

    def _on_exported(self, exported: Any) -> None:
        files = ", ".join(path.name for path in exported.files)
        lost = "\n".join(f"• {problem.message}" for problem in exported.problems)
        if lost:
            self._window.notice.say("warning", f"Wrote {files}. The format could not hold everything:\n{lost}")
        else:
            self._window.notice.say("info", f"Wrote {files}.")

    def do_new_workspace(self) -> None:
        """Ask for a name and make a workspace."""

        def take(name: str) -> None:
            self._session.apply(self._session.library.workspaces.create(name))
            self._session.switch_workspace(name)

        ask(self._window, "New workspace", "Workspace", "vision-team", take)

    def do_close_tab(self) -> None:
        """Close the tab that is shown."""
        self._window.close_current()

    def do_quit(self) -> None:
        """Close the window."""
        self._window.close()

    # Edit

    def do_undo(self) -> None:
        """Take back the last edit."""
        if view := self._view():
            view.document.undo_stack.undo()

    def do_redo(self) -> None:
        """Do the edit again that was taken back."""
        if view := self._view():
            view.document.undo_stack.redo()

    def do_find(self) -> None:
        """Put the cursor into the filter of what is shown."""
        view = self._view()
        field = view.current_page().find_field() if view and not self._window.browser_has_focus() else None
        field = field or self._window.browser.filter
        field.setFocus()
        field.selectAll()

    def do_add_package(self) -> None:
        """Put the cursor into the line in which packages are typed."""
        if view := self._view():
            page = view.show_page("Packages")
            if isinstance(page, PackagesPage):
                page.add_line.edit.setFocus()

    def do_palette(self) -> None:
        """Offer every command by its name."""
        choices = []
        for command in COMMANDS:
            action = self._window.actions_of[command.id]
            if action.isEnabled() and command.id != "palette":
                keys = action.shortcut().toString()
                menu = next((place for place in command.where if place[0].isupper()), "")
                text = f"{menu}: {command.text}" if menu else command.text
                choices.append(Choice(text, keys, command.icon, action.trigger))
        QuickPick("Command", "Type a command", choices, self._window).popup()

    def do_go_to(self) -> None:
        """Offer every environment, and the versions and packages of the open one."""
        choices = [
            Choice(
                info.name,
                "curated" if info.kind == "curated" else f"v{info.latest}",
                "curated" if info.kind == "curated" else "environment",
                partial(self._window.open_environment, info.name),
            )
            for info in self._window.browser.model.infos()
        ]
        view = self._view()
        if view is not None:
            choices += self._places(view)
        QuickPick("Go to", "Environment, version or package", choices, self._window).popup()

    def _places(self, view: EnvironmentView) -> list[Choice]:
        environment, places = view.document.environment, []
        for manager, items in (("conda", environment.python.conda), ("pip", environment.python.pip)):
            for item in items:
                go = partial(self._go_to_package, view, manager, item.name)
                places.append(Choice(item.name, f"{manager} package", "package", go))
        if not view.document.read_only:
            for info in self._session.library.versions.list(environment.name):
                text = f"{environment.name}:{info.number} {info.message}".rstrip()
                places.append(Choice(text, "version", "history", partial(self._go_to_version, view, info.number)))
        return places

    def _go_to_package(self, view: EnvironmentView, manager: str, name: str) -> None:
        page = view.show_page("Packages")
        if isinstance(page, PackagesPage):
            page.show_package(manager, name)

    def _go_to_version(self, view: EnvironmentView, number: int) -> None:
        page = view.show_page("History")
        if isinstance(page, HistoryPage):
            page.show_version(number)

    # View

    def _show_page(self, name: str) -> None:
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
        self._session.settings = settings.assign("theme", "" if choice == "system" else choice)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, choice)
        for name in THEMES:
            self._window.actions_of[f"theme_{name}"].setChecked(name == choice)

    # Environment

    def do_register(self) -> None:
        """Make the draft a version, after a look at what changed."""
        view = self._view()
        if view is None or view.document.read_only:
            return
        self._window.commit_editors()
        document = view.document
        latest = self._session.library.find(Reference(document.environment.name)).version
        if not document.changes():
            text = NOTHING_TO_REGISTER.format(name=document.environment.name, version=latest)
            self._window.notice.say("info", text)
            return
        dialog = RegisterDialog(document, latest, self._window)
        dialog.message_given.connect(partial(self.register, view))
        dialog.open()

    def register(self, view: EnvironmentView, message: str) -> int:
        """Register the draft of a view and return the version's number."""
        registered = view.document.register(message)
        self._session.apply(registered.change)
        if registered.created:
            text = f"Registered {registered.name}:{registered.version}."
            offers = (
                ("Lock", self._window.actions_of["lock"].trigger),
                ("Build", self._window.actions_of["build"].trigger),
            )
            self._window.notice.say("info", text, *offers)
        else:
            text = NOTHING_TO_REGISTER.format(name=registered.name, version=registered.version)
            self._window.notice.say("info", text)
        return registered.version

    def do_discard(self) -> None:
        """Return to the version that the draft started from, as an edit that can be undone."""
        if view := self._view():
            document = view.document
            if document.changes():
                version = self._session.library.find(Reference(document.environment.name, document.base_version))
                document.edit("Discard changes", version.environment)

    def do_compare(self) -> None:
        """Show the history; with two environments selected, compare the two."""
        chosen = self._targets()
        if not chosen:
            return
        view = self._window.open_environment(chosen[-1].name)
        page = view.show_page("History")
        if len(chosen) == 2 and isinstance(page, HistoryPage):
            page.compare_with(self._session.library.find(chosen[0].name))

    def do_label(self) -> None:
        """Ask for a label for the latest version."""
        for info in self._targets()[:1]:

            def take(text: str, name: str = info.name) -> None:
                self._session.apply(self._session.library.versions.label(Reference(name), text))

            ask(self._window, f"Label {info.name} v{info.latest}", "Label", "prod", take)

    def do_rename(self) -> None:
        """Rename in the browser, in place."""
        for info in self._targets()[:1]:
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
        chosen = [info for info in self._targets() if not info.name.startswith(CURATED)]
        if not chosen:
            return
        archived = not chosen[0].archived
        self._set_archived([info.name for info in chosen], archived)
        undo = partial(self._set_archived, [info.name for info in chosen], not archived)
        what = "Archived" if archived else "Brought back"
        self._window.notice.say("info", f"{what} {_listed([info.name for info in chosen])}.", ("Undo", undo))

    def _set_archived(self, names: list[str], archived: bool, *_: object) -> None:
        for name in names:
            self._session.apply(self._session.library.environments.archive(name, archived))

    def do_delete(self) -> None:
        """Delete what is selected; can be undone from the banner."""
        names = [info.name for info in self._targets() if not info.name.startswith(CURATED)]
        if not names:
            return
        self._window.flush()
        for name in names:
            self._window.close_environment(name)
            self._session.apply(self._session.library.environments.delete(name))
        self._window.notice.say("info", f"Deleted {_listed(names)}.", ("Undo", partial(self._undelete, names)))

    def _undelete(self, names: list[str], *_: object) -> None:
        for name in names:
            self._session.apply(self._session.library.environments.undelete(name))

    # Build

    def do_lock(self) -> None:
        """Resolve the draft, or the latest version, to exact packages."""
        from envstudio.tasks.lock import lock

        self._window.flush()
        for info in self._targets()[:1]:
            document = self._session.documents.get(info.name)
            reference = f"{info.name}@draft" if document and document.has_draft() else info.name
            self._session.jobs.run(
                f"Lock {info.name}",
                lock,
                self._session.library,
                self._session.settings,
                reference,
                lane="lock",
                key=f"lock:{info.name}",
                on_done=self._on_changed,
            )

    def do_build(self) -> None:
        """Build the image; a changed draft is registered first."""
        from envstudio.tasks.build import build

        self._window.flush()
        for info in self._targets()[:1]:
            view = self._window.view_of(info.name)
            version = info.latest
            if view is not None and view.document.changes():
                version = self.register(view, "Registered to build")
            self._session.jobs.run(
                f"Build {info.name}:{version}",
                build,
                self._session.library,
                self._session.settings,
                f"{info.name}:{version}",
                lane="build",
                key=f"build:{info.name}",
                on_done=self._on_changed,
            )

    def _on_changed(self, outcome: Any) -> None:
        self._session.apply(outcome.change)

    @Slot(object)
    def _on_jobs_job_finished(self, job: Job) -> None:
        """Show the failure of a build on its environment; a task that raises hands back no change."""
        verb, _, name = (job.key or "").partition(":")
        if verb == "build" and job.status is not JobStatus.DONE:
            self._session.apply(changed(Aspect.BUILDS | Aspect.ENVIRONMENTS | Aspect.LOCKS, name))

    def do_cancel_job(self) -> None:
        """Stop the job that is shown in the console."""
        job = self._window.console.job
        if job is not None:
            self._session.jobs.cancel(job)

    # Help

    def do_settings(self) -> None:
        """Show the settings."""
        self._window.show_settings()

    def do_doctor(self) -> None:
        """Check what is installed and reachable."""
        self._window.show_doctor().look()

    def do_about(self) -> None:
        """Tell version and places."""
        box = QMessageBox(self._window)
        box.setWindowTitle("About EnvStudio")
        box.setText(f"<b>EnvStudio {__version__}</b>")
        box.setInformativeText(f"Library: {self._session.library.place}\nSettings: {paths.config_file()}")
        self._window.show_dialog(box)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} environments"
