"""What packages there are, for the open environment: read by jobs from caches and the index, never waited for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from envstudio.domain.base_python import stated_python
from envstudio.domain.environment import Environment
from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.job import JobKey
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.settings import Settings
from envstudio.tasks.known_packages import Names, Newest, known_names, known_versions, newest_packages

WAIT_MILLISECONDS = 600
Key = tuple[str, str]
T = TypeVar("T")


class AvailablePackages(QObject):
    """Answers with what it knows; if it learns more, it says so by a signal."""

    names_changed = Signal()
    versions_changed = Signal(str, str)
    newest_changed = Signal()

    def __init__(self, session: Session, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._document = document
        self.names = Names()
        self.newest: Newest = {}
        self._versions: dict[Key, tuple[str, ...]] = {}
        self._asked: set[Key] = set()
        self._awaited: set[Key] = set()
        self._lock = document.lock()[0]
        self._settings: Settings | None = None
        self._timer = QTimer(self, interval=WAIT_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self.look)
        document.environment_changed.connect(self._on_document_environment_changed)
        document.facts_changed.connect(self._on_document_facts_changed)

    @Slot()
    def look(self) -> None:
        """Read the names and the newest versions again."""
        self._timer.stop()
        if self.is_outdated():
            self._settings = self._session.settings
            self._forget()
        environment, packages = self._document.environment, self._document.environment.python
        if not (packages.channels or packages.conda or packages.pip):
            return
        record = self._document.lock()[0]
        python = record.lock.platforms[0].python if record is not None and record.lock.platforms else ""
        self._run("names", self._on_names, known_names, environment)
        self._run("newest", self._on_newest, newest_packages, environment, python)

    def is_outdated(self) -> bool:
        """Return whether settings, such as the index or a mirror, are others than when it was last looked."""
        return self._settings is not self._session.settings

    def versions(self, manager: str, name: str) -> tuple[str, ...]:
        """Return the versions of a package, newest first; if they are not known yet, they are requested."""
        key = manager, name
        if name and key not in self._asked:
            self._asked.add(key)
            self._awaited.add(key)
            self._session.jobs.run(
                f"Load the versions of {name}",
                known_versions,
                self._session.settings,
                self._document.environment,
                manager,
                name,
                lane="known",
                key=JobKey("versions", self._document.name),
                on_done=partial(self._on_versions, key),
                on_failed=partial(self._on_versions_failed, key),
                on_end=partial(self._on_versions_end, key),
            )
        return self._versions.get(key, ())

    def _run(self, what: str, on_done: Callable[[T], None], task: Callable[..., T], *args: object) -> None:
        self._session.jobs.run(
            f"Load the packages of {self._document.name}",
            task,
            self._session.settings,
            *args,
            lane="known",
            key=JobKey(what, self._document.name),
            on_done=on_done,
            on_failed=self._on_failed,
        )

    def _on_names(self, names: Names) -> None:
        if names != self.names:
            self.names = names
            self.names_changed.emit()

    def _on_newest(self, newest: Newest) -> None:
        if newest != self.newest:
            self.newest = newest
            self.newest_changed.emit()

    def _on_versions(self, key: Key, versions: tuple[str, ...]) -> None:
        self._awaited.discard(key)
        self._versions[key] = versions
        self.versions_changed.emit(*key)

    def _on_versions_failed(self, key: Key, error: EnvStudioError) -> None:
        """Ask no more while the channels are the same: one that does not answer would be asked at each letter."""
        self._awaited.discard(key)

    def _on_versions_end(self, key: Key) -> None:
        """Let them be requested again if no one answered, as when those of another package were wanted first."""
        if key in self._awaited:
            self._awaited.discard(key)
            self._asked.discard(key)

    def _forget(self) -> None:
        self._asked.clear()
        self._versions.clear()

    def _on_failed(self, error: EnvStudioError) -> None:
        """Say nothing: this is a help, and everything works without it."""

    @Slot(object, object)
    def _on_document_environment_changed(self, old: Environment, new: Environment) -> None:
        before, after = old.python, new.python
        if (before.channels, before.pip_options) != (after.channels, after.pip_options):
            self._forget()
        if _asked(old) != _asked(new):
            self._timer.start()

    @Slot()
    def _on_document_facts_changed(self) -> None:
        """Look again after locking, which cached what the channels have now."""
        record = self._document.lock()[0]
        if record is not self._lock:
            self._lock = record
            self._asked.clear()
            self._timer.start()


def _asked(environment: Environment) -> tuple[object, ...]:
    """Return all on which the newest versions depend."""
    python = environment.python
    conda = {(item.name, item.channel, item.version if item.name == "python" else "") for item in python.conda}
    pip = {(item.name, item.kind, item.editable) for item in python.pip}
    return python.channels, python.pip_options, conda, pip, stated_python(environment)
