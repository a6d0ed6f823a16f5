"""Why a lock failed, in plain words, and the smallest changes of the definition with which it would not.

The changes are tried for real in a job; each that solves becomes a button that edits the draft as one undoable step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QVBoxLayout, QWidget

from envstudio.domain.environment import Environment
from envstudio.domain.failure import classify
from envstudio.errors import Act, EnvStudioError, Remedy
from envstudio.gui.jobs.job import Job, JobKey
from envstudio.gui.look.error_text import message_of
from envstudio.gui.look.remedies import remedy_title
from envstudio.gui.model.command_table import keys_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.pages.error_dialog import show_error
from envstudio.gui.widgets.icon_button import IconButton, IconLabel
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import clear_from, make_column, make_row
from envstudio.gui.widgets.small_button import SmallButton
from envstudio.tasks.relax import SECONDS, Relaxation, relax

LOOKING = "Looking for the smallest changes that solve it, for {seconds:.0f} seconds at most …"
FOUND = "Tried, and each of these solves for {platform}:"
NONE_FOUND = "No change of one requirement or two made it solvable within {seconds:.0f} seconds."


class FailurePanel(QFrame):
    """Hidden until a lock fails. `applied` says that the draft was changed so that it can be locked.

    `remedy_requested` carries what else can be done, and the environment that it is for.
    """

    applied = Signal(str)
    remedy_requested = Signal(object, str)

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._document = session, document
        self._error: EnvStudioError | None = None
        self.platform = ""
        self._asked: Environment | None = None
        self._job: Job | None = None
        self._unseen = ""
        self.relaxations: tuple[Relaxation, ...] = ()
        self.setProperty("banner", "error")
        self.title = Label(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.advice = Label(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.details = SmallButton("Details", self._on_details_clicked)
        self.close_button = IconButton("close", "Dismiss")
        self.close_button.clicked.connect(self.clear)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setRange(0, 0)
        self.progress.setFixedWidth(120)
        self.progress.setAccessibleName("Looking for changes that solve it")
        self.stop = SmallButton("Stop", self._on_stop_clicked)
        self.buttons: list[QPushButton] = []
        head = make_row(8)
        head.addWidget(IconLabel("error", "removed"))
        head.addWidget(self.title, 1)
        head.addWidget(self.details)
        head.addWidget(self.close_button)
        self._offers = make_row(8)
        self._line = line = make_row(8, (24, 0, 0, 0))
        line.addWidget(self.advice)
        line.addLayout(self._offers)
        line.addWidget(self.progress)
        line.addWidget(self.stop)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(line)
        # One below the other: several beside each other could be wider than the window.
        self._solutions = make_column(4, (24, 0, 0, 0))
        layout.addLayout(self._solutions)
        document.environment_changed.connect(self._on_document_environment_changed)
        self.hide()

    def say(self, error: EnvStudioError, platform: str) -> None:
        """Show why a lock for a platform failed; if requirements conflict, look for what would solve."""
        self.clear()
        self._error, self.platform = error, platform
        self.title.setText(error.summary)
        self.setAccessibleName(message_of(error))
        self.details.setVisible(bool(error.details))
        self._tell(error.advice)
        self.show()
        remedy = remedy_of(error)
        if remedy is not None and remedy.act is Act.RELAX:
            if not self._document.read_only:
                self._relax_when_seen(platform)
        elif remedy is not None and (title := remedy_title(remedy)):
            self._offers.addWidget(self._button(title, partial(self._ask_remedy, remedy)))

    def _relax_when_seen(self, platform: str) -> None:
        """Look for what solves once someone looks; a user who locks from another page sees the reason first."""
        self._unseen = "" if self.isVisible() else platform
        if self.isVisible():
            self.relax(platform)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if platform := self._unseen:
            self._unseen = ""
            self.relax(platform)

    def relax(self, platform: str) -> None:
        """Look for the smallest changes with which the draft solves."""
        self._stop()
        self._asked, self.platform = self._document.environment, platform
        self._tell(LOOKING.format(seconds=SECONDS), busy=True)
        self._job = self._session.jobs.run(
            f"Relax {self._document.name}",
            relax,
            self._asked,
            self._session.settings,
            platform=platform,
            options=self._session.lock_options(self._document.name),
            lane="lock",
            key=JobKey("relax", self._document.name),
            on_done=self._on_relaxed,
            on_failed=self._on_relax_failed,
            on_end=self._on_relax_end,
        )
        self.show()

    def clear(self) -> None:
        """Say nothing, and look no more."""
        self._stop()
        self._error = self._asked = None
        self._unseen = ""
        self.relaxations = ()
        self._clear_offers()
        self.hide()

    def _clear_offers(self) -> None:
        for offered in (self._offers, self._solutions):
            clear_from(offered, 0)
        self.buttons = []

    def _tell(self, text: str, *, busy: bool = False) -> None:
        self.advice.setText(text)
        alone = not busy and not self.relaxations
        self.advice.setWordWrap(alone)
        # A text that wraps takes as little as it can, so that it gets all the room if nothing else is in the row.
        self._line.setStretch(0, int(alone))
        self._line.setStretch(self._line.count() - 1, int(not alone))
        self.advice.setVisible(bool(text))
        self.progress.setVisible(busy)
        self.stop.setVisible(busy)

    def _stop(self) -> None:
        if self._job is not None and self._job.active:
            self._session.jobs.cancel(self._job)
        self._job = None

    def _on_relaxed(self, found: tuple[Relaxation, ...]) -> None:
        if self._asked is None or self._asked != self._document.environment:
            return
        self._clear_offers()
        self.relaxations = found
        self._tell(FOUND.format(platform=self.platform) if found else NONE_FOUND.format(seconds=SECONDS))
        for relaxation in found:
            tip = f"{relaxation}\nEdits the draft; {keys_of('undo')} undoes it"
            button = self._button(_use(relaxation), partial(self.apply, relaxation), tip)
            self._solutions.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _button(self, title: str, call: Callable[..., object], tip: str = "") -> QPushButton:
        button = SmallButton(title, call, tip)
        self.buttons.append(button)
        return button

    def _ask_remedy(self, remedy: Remedy, *_: object) -> None:
        self.remedy_requested.emit(remedy, self._document.name)

    def _on_relax_failed(self, error: EnvStudioError) -> None:
        self._tell(message_of(error))

    def _on_relax_end(self) -> None:
        """Show no more that it looks where nothing was found out, unless it looks once more by now."""
        if not self.progress.isHidden() and (self._job is None or not self._job.active):
            self._on_stop_clicked()

    def apply(self, relaxation: Relaxation, *_: object) -> None:
        """Put a relaxation into the draft as one step."""
        changes = ", ".join(f"{old} → {new}" for old, new in relaxation.changes)
        self._document.edit(f"Relax {changes}", relaxation.environment)
        self.applied.emit(changes)

    @Slot(object, object)
    def _on_document_environment_changed(self, old: Environment, new: Environment) -> None:
        """What was said is of a definition that is another now."""
        if not self.isHidden():
            self.clear()

    @Slot()
    def _on_stop_clicked(self) -> None:
        self._stop()
        self._tell(self._error.advice if self._error else "")

    @Slot()
    def _on_details_clicked(self) -> None:
        if self._error is not None:
            show_error(self.window(), self._error)


def remedy_of(error: EnvStudioError) -> Remedy | None:
    """Return what can be done about the reason for which a lock failed, which a foreign program may have told."""
    found = classify([error.log_line, *error.details.splitlines()])
    return error.remedy if found is None or found.code == error.code else found.remedy


def _use(relaxation: Relaxation) -> str:
    """Return what a button says; a requirement without a bound is any version."""
    return f"Use {' and '.join(new if set('<>=~!') & set(new) else f'any {new}' for _, new in relaxation.changes)}"
