"""The jobs that a lock page starts, and those of the same environment that were started elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from envstudio.domain.change import LibraryChange
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.why import Why
from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.job import Job, JobKey, JobStatus
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.why_panel import explained
from envstudio.library import Library, LockSummary
from envstudio.packages.wheel_metadata import WheelFacts
from envstudio.report import Report
from envstudio.tasks.earlier_locks import locks_of, preview_earlier
from envstudio.tasks.lock import Locked, LockOptions, lock, preview, store
from envstudio.tasks.package_facts import package_facts


class LockJobs(QObject):
    """`changed` carries the job that solves for this environment; `failed` an error for the user to read."""

    changed = Signal(object)
    failed = Signal(object)
    previewed = Signal(object)
    stored = Signal()
    explained = Signal(object)
    facts_found = Signal(dict)

    def __init__(self, session: Session, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._document = session, document
        session.jobs.job_added.connect(self._on_jobs_changed)
        session.jobs.job_changed.connect(self._on_jobs_changed)
        session.jobs.job_failed.connect(self._on_jobs_job_failed)

    @property
    def key(self) -> JobKey:
        """Return the key of the jobs that solve for this environment."""
        return JobKey("lock", self._document.environment.name)

    def _is_own(self, job: Job) -> bool:
        return job.key == self.key and job.workspace_ref == self._session.workspace_ref

    def look_back(self) -> None:
        """Show how the last job went that solved for this environment before the page was made."""
        job = next((job for job in reversed(self._session.jobs.jobs) if self._is_own(job)), None)
        if job is None:
            return
        self.changed.emit(job)
        if job.status is JobStatus.FAILED:
            self._tell_failure(job)

    def lock(self, platforms: tuple[str, ...]) -> None:
        """Lock the draft, or the latest version if there is none."""
        self._document.flush()
        job = self._session.jobs.run(
            f"Lock {self._document.environment.name}",
            lock,
            self._session.library,
            self._session.settings,
            self._reference(),
            options=replace(self._options(), platforms=platforms),
            lane="lock",
            key=self.key,
            workspace_ref=self._session.workspace_ref,
            on_done=self._on_locked,
            on_failed=self._on_failed,
        )
        job.about = self._document.digest()

    def preview(self, platforms: tuple[str, ...], names: tuple[str, ...]) -> None:
        """Solve again for all packages, or for those named and what they force; nothing is stored."""
        self._document.flush()
        job = self._session.jobs.run(
            f"Preview an update of {self._document.environment.name}",
            preview,
            self._session.library,
            self._session.settings,
            self._reference(),
            options=replace(self._options(), platforms=platforms, upgrade=not names, upgrade_packages=names),
            lane="lock",
            key=self.key,
            workspace_ref=self._session.workspace_ref,
            on_done=self._on_previewed,
            on_failed=self._on_failed,
        )
        job.about = self._document.digest()

    def list_earlier(self, then: Callable[[tuple[LockSummary, ...]], None]) -> None:
        """Read which locks the definition has had."""
        self._session.jobs.run(
            f"Earlier locks of {self._document.environment.name}",
            _earlier,
            self._session.library,
            self._reference(),
            lane="library",
            key=JobKey("earlier locks", self._document.environment.name),
            on_done=then,
        )

    def preview_earlier(self, digest: str) -> None:
        """Show what going back to an earlier lock would change; nothing is stored."""
        self._document.flush()
        job = self._session.jobs.run(
            f"Compare the locks of {self._document.environment.name}",
            preview_earlier,
            self._session.library,
            self._reference(),
            digest,
            lane="library",
            key=JobKey("earlier lock", self._document.environment.name),
            workspace_ref=self._session.workspace_ref,
            on_done=self._on_previewed,
            on_failed=self._on_failed,
        )
        job.about = self._document.digest()

    def store(self, found: Lock) -> None:
        """Keep a lock that was previewed."""
        name = self._document.environment.name
        self._session.jobs.run(
            f"Store the lock of {name}",
            store,
            self._session.library,
            self._session.settings,
            self._reference(),
            found,
            options=self._options(),
            lane="lock",
            on_done=self._on_stored,
        )

    def explain(self, platform: PlatformLock, name: str) -> None:
        """Find out why a package is in a lock."""
        self._session.jobs.run(
            f"Why {name}",
            explained,
            platform,
            name,
            lane="library",
            key=JobKey("why", self._document.name),
            on_done=self._on_explained,
        )

    def look_for_facts(self, packages: Iterable[LockedPackage]) -> None:
        """Ask the index for licences and sizes that a lock does not hold."""
        wanted = tuple(packages)
        if wanted:
            self._session.jobs.run(
                f"Licences and sizes of {self._document.name}",
                package_facts,
                wanted,
                self._session.settings,
                lane="known",
                key=JobKey("facts", self._document.name),
                on_done=self._on_facts,
                on_failed=self._on_facts_failed,
            )

    @Slot()
    def cancel(self) -> None:
        """Stop solving."""
        for job in self._session.jobs.active():
            if self._is_own(job):
                self._session.jobs.cancel(job)

    def _options(self) -> LockOptions:
        return self._session.lock_options(self._document.name)

    def _reference(self) -> str:
        name = self._document.environment.name
        return f"{name}@draft" if self._document.has_draft() else name

    def _on_locked(self, outcome: Locked) -> None:
        self._session.apply(outcome.change)

    def _on_previewed(self, outcome: Locked) -> None:
        self.previewed.emit(outcome)

    def _on_stored(self, change: LibraryChange) -> None:
        self.stored.emit()
        self._session.apply(change)

    def _on_explained(self, found: Why) -> None:
        self.explained.emit(found)

    def _on_facts(self, found: dict[LockedPackage, WheelFacts]) -> None:
        self.facts_found.emit({item.sha256: (facts.license, facts.size) for item, facts in found.items()})

    def _on_facts_failed(self, error: EnvStudioError) -> None:
        """An index that does not answer leaves the cells empty, which is what they are."""

    def _on_failed(self, error: EnvStudioError) -> None:
        self.failed.emit(error)

    @Slot(object)
    def _on_jobs_changed(self, job: Job) -> None:
        if self._is_own(job):
            self.changed.emit(job)

    @Slot(object)
    def _on_jobs_job_failed(self, job: Job) -> None:
        if self._is_own(job):
            self._tell_failure(job)

    def _tell_failure(self, job: Job) -> None:
        """Hand on why it failed, unless it was about an older version, or the draft as it was before."""
        if isinstance(job.error, EnvStudioError) and job.about in ("", self._document.digest()):
            self.failed.emit(job.error)


def _earlier(library: Library, reference: str, *, report: Report) -> tuple[LockSummary, ...]:
    """Return the locks that a definition had before the one that counts, as a job."""
    report.raise_if_cancelled()
    return locks_of(library, reference)[1:]
