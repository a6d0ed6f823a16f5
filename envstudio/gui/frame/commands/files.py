"""Commands about files: import and export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from envstudio.domain.amounts import amount_text
from envstudio.domain.change import Aspect, changed
from envstudio.domain.problem import NOT_FETCHED, counted
from envstudio.gui.frame.commands.group import CommandGroup, Targets
from envstudio.gui.jobs.job import Job, JobKey, WorkspaceRef
from envstudio.gui.model.undone_versions import note_version
from envstudio.gui.widgets.banner import Offer
from envstudio.gui.widgets.quick_pick import Choice, QuickPick
from envstudio.library import EnvironmentInfo

if TYPE_CHECKING:
    from envstudio.gui.frame.commands.environments import EnvironmentCommands
    from envstudio.gui.frame.window import Window
    from envstudio.library import Registered
    from envstudio.tasks.export import Exported
    from envstudio.tasks.import_files import Imported
    from envstudio.tasks.import_preview import PreviewedFile
    from envstudio.tasks.import_several import ImportedSeveral, ToImport

MOST_NAMED = 5
"""How many of the files that could not be read a message names; the log names all."""


class FileCommands(CommandGroup):
    """Reads and writes files of other tools."""

    def __init__(self, window: Window, environments: EnvironmentCommands) -> None:
        super().__init__(window)
        self._environments = environments

    def do_import(self) -> None:
        """Choose files and import them."""
        from envstudio.formats import FORMATS
        from envstudio.lock_formats import LOCK_FORMATS

        dialog = QFileDialog(self._widget, "Import", str(self._window.state.last_folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        readable = [(item.title, item.filenames) for item in FORMATS if item.read]
        readable += [(item.title, item.filenames) for item in LOCK_FORMATS if item.read]
        names = " ".join(sorted({name for _, filenames in readable for name in filenames}))
        filters = [f"Environment files ({names})", "All files (*)"]
        filters[1:1] = [f"{title} ({' '.join(filenames)})" for title, filenames in readable]
        dialog.setNameFilters(filters)
        dialog.filesSelected.connect(self._on_dialog_files_selected)
        self._window.show_dialog(dialog)

    def _on_dialog_files_selected(self, files: list[str]) -> None:
        self.import_paths([Path(name) for name in files])

    def import_paths(self, files: list[Path]) -> None:
        """Show what files or folders hold, and what would be lost, before anything is registered."""
        from envstudio.tasks.import_preview import preview_import

        self._window.state.last_folder = files[0].parent
        what = files[0].name if len(files) == 1 else f"{len(files)} files"
        library = self._session.library
        self._session.jobs.run(f"Read {what}", preview_import, library, files, on_done=self._on_previewed)

    def _on_previewed(self, found: tuple[PreviewedFile, ...]) -> None:
        from envstudio.gui.dialogs.import_preview import ImportPreview

        clean = len(found) == 1 and not (found[0].problems or found[0].error or found[0].becomes)
        if clean:
            # Nothing would be lost and nothing is in the way, so there is nothing to ask.
            self.import_files([found[0].path])
            return
        dialog = ImportPreview(found, self._session.library.environments.exists, self._widget)
        dialog.chosen.connect(self.import_chosen)
        dialog.open()

    def import_files(self, files: list[Path]) -> None:
        """Import files under the names that they have."""
        from envstudio.tasks.import_several import ToImport

        self.import_chosen([ToImport(path) for path in files])

    def import_chosen(self, files: list[ToImport]) -> None:
        """Import files: one is shown when it is there, for several, it is reported how they went."""
        from envstudio.tasks.import_files import import_path
        from envstudio.tasks.import_several import import_several

        library, jobs, here = self._session.library, self._session.jobs, self._session.workspace_ref
        if len(files) == 1:
            path, name, environment = files[0].path, files[0].name, files[0].environment
            jobs.run(
                f"Import {path.name}",
                import_path,
                library,
                path,
                name=name,
                environment=environment,
                on_done=partial(self._on_imported, here, path),
            )
        else:
            job = jobs.run(f"Import {len(files)} files", import_several, library, files)
            job.on_done = partial(self._on_several_imported, here, job)

    def _on_several_imported(self, begun_in: WorkspaceRef, job: Job, outcome: ImportedSeveral) -> None:
        with self._session.history.one_act():
            self._session.apply_in(begun_in, outcome.change)
        if begun_in == self._session.workspace_ref:
            self._note_imports([item.registered for item in outcome.imported])
        names = {item.registered.name for item in outcome.imported}
        text = f"Imported {amount_text(len(outcome.imported), 'file')} into {amount_text(len(names), 'environment')}."
        found = counted(problem for item in outcome.imported for problem in item.checks)
        text += f" Their checks found {found}." if found else ""
        refused, offers = outcome.refused, list[Offer]()
        if refused:
            lines = [f"• {path.name}: {error.summary}" for path, error in refused[:MOST_NAMED]]
            if len(refused) > MOST_NAMED:
                lines.append(f"• and {len(refused) - MOST_NAMED} more")
            text += f" {len(refused)} could not be read:\n" + "\n".join(lines)
            offers.append(("Show log", partial(self._show_log, job)))
        self._window.notice.say("warning" if refused else "info", text, *offers)

    def _show_log(self, job: Job) -> None:
        self._window.fold_console(False)
        self._window.console.show_job(job)

    def _note_imports(self, registered: Sequence[Registered]) -> None:
        """Let what was imported be undone: new environments together, each new version of another one by itself."""
        made = [item for item in registered if item.created]
        new = list(dict.fromkeys(item.name for item in made if item.version == 1))
        for item in made:
            if item.name not in new:
                note_version(self._session, f"Import {item.name}:{item.version}", item)
        if new:
            self._environments.note_created(f"Import {new[0] if len(new) == 1 else f'{len(new)} environments'}", new)

    def _fetch(self, file: Path, name: str) -> None:
        """Import a file again, with the files of servers that it includes."""
        from envstudio.tasks.import_files import import_path

        self._session.jobs.run(
            f"Import {file.name}",
            import_path,
            self._session.library,
            file,
            name=name,
            fetch_with=self._session.settings,
            on_done=partial(self._on_imported, self._session.workspace_ref, file),
        )

    def _on_imported(self, begun_in: WorkspaceRef, file: Path, imported: Imported) -> None:
        registered = imported.registered
        what = f"Imported {Path(imported.path).name} as {registered.name}:{registered.version}"
        with self._session.history.one_act():
            self._session.apply_in(begun_in, registered.change)
        if begun_in == self._session.workspace_ref:
            self._window.open_environment(registered.name)
            self._note_imports([registered])
        else:
            what += f" in the workspace {begun_in[1]}"
        found = counted(imported.checks)
        if not imported.problems:
            self._window.notice.say("info", f"{what}. Its check found {found}." if found else f"{what}.")
            return
        lines = "\n".join(f"• {problem.message} {problem.advice}".rstrip() for problem in imported.problems)
        need = "1 thing needs" if len(imported.problems) == 1 else f"{len(imported.problems)} things need"
        offers: list[Offer] = []
        if begun_in == self._session.workspace_ref and any(item.code == NOT_FETCHED for item in imported.problems):
            offers.append(("Fetch", partial(self._fetch, file, registered.name)))
        self._window.notice.say("warning", f"{what}; {need} a look:\n{lines}", *offers)

    def do_export(self, targets: Targets) -> None:
        """Choose a format and a file, and write it."""
        if len(targets) == 1:
            self._export(targets[0])
        elif targets:
            self._choose_format([self._reference(info) for info in targets])

    def _choose_format(self, names: list[str]) -> None:
        """Ask for a format, then for a folder, to export several environments."""
        from envstudio.formats import FORMATS

        choices = [
            Choice(item.title, " ".join(item.filenames), "export", partial(self._choose_folder, names, item.id))
            for item in FORMATS
            if item.write
        ]
        QuickPick(f"Export {len(names)} environments", "Format", choices, self._widget).popup()

    def _choose_folder(self, names: list[str], format_id: str) -> None:
        title = f"Folder for {len(names)} environments"
        self._ask_folder(title, partial(self.export_several, names, format_id))

    def _ask_folder(self, title: str, then: Callable[[str], None]) -> None:
        dialog = QFileDialog(self._widget, title, str(self._window.state.last_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(then)
        self._window.show_dialog(dialog)

    def export_several(self, names: list[str], format_id: str, folder: str) -> None:
        """Export environments into a folder each."""
        from envstudio.tasks.export_several import export_several

        self._window.flush()
        self._window.state.last_folder = Path(folder)
        self._session.jobs.run(
            f"Export {len(names)} environments",
            export_several,
            self._session.library,
            names,
            format_id,
            Path(folder),
            on_done=self._on_several_exported,
        )

    def _on_several_exported(self, exported: tuple[Exported, ...]) -> None:
        lost = sum(bool(item.problems) for item in exported)
        text = f"Wrote {sum(len(item.files) for item in exported)} files for {len(exported)} environments."
        more = f" The format could not hold everything of {lost} of them." if lost else ""
        self._window.notice.say("warning" if lost else "info", text + more)

    def _export(self, info: EnvironmentInfo) -> None:
        from envstudio.formats import FORMATS

        self._window.flush()
        environment = self._session.library.find(self._reference(info)).environment
        writing = [item for item in FORMATS if item.write]
        filters = {f"{item.title} ({' '.join(item.filenames)})": item.id for item in writing}
        dialog = QFileDialog(self._widget, f"Export {info.name}", str(self._window.state.last_folder))
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

    def _on_exported(self, exported: Exported) -> None:
        files = ", ".join(path.name for path in exported.files)
        lost = "\n".join(f"• {problem.message}" for problem in exported.problems)
        if lost:
            self._window.notice.say("warning", f"Wrote {files}. The format could not hold everything:\n{lost}")
        else:
            self._window.notice.say("info", f"Wrote {files}.")

    def do_write_dockerfile(self, targets: Targets) -> None:
        """Choose a folder, and write the Dockerfile and its context into one of the environment's name there."""
        for info in targets[:1]:
            then = partial(self.write_dockerfile, info.name, self._reference(info))
            self._ask_folder(f"Folder for the Dockerfile of {info.name}", then)

    def write_dockerfile(self, name: str, reference: str, folder: str) -> None:
        """Write what builds the draft, or the latest version, without EnvStudio; it is locked first if needed."""
        from envstudio.tasks.dockerfile import dockerfile

        self._window.flush()
        self._window.state.last_folder = Path(folder)
        target = Path(folder) / name.replace("/", "-")
        self._session.jobs.run(
            f"Write the Dockerfile of {name}",
            dockerfile,
            self._session.library,
            self._session.settings,
            reference,
            target,
            lane="lock",
            key=JobKey("dockerfile", name),
            on_done=partial(self._on_dockerfile_written, self._session.workspace_ref, name, target),
        )

    def _on_dockerfile_written(self, begun_in: WorkspaceRef, name: str, folder: Path, files: tuple[Path, ...]) -> None:
        self._session.apply_in(begun_in, changed(Aspect.LOCKS, name))
        beside = len(files) - 1
        more = f" and {amount_text(beside, 'file')} that it needs" if beside else ""
        show = ("Open the folder", partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(folder))))
        self._window.notice.say("info", f"Wrote the Dockerfile of {name}{more} into {folder}.", show)
