"""The panel beside the image page that says what a build would do."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from envstudio.builders import Plan
from envstudio.domain.amounts import size_text
from envstudio.errors import EnvStudioError
from envstudio.gui.editor.highlighters import DockerfileHighlighter
from envstudio.gui.jobs.job import Job, JobKey
from envstudio.gui.look import theme
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.code_edit import CodeEdit
from envstudio.gui.widgets.icon_button import IconButton
from envstudio.gui.widgets.label import Label
from envstudio.gui.widgets.layouts import make_row
from envstudio.presentation.names import listed
from envstudio.tasks.preview_image import preview_image

WAIT_MILLISECONDS = 800
MOST_LAYERS = 14
LOOKING = "<p>Reading the base image and the lock…</p>"
NOT_KNOWN = "<p>Not known: reading the base image and the lock was cancelled.</p>"


class ImagePreview(QFrame):
    """Hidden until it is requested; then it follows the draft."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._document = document
        self.plan: Plan | None = None
        self._job: Job | None = None
        self.setProperty("surface", "base")
        self.setMinimumWidth(320)
        self.title = Label("Build plan", textFormat=Qt.TextFormat.PlainText)
        self.title.setFont(theme.title_font(self))
        self.close_button = IconButton("close", "Close the build plan")
        self.close_button.clicked.connect(self.hide)
        head = make_row(8, (16, 8, 8, 4))
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        self.steps = Label(textFormat=Qt.TextFormat.RichText, wordWrap=True)
        self.steps.setContentsMargins(16, 0, 16, 8)
        self.steps.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.dockerfile = CodeEdit()
        self.dockerfile.setReadOnly(True)
        self.dockerfile.setAccessibleName("Dockerfile that would be built")
        self._highlighter = DockerfileHighlighter(self.dockerfile.document(), theme.colors(self.palette()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.steps)
        layout.addWidget(self.dockerfile, 1)
        layout.addStretch(0)
        self._timer = QTimer(self, interval=WAIT_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self.look)
        document.facts_changed.connect(self._on_document_facts_changed)
        self.hide()

    def apply_theme(self) -> None:
        """Take over the colours of the theme."""
        self.dockerfile.setFont(theme.monospace(self))
        self._highlighter.set_colors(theme.colors(self.palette()))

    @Slot()
    def look(self) -> None:
        """Ask what a build would do now."""
        self._timer.stop()
        self.show()
        self._document.flush()
        name = self._document.environment.name
        self._job = self._session.jobs.run(
            f"Plan a build of {name}",
            preview_image,
            self._session.library,
            self._session.settings,
            f"{name}@draft" if self._document.has_draft() else name,
            lane="general",
            key=JobKey("plan", name),
            on_done=self._on_plan,
            on_failed=self._on_failed,
            on_end=self._on_end,
        )
        if self.plan is None:
            self.dockerfile.hide()
            self.steps.setText(LOOKING)

    @Slot()
    def _on_document_facts_changed(self) -> None:
        if self.isVisible():
            self._timer.start()

    def _on_plan(self, plan: Plan) -> None:
        self.plan = plan
        self.title.setText(f"Build plan · {plan.builder}")
        items = "".join(f"<li style='margin:4px 0'>{escape(step)}</li>" for step in plan.steps)
        reasons = "".join(f"<li style='margin:4px 0'>{escape(reason)}</li>" for reason in plan.rebuild_because)
        why = f"<p><b>Would be built, because</b></p><ul style='margin-left:-20px'>{reasons}</ul>"
        reused = "<p>An image that is there already would be reused.</p>"
        dockerfile = "<p><b>Dockerfile</b></p>" if plan.dockerfile else ""
        outcome = why if reasons else reused
        self.steps.setText(f"<ol style='margin-left:-20px'>{items}</ol>{outcome}{_layers(plan)}{dockerfile}")
        self.dockerfile.setVisible(bool(plan.dockerfile))
        self.dockerfile.set_text(plan.dockerfile)

    def _on_failed(self, error: EnvStudioError) -> None:
        self.plan = None
        self.title.setText("Build plan")
        self.dockerfile.hide()
        color = theme.colors(self.palette()).removed
        steps = f"<p style='color:{color}'>{escape(error.summary)}</p><p>{escape(error.advice)}</p>"
        self.steps.setText(steps)

    def _on_end(self) -> None:
        if self.steps.text() == LOOKING and (self._job is None or not self._job.active):
            self.steps.setText(NOT_KNOWN)


def _layers(plan: Plan) -> str:
    """Return the layers of packages as rich text: what is in each, and its size if it is made already."""
    rows = []
    for layer in plan.layers[:MOST_LAYERS]:
        names = escape(listed(layer.packages))
        size = size_text(layer.size) if layer.size is not None else "to be made"
        rows.append(f"<tr><td>{names}</td><td align='right' style='padding-left:16px'>{size}</td></tr>")
    left = len(plan.layers) - MOST_LAYERS
    rows += [f"<tr><td>and {left} more</td></tr>"] if left > 0 else []
    return f"<p><b>Layers of packages</b></p><table>{''.join(rows)}</table>" if rows else ""
