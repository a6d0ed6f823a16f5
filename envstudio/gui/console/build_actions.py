"""What can be done with a build of earlier: read its log, build it again, and ask why that would make a new image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from envstudio.errors import EnvStudioError
from envstudio.gui.jobs.job import Job, JobKey, WorkspaceRef
from envstudio.gui.model.session import Session
from envstudio.report import Report

if TYPE_CHECKING:
    from envstudio.builders import Plan
    from envstudio.domain.failure import Failure
    from envstudio.library import BuildRecord
    from envstudio.tasks.build import BuildOutcome

LINES_LOOKED_AT = 5_000
"""A failure shows near the end of a log."""


class BuildActions(QObject):
    """`planned` carries a build and a sentence that says what a rebuild would do; `failed` a build and an error.

    `explained` comes after either, and where neither came.
    """

    planned = Signal(object, str)
    failed = Signal(object, object)
    explained = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session

    def rebuild(self, record: BuildRecord) -> Job:
        """Build again with the same inputs."""
        from envstudio.tasks.build import rebuild

        return self._session.jobs.run(
            f"Build {record.environment}:{record.version}",
            rebuild,
            self._session.library,
            self._session.settings,
            record.id,
            lane="build",
            key=JobKey("build", record.environment),
            workspace_ref=self._session.workspace_ref,
            on_done=partial(self._on_built, self._session.workspace_ref),
        )

    def explain(self, record: BuildRecord) -> Job:
        """Find out what building again would do."""
        from envstudio.tasks.build import BuildOptions, plan

        return self._session.jobs.run(
            f"Plan {record.environment}:{record.version}",
            plan,
            self._session.library,
            self._session.settings,
            f"{record.environment}:{record.version}",
            options=BuildOptions.from_inputs(record.inputs),
            lane="known",
            key=JobKey("plan again"),
            on_done=partial(self._on_planned, record),
            on_failed=partial(self._on_failed, record),
            on_end=self._on_explained,
        )

    def _on_built(self, workspace_ref: WorkspaceRef, outcome: BuildOutcome) -> None:
        self._session.apply_in(workspace_ref, outcome.change)

    def _on_planned(self, record: BuildRecord, found: Plan) -> None:
        self.planned.emit(record, plan_text(found))

    def _on_failed(self, record: BuildRecord, error: EnvStudioError) -> None:
        self.failed.emit(record, error)

    def _on_explained(self) -> None:
        self.explained.emit()


def plan_text(found: Plan) -> str:
    """Say in a sentence what a build would do."""
    if not found.rebuild_because:
        return "Nothing it depends on has changed: an image that is there already would be reused."
    made = sum(not layer.cached for layer in found.layers)
    layers = f" {made} of {len(found.layers)} layers would be made." if found.layers else ""
    return f"It would be built, because {'; '.join(found.rebuild_because)}.{layers}"


def failure_of(lines: Sequence[str], *, report: Report) -> Failure | None:
    """Find what a log shows of a failure, as a job. The failure's number counts from the first of these lines."""
    from envstudio.domain.failure import classify

    report.raise_if_cancelled()
    skipped = max(0, len(lines) - LINES_LOOKED_AT)
    found = classify(lines[skipped:])
    if found is None:
        return None
    return replace(found, number=found.number + skipped)
