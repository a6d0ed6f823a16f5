"""What the build context of a draft holds, read in a thread before the draft is registered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from envstudio.gui.jobs.job import JobKey

if TYPE_CHECKING:
    from envstudio.domain.environment import Environment
    from envstudio.gui.model.document import Document
    from envstudio.gui.model.session import Session


def with_context_read(session: Session, document: Document, proceed: Callable[[], None]) -> None:
    """Take what the folder of a build context holds into the draft, and proceed; at once if there is no folder."""
    context = document.environment.image.context
    if context is None or context.is_remote:
        proceed()
        return
    from envstudio.tasks.context_content import read_context

    session.jobs.run(
        f"Read the build context of {document.name}",
        read_context,
        session.library,
        document.environment,
        lane="library",
        key=JobKey("context", document.name),
        workspace_ref=session.workspace_ref,
        on_done=partial(_take, document, document.environment, proceed),
    )


def _take(document: Document, before: Environment, proceed: Callable[[], None], found: Environment) -> None:
    """Proceed with what was found; if the draft was edited meanwhile, with the draft as it is."""
    if found != before and document.environment == before:
        document.edit("Build context", found)
    proceed()
