"""Where a build context that a file names by a relative path lies: beside that file, wherever a build is started."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem, Severity


def with_context_location(environment: Environment, folder: Path | None) -> tuple[Environment, tuple[Problem, ...]]:
    """Return the environment with an absolute context, starting from `folder`; what cannot be found is reported."""
    context = environment.image.context
    if context is None or not context.is_relative:
        return environment, ()
    if folder is None:
        return environment, ()  # `check` says so as long as it is so.
    folder = Path(os.path.normpath(folder.absolute() / context.location))
    image = replace(environment.image, context=replace(context, location=str(folder)))
    missing = Problem(
        "context-missing",
        Severity.WARNING,
        "image.context",
        f"There is no folder {folder} on this machine, so the image cannot be built here.",
        "Check the path of the build context.",
    )
    return replace(environment, image=image), () if folder.is_dir() else (missing,)
