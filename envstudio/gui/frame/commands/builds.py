"""Commands that make exact packages and images: lock, build, cancel."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from envstudio.domain.change import Aspect, changed
from envstudio.domain.reference import DRAFT
from envstudio.errors import Act, EnvStudioError, Remedy
from envstudio.gui.frame.commands.contexts import with_context_read
from envstudio.gui.frame.commands.group import CommandGroup, Targets, own
from envstudio.gui.jobs.job import Job, JobKey, JobStatus, WorkspaceRef
from envstudio.gui.look.error_text import message_of
from envstudio.gui.look.remedies import remedy_title

WORKED = Aspect.BUILDS | Aspect.ENVIRONMENTS | Aspect.LOCKS | Aspect.VERSIONS | Aspect.DRAFT | Aspect.LABELS
"""What a build that fails may have changed before: it registers a draft and locks it."""

PAGES_OF = {
    Act.CHOOSE_BASE_IMAGE: "Image",
    Act.EDIT_IMAGE: "Image",
    Act.EDIT_PACKAGES: "Packages",
    Act.SHOW_VERSIONS: "History",
    Act.STATE_PYTHON: "Image",
}
COMMANDS_OF = {Act.BUILD: "build", Act.LOCK: "lock"}

if TYPE_CHECKING:
    from envstudio.gui.frame.environment_view import EnvironmentView
    from envstudio.gui.frame.window import Window
    from envstudio.tasks.build import BuildOutcome
    from envstudio.tasks.lock import Locked


class BuildCommands(CommandGroup):
    """Starts jobs and hands on what they changed."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._session.jobs.job_finished.connect(self._on_jobs_job_finished)

    def do_lock(self, targets: Targets) -> None:
        """Resolve the draft, or the latest version, to exact packages."""
        self._window.flush()
        for info in own(targets):
            self.lock(info.name, self._reference(info))

    def lock(self, name: str, reference: str, *, refresh: bool = False) -> None:
        """Resolve a version or a draft; with `refresh` though it has a valid lock."""
        from envstudio.tasks.lock import lock

        digest = self._session.library.find(reference).digest
        job = self._session.jobs.run(
            f"Lock {name}" if reference in (name, f"{name}@{DRAFT}") else f"Lock {reference}",
            lock,
            self._session.library,
            self._session.settings,
            reference,
            options=replace(self._session.lock_options(name), refresh=refresh),
            lane="lock",
            key=JobKey("lock", name),
            workspace_ref=self._session.workspace_ref,
            on_done=partial(self._on_changed, self._session.workspace_ref),
        )
        job.about = digest

    def do_build(self, targets: Targets) -> None:
        """Build the image; a changed draft is registered first."""
        self._window.flush()
        for info in own(targets):
            view = self._window.view_of(info.name)
            if view is None:
                # The task registers a draft that was saved.
                self.build(info.name, f"{info.name}@{DRAFT}" if info.draft_changed else f"{info.name}:{info.latest}")
                continue
            with_context_read(self._session, view.document, partial(self._build_draft, view, info.name, info.latest))

    def _build_draft(self, view: EnvironmentView, name: str, version: int) -> None:
        """Build what a view shows, registering it first if it differs from the newest version."""
        from envstudio.tasks.registration import registered_to

        # What it said after registering before offers a build, which is what now begins.
        self._window.notice.clear()
        if view.document.changes():
            if not self._may_build(view):
                return
            registered = view.document.register(registered_to("build"))
            self._session.apply(registered.change)
            if registered.created:
                self._window.notice.say("info", f"Registered {registered.name}:{registered.version} to build it.")
            version = registered.version
        self.build(name, f"{name}:{version}")

    def _may_build(self, view: EnvironmentView) -> bool:
        """Return whether an image can be made of a draft; say why not before a version is made of it."""
        from envstudio.tasks.build import BuildOptions, refuse_unbuildable_here

        library, settings = self._session.library, self._session.settings
        try:
            refuse_unbuildable_here(library, settings, BuildOptions(), view.document.environment)
        except EnvStudioError as error:
            name, remedy = view.document.name, error.remedy
            title = remedy_title(remedy)
            offers = [(title, lambda: self.apply_remedy(remedy, name))] if remedy and title else []
            self._window.notice.say("warning", message_of(error), *offers)
            return False
        return True

    def build(self, name: str, reference: str) -> None:
        """Build the image of a version, or of a draft, which is registered first."""
        from envstudio.tasks.build import build

        self._session.jobs.run(
            f"Build {name if reference == f'{name}@{DRAFT}' else reference}",
            build,
            self._session.library,
            self._session.settings,
            reference,
            lane="build",
            key=JobKey("build", name),
            workspace_ref=self._session.workspace_ref,
            on_done=partial(self._on_changed, self._session.workspace_ref),
        )

    def do_preview_image(self) -> None:
        """Show what a build would do, beside the image page."""
        if view := self._view():
            page = view.show_image()
            if not view.document.read_only:
                page.preview.look()

    def _on_changed(self, workspace_ref: WorkspaceRef, outcome: Locked | BuildOutcome) -> None:
        self._session.apply_in(workspace_ref, outcome.change)

    @Slot(object)
    def _on_jobs_job_finished(self, job: Job) -> None:
        """Show the failure of a build on its environment; a task that raises hands back no change."""
        key = job.key
        if key is None or key.verb != "build" or job.workspace_ref is None or job.status is JobStatus.DONE:
            return
        self._session.apply_in(job.workspace_ref, changed(WORKED, key.environment))

    def do_cancel_job(self) -> None:
        """Stop the job that is shown in the console."""
        job = self._window.console.job
        if job is not None:
            self._session.jobs.cancel(job)

    @Slot(object, str)
    def apply_remedy(self, remedy: Remedy, name: str) -> None:
        """Open or run what does something about a failure of an environment's lock or build."""
        if remedy.act in (Act.SET_SETTING, Act.RESTORE_SETTING):
            self._window.show_settings().show_field(remedy.subject.partition(".")[0])
        elif remedy.act is Act.LOG_IN:
            self._window.show_settings().show_login(remedy.subject)
        elif remedy.act is Act.CHECK_INSTALLATION:
            self._window.show_doctor()
        elif remedy.act in PAGES_OF:
            self._window.open_environment(name).show_page(PAGES_OF[remedy.act]).setFocus()
        else:
            self._run_remedy(remedy.act, self._window.open_environment(name))

    def _run_remedy(self, act: Act, view: EnvironmentView) -> None:
        """Do something with the environment of a view."""
        view.setFocus()
        if act is Act.RELAX:
            view.show_lock().relax()
        elif act is Act.PRUNE_IMAGES:
            view.show_images().image_actions.plan_prune()
        elif act is Act.LOCK_AGAIN:
            view.document.flush()
            name = view.document.name
            self.lock(name, f"{name}@{DRAFT}" if view.document.has_draft() else name, refresh=True)
        else:
            self._window.actions_of[COMMANDS_OF[act]].trigger()
