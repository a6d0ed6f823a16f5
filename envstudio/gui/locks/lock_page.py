"""The page that shows what an environment was resolved to, if that still holds, and what an update would change."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from envstudio.domain.amounts import seconds_text
from envstudio.domain.why import Why
from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.job import Job, JobStatus
from envstudio.gui.locks.failure_panel import FailurePanel
from envstudio.gui.locks.lock_jobs import LockJobs
from envstudio.gui.locks.lock_options_row import LockOptionsRow
from envstudio.gui.locks.lock_view import LockView
from envstudio.gui.locks.preview_view import PreviewView
from envstudio.gui.model.command_table import keys_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.page import Page
from envstudio.gui.widgets.banner import Banner
from envstudio.gui.widgets.empty_page import EmptyPage
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.library import LockRecord
from envstudio.tasks.export_lock import ExportedLock
from envstudio.tasks.lock import Locked

MISSING = "A lock is the exact list of packages, with address and checksum, that this definition resolves to."
STALE = "The definition has changed since this lock was made, so it is not what would be built."
LACKING = "The settings list {} too, for which there is no lock yet."
EMPTY, LOCKED, PREVIEW = range(3)


class LockPage(Page):
    """One platform's packages at a time."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, parent)
        self._names: tuple[str, ...] = ()
        self._solving: Job | None = None
        self._tick = QTimer(self, interval=500)
        self._tick.timeout.connect(self._on_tick_timeout)
        self.lock_jobs = LockJobs(session, document, self)
        self.lock_jobs.previewed.connect(self._on_jobs_previewed)
        self.lock_jobs.changed.connect(self._on_jobs_changed)
        self.lock_jobs.failed.connect(self._on_jobs_failed)
        self.lock_jobs.explained.connect(self._on_jobs_explained)
        self.lock_jobs.facts_found.connect(self._on_jobs_facts_found)
        self.lock_jobs.stored.connect(self._on_preview_closed)
        self.empty = EmptyPage("lock", "Not locked yet", MISSING, ("Lock now", self.lock_now))
        self.preview = PreviewView()
        self.preview.applied.connect(self._on_preview_applied)
        self.preview.narrowed.connect(self.preview_update)
        self.preview.closed.connect(self._on_preview_closed)
        self.failure = FailurePanel(session, document)
        self.failure.applied.connect(self._on_failure_applied)
        self.failure.remedy_requested.connect(self.remedy_requested)
        self.banner = Banner(closable=False)
        self.view = LockView(session)
        self.view.platform_shown.connect(self._look_for_facts)
        self.view.explain_requested.connect(self._explain)
        self.view.update_requested.connect(self.preview_update)
        self.view.earlier_requested.connect(self._on_view_earlier_requested)
        self.view.earlier_chosen.connect(self._on_view_earlier_chosen)
        self.view.platforms.add_requested.connect(self.add_platform)
        self.view.export.done.connect(self._on_export_done)
        self.options = LockOptionsRow(session, document)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.preview)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.failure)
        layout.addWidget(self.banner)
        layout.addWidget(self._make_working())
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.options)
        self.options.setVisible(not document.read_only)
        document.facts_changed.connect(self._on_document_facts_changed)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._on_escape_activated)
        self.setFocusProxy(self.view)
        self.follow_theme()
        self._on_document_facts_changed()
        self.lock_jobs.look_back()

    def _make_working(self) -> QWidget:
        """Return the line that says what a solve is at, and stops it."""
        self.working = QWidget()
        self.working_text = Label()
        self.working_text.setProperty("tone", "muted")
        progress = QProgressBar(textVisible=False)
        progress.setRange(0, 0)
        progress.setFixedWidth(120)
        progress.setAccessibleName("Solving")
        self.cancel_button = SmallButton("Cancel", self.lock_jobs.cancel)
        line = make_row(8, (16, 8, 8, 0))
        line.addWidget(progress)
        line.addWidget(self.working_text, 1)
        line.addWidget(self.cancel_button)
        self.working.setLayout(line)
        self.working.hide()
        return self.working

    def find_field(self) -> QLineEdit | None:
        return self.view.filter if self.stack.currentIndex() == LOCKED else None

    def apply_theme(self) -> None:
        self.view.packages.apply_theme()
        self.preview.apply_theme()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_for_facts()

    # What there is

    @Slot()
    def _on_document_facts_changed(self) -> None:
        record, stale = self.document.lock()
        outcome = self.preview.outcome
        if self._previewing() and outcome and outcome.lock.definition_digest != self.document.digest():
            # What it would store is of a definition that is another by now.
            self.stack.setCurrentIndex(LOCKED)
        if not self._previewing():
            self.stack.setCurrentIndex(LOCKED if record else EMPTY)
        for button in self.empty.buttons:
            button.setVisible(not self.document.read_only)
        self.view.platforms.add_button.setVisible(not self.document.read_only)
        self._say_state(record, stale=stale)
        if record is not None:
            self.view.load(record)

    def _previewing(self) -> bool:
        return self.stack.currentIndex() == PREVIEW

    def _say_state(self, record: LockRecord | None, *, stale: bool) -> None:
        """Say what is wrong with the lock, with the button that fixes it."""
        if record is None or not self.failure.isHidden() or self._previewing():
            self.banner.clear()
            return
        lacking = [name for name in self.session.settings.platforms if name not in record.lock.platform_names]
        if stale:
            message = ("warning", STALE, ("Lock again", self.lock_now))
        elif lacking:
            names = " and ".join(lacking)
            message = ("info", LACKING.format(names), (f"Lock {names} too", self._lock_lacking))
        else:
            self.banner.clear()
            return
        if self.banner.isHidden() or self.banner.label.text() != message[1]:
            self.banner.say(*message)

    @Slot()
    def _look_for_facts(self) -> None:
        """Look up what the lock does not say about its wheels, once the page is seen."""
        platform = self.view.platform()
        if platform is not None and self.isVisible():
            unknown = [item for item in platform.packages if item.sha256 not in self.view.packages.model.facts]
            self.lock_jobs.look_for_facts([item for item in unknown if not (item.license and item.size)])

    @Slot(dict)
    def _on_jobs_facts_found(self, facts: dict[str, tuple[str, int]]) -> None:
        self.view.packages.add_facts(facts)
        self.view.summarize()

    # Why

    @Slot(str)
    def _explain(self, name: str) -> None:
        platform = self.view.platform()
        if platform is not None:
            self.lock_jobs.explain(platform, name)

    @Slot(object)
    def _on_jobs_explained(self, found: Why) -> None:
        self.view.why.load(found)

    @Slot()
    def _on_escape_activated(self) -> None:
        if self._previewing():
            self._on_preview_closed()
        else:
            self.view.why.hide()
            self.view.setFocus()

    # Locking and updating

    def lock_now(self) -> None:
        """Lock for the platforms that the command line would lock for."""
        self._lock(())

    def add_platform(self, name: str) -> None:
        """Lock for one platform more; the others stay as they are."""
        record, _ = self.document.lock()
        self._lock((*(record.lock.platform_names if record else ()), name))

    def _lock_lacking(self) -> None:
        record, _ = self.document.lock()
        self._lock((*(record.lock.platform_names if record else ()), *self.session.settings.platforms))

    def _lock(self, platforms: tuple[str, ...]) -> None:
        self.failure.clear()
        self.lock_jobs.lock(tuple(dict.fromkeys(platforms)))

    @Slot(tuple)
    def preview_update(self, names: tuple[str, ...]) -> None:
        """Solve for the newest packages, or for those named and what they force, and show what that would change."""
        self._names = names
        self.failure.clear()
        self.banner.clear()
        self.lock_jobs.preview((), names)

    @Slot()
    def _on_view_earlier_requested(self) -> None:
        self.lock_jobs.list_earlier(self.view.show_earlier)

    @Slot(str)
    def _on_view_earlier_chosen(self, digest: str) -> None:
        self._names = ()
        self.failure.clear()
        self.banner.clear()
        self.lock_jobs.preview_earlier(digest)

    @Slot(object)
    def _on_jobs_changed(self, job: Job) -> None:
        """Show what the solve of this environment waits for."""
        active = job.active
        self.view.update_button.setEnabled(not active)
        self.working.setVisible(active)
        for button in self.empty.buttons:
            button.setEnabled(not active)
        self._solving = job
        self._tick.start() if active else self._tick.stop()
        doing = job.stage or ("waiting for another solve" if job.status is JobStatus.WAITING else "")
        parts = (job.title, doing, seconds_text(job.elapsed) if job.elapsed else "")
        self.working_text.setText(" · ".join(part for part in parts if part))
        if not active:
            self._on_document_facts_changed()

    @Slot()
    def _on_tick_timeout(self) -> None:
        """A solve may say nothing for long, and its time goes on."""
        if self._solving is not None and self._solving.active:
            self._on_jobs_changed(self._solving)

    @Slot(object)
    def _on_jobs_failed(self, error: EnvStudioError) -> None:
        self.banner.clear()
        self.failure.say(error, self._failed_platform(error))

    def _failed_platform(self, error: EnvStudioError) -> str:
        """Return the platform that was solved for, else the first that is locked for."""
        return error.platform or self._platforms()[0]

    def _platforms(self) -> tuple[str, ...]:
        """Return the platforms that a lock would be for, as the document knows them."""
        record, _ = self.document.lock()
        return record.lock.platform_names if record else self.session.settings.platforms

    def relax(self) -> None:
        """Look for the smallest changes with which the draft solves."""
        self.failure.relax(self.failure.platform or self._platforms()[0])

    @Slot(str)
    def _on_failure_applied(self, message: str) -> None:
        self.banner.say("info", f"The draft has {message}. {keys_of('undo')} undoes it.", ("Lock now", self.lock_now))

    @Slot(object)
    def _on_jobs_previewed(self, outcome: Locked) -> None:
        self.preview.load(outcome, self._names)
        self.stack.setCurrentIndex(PREVIEW)
        self.preview.setFocus()
        self._on_document_facts_changed()

    @Slot()
    def _on_preview_applied(self) -> None:
        """Store exactly the lock that was shown."""
        outcome = self.preview.outcome
        if outcome is not None:
            self.lock_jobs.store(outcome.lock)

    @Slot()
    def _on_preview_closed(self) -> None:
        self.stack.setCurrentIndex(LOCKED)
        self.view.setFocus()
        self._on_document_facts_changed()

    @Slot(object)
    def _on_export_done(self, outcome: ExportedLock) -> None:
        stale = self.document.lock()[1]
        left_out = outcome.written.warning
        text = " ".join(part for part in (f"Wrote {outcome.path.name}.", left_out, STALE if stale else "") if part)
        self.banner.say("warning" if left_out or stale else "info", text, ("OK", self._on_banner_ok))

    @Slot()
    def _on_banner_ok(self) -> None:
        self.banner.clear()
        self._on_document_facts_changed()
