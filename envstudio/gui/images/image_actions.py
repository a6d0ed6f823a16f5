"""The jobs that an images page starts: look, push, run, remove and prune."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from envstudio.domain.change import LibraryChange
from envstudio.domain.image import ImageRecord
from envstudio.domain.image_name import checked_tag
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.gui.jobs.job import Job, JobKey
from envstudio.gui.look.error_text import message_of
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.images import images
from envstudio.tasks.prune_images import PrunePlan, prune, prune_plan, remove_image
from envstudio.tasks.push_image import PushedImage, push_image
from envstudio.tasks.run import RunOutcome, run

T = TypeVar("T")

PUSH_NAME = "push"
COMMAND = "command"


class ImageActions(QObject):
    """`message` carries a tone and a sentence; `looked` the images' states by id; `pruned` a plan to show."""

    message = Signal(str, str)
    looked = Signal(dict)
    planned = Signal(object)

    def __init__(self, session: Session, document: Document, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._document = session, document

    def look(self) -> None:
        """Ask the engine which images it has."""
        name = self._document.environment.name
        self._start(
            f"Find images of {name}", states_of, name, lane="watch", key=JobKey("images", name), done=self._looked
        )

    # What is remembered for the next time

    def remembered(self, key: str) -> str:
        """Return what was typed last for this environment."""
        return self._session.state.of_environment(self._session.library.workspace, self._document.name, key)

    def _remember(self, key: str, text: str) -> None:
        self._session.state.remember(self._session.library.workspace, self._document.name, key, text)

    # Acts

    def push(self, record: ImageRecord, name: str) -> None:
        """Push an image under a name. Raises `InvalidInput` for one that no registry takes."""
        checked_tag(name)
        self._remember(PUSH_NAME, name)
        self._start(
            f"Push {name}",
            push_image,
            record.image_id,
            names=(name,),
            lane="general",
            key=JobKey("push", record.environment, name),
            workspace_ref=self._session.workspace_ref,
            done=self._pushed,
        )

    def run(self, record: ImageRecord, text: str) -> None:
        """Run a command in a new container. Raises `InvalidInput` for a quote that is not closed."""
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise InvalidInput("A quote is not closed.", "Close it, or put a backslash before it.") from error
        self._remember(COMMAND, text)
        self._start(
            f"Run {text}",
            run,
            f"{record.environment}:{record.version}",
            words,
            target="docker",
            image=record.image_id,
            lane="general",
            key=JobKey("run", record.environment, text),
            workspace_ref=self._session.workspace_ref,
            done=partial(self._ran, text),
        )

    def remove(self, record: ImageRecord) -> None:
        """Remove an image from the engine, and forget it."""
        title = f"Remove the image of {record.environment}:{record.version}"
        self._start(title, remove_image, record.image_id, lane="build", done=self._removed)

    def plan_prune(self) -> None:
        """Find out which images could go."""
        self._start("Find images to remove", plan_of, lane="watch", key=JobKey("plan prune"), done=self._planned)

    def prune(self, plan: PrunePlan) -> None:
        """Remove the images of a plan."""
        self._start("Prune images", prune, plan, lane="build", key=JobKey("prune"), done=self._removed)

    def _start(self, title: str, task: Callable[..., T], *args: Any, done: Callable[[T], None], **options: Any) -> Job:
        return self._session.jobs.run(
            title,
            task,
            self._session.library,
            self._session.settings,
            *args,
            on_done=done,
            on_failed=self._failed,
            **options,
        )

    # How they end

    def _looked(self, states: dict[str, bool | None]) -> None:
        self.looked.emit(states)

    def _pushed(self, outcome: PushedImage) -> None:
        self.message.emit("info", f"Pushed {', '.join(outcome.names)}.")
        # Which looks at the engine again, as names and states are others now.
        self._session.apply(outcome.change)
        if not outcome.change:
            self.look()

    def _ran(self, text: str, outcome: RunOutcome) -> None:
        if outcome.exit_code:
            self.message.emit("warning", f"{text} ended with exit status {outcome.exit_code}.")

    def _removed(self, change: LibraryChange) -> None:
        self._session.apply(change)

    def _planned(self, plan: PrunePlan) -> None:
        self.planned.emit(plan)

    def _failed(self, error: EnvStudioError) -> None:
        self.message.emit("error", message_of(error))


def states_of(library: Library, settings: Settings, name: str, *, report: Report) -> dict[str, bool | None]:
    """Return which images of an environment the engine has, as a job. Raises `NotFound`."""
    report.raise_if_cancelled()
    return {item.record.image_id: item.in_engine for item in images(library, settings, name)}


def plan_of(library: Library, settings: Settings, *, report: Report) -> PrunePlan:
    """Return which images could go, as a job. Raises `Unavailable`."""
    report.raise_if_cancelled()
    return prune_plan(library, settings)


def docker_run_line(record: ImageRecord) -> str:
    """Return the command line that runs an image from a terminal."""
    return shlex.join(("docker", "run", "--rm", "-it", record.tags[0] if record.tags else record.image_id))
