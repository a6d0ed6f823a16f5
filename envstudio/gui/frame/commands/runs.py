"""Commands that run something in an environment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from envstudio.domain.change import Aspect, changed
from envstudio.domain.reference import DRAFT
from envstudio.errors import EnvStudioError
from envstudio.gui.frame.commands.contexts import with_context_read
from envstudio.gui.frame.commands.group import CommandGroup, Targets, own
from envstudio.gui.jobs.job import JobKey, WorkspaceRef

if TYPE_CHECKING:
    from envstudio.gui.frame.environment_view import EnvironmentView
    from envstudio.gui.runs.run_form import Wish
    from envstudio.library import Library
    from envstudio.report import Report
    from envstudio.settings import Settings
    from envstudio.tasks.run import RunOutcome

CHANGED = (
    Aspect.RUNS | Aspect.ENVIRONMENTS | Aspect.VERSIONS | Aspect.DRAFT | Aspect.LOCKS | Aspect.IMAGES | Aspect.BUILDS
)
"""What a run may change: it registers a draft, locks it, and builds its image."""


class RunCommands(CommandGroup):
    """Shows where a command is typed, and runs it."""

    def do_run(self, targets: Targets) -> None:
        """Show the page Runs, where a command is typed."""
        for info in own(targets)[:1]:
            self._window.open_environment(info.name).show_runs().setFocus()

    def run(self, view: EnvironmentView, wish: Wish) -> None:
        """Run a command in what a view shows; a changed draft is registered first."""
        self._window.flush()
        with_context_read(self._session, view.document, partial(self._run, view, wish))

    def _run(self, view: EnvironmentView, wish: Wish) -> None:
        name = view.document.environment.name
        view.show_runs().banner.clear()
        self._window.fold_console(False)
        begun_in = self._session.workspace_ref
        self._session.jobs.run(
            f"Run {wish.text} in {name}",
            run_to_a_good_end,
            self._session.library,
            self._session.settings,
            f"{name}@{DRAFT}" if view.document.changes() else name,
            wish.words,
            target=wish.target,
            folder=wish.folder,
            lane="run",
            key=JobKey("run", name, wish.text),
            workspace_ref=begun_in,
            on_done=partial(self._on_run, begun_in, name, view.document.base_version),
            on_failed=partial(self._on_failed, begun_in, name),
        )

    def _on_run(self, begun_in: WorkspaceRef, name: str, version: int, outcome: RunOutcome) -> None:
        self._session.apply_in(begun_in, changed(CHANGED, name))
        if begun_in == self._session.workspace_ref and outcome.reference != f"{name}:{version}":
            self._window.notice.say("info", f"Registered {outcome.reference} to run it.")

    def _on_failed(self, begun_in: WorkspaceRef, name: str, error: EnvStudioError) -> None:
        self._session.apply_in(begun_in, changed(CHANGED, name))
        view = self._window.view_of(name) if begun_in == self._session.workspace_ref else None
        if view is not None:
            view.show_runs().show_failure(error)
        else:
            self._window.notice.say("error", f"{name}: {error.summary}")


def run_to_a_good_end(
    library: Library,
    settings: Settings,
    reference: str,
    words: Sequence[str],
    *,
    target: str,
    folder: Path,
    report: Report,
) -> RunOutcome:
    """Run a command, and raise `EnvStudioError` too if its exit status is not 0, so that the job is a failed one."""
    from envstudio.tasks.run import run

    outcome = run(library, settings, reference, words, target=target, working_dir=folder, report=report)
    if outcome.exit_code:
        raise EnvStudioError(
            f"{words[0]} ended with exit status {outcome.exit_code}.",
            "Read its output in the console.",
            code="exit-status",
            subject=outcome.reference,
        )
    return outcome
