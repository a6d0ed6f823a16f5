"""The acts that both front ends offer, done through each, and what a library holds afterwards."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import pytest
from pytestqt.qtbot import QtBot

from envstudio import settings
from envstudio.cli.main import run
from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.lock import Lock, PlatformLock
from envstudio.domain.reference import Reference
from envstudio.gui.dialogs.new_environment import NewEnvironmentDialog
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.job import Job, JobStatus
from envstudio.gui.model.labelling import label_taker
from envstudio.library import Library

NAME = "churn"
LOCKED_FOR = ("osx-arm64",)


def filled(location: Path) -> AbstractContextManager[Library]:
    """Open a new library with two versions, the first one locked, for a platform that no setting names."""
    library = Library.open(location, who="ana")
    first = Environment(NAME, Python(version="3.12"), Image(base="python:3.12-slim-bookworm"))
    library.versions.register(first, "first")
    locks = tuple(PlatformLock(name, "3.12", ()) for name in LOCKED_FOR)
    library.locks.save(NAME, Lock(library.find(NAME).digest, (), locks))
    second = replace(first, python=replace(first.python, version="3.13"), image=Image(base="python:3.13-slim-bookworm"))
    library.versions.register(second, "second")
    library.versions.register(Environment("bare", Python(version="3.12")), "no image")
    return library


def with_draft(library: Library) -> None:
    """Leave a draft of the environment as an editor would."""
    snapshot = library.find(NAME)
    library.versions.save_draft(snapshot.environment.with_variable(Variable("TREES", "20")))


class Face(Protocol):
    """One front end on a library. Each act says whether it was done."""

    library: Library

    def create(self, name: str, python: str) -> bool: ...
    def clone(self, source: str, name: str) -> bool: ...
    def import_file(self, path: Path) -> bool: ...
    def edit(self, variable: str, value: str) -> bool: ...
    def problems(self, name: str) -> list[str]: ...
    def lock(self, name: str) -> bool: ...
    def build(self, name: str) -> bool: ...
    def export(self, name: str, format_id: str, path: Path) -> bool: ...
    def export_lock(self, reference: str, format_id: str, path: Path) -> bool: ...
    def difference(self, old: str, new: str) -> str: ...
    def difference_from(self, path: Path) -> str: ...
    def restore(self, number: int) -> bool: ...
    def label(self, number: int, label: str) -> bool: ...
    def archive(self, name: str) -> bool: ...
    def delete(self, name: str) -> bool: ...
    def set(self, key: str, value: str) -> bool: ...


@dataclass
class CommandLine:
    """The command line. Where the window acts on a draft that is open, its words name the draft."""

    library: Library
    location: Path
    capsys: pytest.CaptureFixture[str]

    def _run(self, *words: str | Path) -> bool:
        return self._status(*words) == 0

    def _status(self, *words: str | Path) -> int:
        def no_window(*_: str) -> int:
            raise AssertionError("a command opens no window")

        return run(["--library", str(self.location), *map(str, words)], no_window)

    def _reference(self, name: str) -> str:
        return f"{name}@draft" if self.library.versions.has_changed_draft(name) else name

    def create(self, name: str, python: str) -> bool:
        return self._run("create", name, "--python", python, "--package", "pip")

    def clone(self, source: str, name: str) -> bool:
        return self._run("create", name, "--from", source)

    def import_file(self, path: Path) -> bool:
        return self._run("import", path)

    def edit(self, variable: str, value: str) -> bool:
        return self._run("edit", NAME, "--set", f"{variable}={value}", "-m", "Edited")

    def problems(self, name: str) -> list[str]:
        import json

        self.capsys.readouterr()
        self._status("--json", "check", name)
        return sorted(item["code"] for item in json.loads(self.capsys.readouterr().out))

    def lock(self, name: str) -> bool:
        return self._run("lock", self._reference(name))

    def build(self, name: str) -> bool:
        return self._run("build", self._reference(name))

    def export(self, name: str, format_id: str, path: Path) -> bool:
        return self._run("export", self._reference(name), "--format", format_id, "-o", path)

    def export_lock(self, reference: str, format_id: str, path: Path) -> bool:
        return self._run("lock", "export", reference, "--format", format_id, "-o", path)

    def difference(self, old: str, new: str) -> str:
        self.capsys.readouterr()
        self._run("diff", old, new, "--markdown")
        return self.capsys.readouterr().out

    def difference_from(self, path: Path) -> str:
        return self.difference(str(path), NAME)

    def restore(self, number: int) -> bool:
        return self._run("restore", f"{NAME}:{number}")

    def label(self, number: int, label: str) -> bool:
        return self._run("label", f"{NAME}:{number}", label)

    def archive(self, name: str) -> bool:
        return self._run("archive", name)

    def delete(self, name: str) -> bool:
        return self._run("delete", name, "--yes")

    def set(self, key: str, value: str) -> bool:
        return self._run("settings", key, value)


class Window:
    """The main window, through the commands that its buttons and keys call."""

    def __init__(self, shown: MainWindow, qtbot: QtBot) -> None:
        self.shown, self._qtbot = shown, qtbot
        self.library = shown.session.library
        self._seen: list[Job] = []

    def _wait(self) -> bool:
        """Wait for all jobs; return whether none of those that are new failed."""
        jobs = self.shown.session.jobs
        self._qtbot.waitUntil(lambda: not jobs.active(), timeout=60_000)
        new = [job for job in jobs.jobs if job not in self._seen]
        self._seen += new
        return all(job.status is JobStatus.DONE for job in new)

    def _open(self, name: str) -> Any:
        view = self.shown.open_environment(name)
        view.setFocus()
        return view

    def create(self, name: str, python: str) -> bool:
        return self._make(name, "", python)

    def clone(self, source: str, name: str) -> bool:
        return self._make(name, source, "")

    def _make(self, name: str, source: str, python: str) -> bool:
        dialog = NewEnvironmentDialog(self.shown.session, self.shown, source=source)
        dialog.name.setText(name)
        if python:
            dialog.python.setCurrentText(python)
        if not dialog.create_button.isEnabled():
            dialog.reject()
            return False
        dialog.create_button.click()
        return True

    def import_file(self, path: Path) -> bool:
        self.shown.commands.files.import_files([path])
        return self._wait()

    def edit(self, variable: str, value: str) -> bool:
        view = self._open(NAME)
        view.document.edit("Edit", view.document.environment.with_variable(Variable(variable, value)))
        self.shown.commands.drafts.register(view, "Edited")
        return self._wait()

    def problems(self, name: str) -> list[str]:
        return sorted(problem.code for problem in self._open(name).document.problems())

    def lock(self, name: str) -> bool:
        self._open(name)
        self.shown.commands.builds.do_lock(self.shown.targets())
        return self._wait()

    def lock_on_page(self, name: str) -> bool:
        """Lock by the page of the lock, which has a button of its own."""
        self._open(name).show_lock().lock_now()
        return self._wait()

    def build(self, name: str) -> bool:
        self._open(name)
        before = len(self.shown.session.jobs.jobs)
        self.shown.commands.builds.do_build(self.shown.targets())
        return self._wait() and len(self.shown.session.jobs.jobs) > before

    def export(self, name: str, format_id: str, path: Path) -> bool:
        from PySide6.QtWidgets import QFileDialog

        from envstudio.formats import find_format

        self._open(name)
        self.shown.commands.files.do_export(self.shown.targets())
        dialog = next(item for item in self.shown.findChildren(QFileDialog) if item.isVisible())
        title = find_format(format_id).title
        dialog.selectNameFilter(next(text for text in dialog.nameFilters() if text.startswith(f"{title} (")))
        dialog.fileSelected.emit(str(path))
        dialog.close()
        return self._wait()

    def export_lock(self, reference: str, format_id: str, path: Path) -> bool:
        from envstudio.lock_formats import find_lock_format

        page = self._open(reference.partition(":")[0]).show_lock()
        page.view.export.write(find_lock_format(format_id), str(path))
        return self._wait()

    def difference(self, old: str, new: str) -> str:
        from PySide6.QtGui import QGuiApplication

        page = self._open(NAME).show_history()
        page.select_pair(*(int(reference.partition(":")[2]) for reference in (old, new)))
        self._wait()
        page.files.copy_markdown()
        return QGuiApplication.clipboard().text()

    def difference_from(self, path: Path) -> str:
        from PySide6.QtGui import QGuiApplication

        page = self._open(NAME).show_history()
        page.files.look_at(str(path))
        self._wait()
        page.files.copy_markdown()
        return QGuiApplication.clipboard().text()

    def restore(self, number: int) -> bool:
        self._open(NAME).show_history().show_version(number)
        self._wait()
        self.shown.commands.history.do_restore_version()
        return self._wait()

    def label(self, number: int, label: str) -> bool:
        from envstudio.errors import EnvStudioError

        try:
            label_taker(self.shown.session, Reference(NAME, number))(label)
        except EnvStudioError:
            return False
        return True

    def archive(self, name: str) -> bool:
        self._open(name)
        self.shown.commands.environments.do_archive(self.shown.targets())
        return self._wait()

    def delete(self, name: str) -> bool:
        self._open(name)
        self.shown.commands.environments.do_delete(self.shown.targets())
        return self._wait()

    def set(self, key: str, value: str) -> bool:
        page = self.shown.show_settings()
        page.take(key, value)
        return not page.fields[key].reason.text()


def stored(library: Library) -> dict[str, Any]:
    """Return all that a library holds of its environments, without times, ids and the files of builds."""
    names = [info.name for info in library.environments.list(archived=True)]
    return {name: _stored_of(library, name) for name in names}


def _stored_of(library: Library, name: str) -> dict[str, Any]:
    versions = [library.find(Reference(name, info.number)) for info in library.versions.list(name)]
    locks = {item.version: library.locks.find(name, item.digest) for item in versions}
    draft = library.versions.draft(name)
    draft_lock = library.locks.find(name, draft.digest)
    builds = library.builds.list(name)
    return {
        "versions": [(item.version, item.digest, item.message, item.environment) for item in versions],
        "labels": library.versions.labels(name),
        "archived": next(info.archived for info in library.environments.list(archived=True) if info.name == name),
        "draft": (draft.environment, draft.base_version, draft.changed),
        "locks": {number: record.lock for number, record in locks.items() if record},
        "draft lock": draft_lock.lock if draft_lock else None,
        "builds": [(item.version, item.status, item.builder, item.error, item.inputs) for item in builds],
        "runs": [(item.version, item.target, item.command) for item in library.runs.list(name)],
    }


def settings_now() -> settings.Settings:
    """Return what the settings file says, and restore its defaults for the next front end."""
    from envstudio import paths

    found = settings.load()
    paths.config_file().unlink(missing_ok=True)
    return found
