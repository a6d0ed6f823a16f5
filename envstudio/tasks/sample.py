"""sample: a small project in a workspace of its own, with versions to compare, lock and build."""

from __future__ import annotations

from envstudio import paths
from envstudio.domain.reference import Reference
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.edit import Edits, edit
from envstudio.tasks.import_files import import_path

WORKSPACE = "sample"
NAME = "churn-train"
BASE = "python:3.12-slim-bookworm"


def sample(library: Library, *, report: Report) -> str:
    """Make the sample if it is not there yet, and return the name of its workspace. Raises `EnvStudioError`."""
    if WORKSPACE not in {info.name for info in library.workspaces.list()}:
        library.workspaces.create(WORKSPACE)
    here = library.in_workspace(WORKSPACE)
    if here.environments.exists(NAME):
        return WORKSPACE
    edits = Edits(python="3.12", base_image=BASE, set_variables=("TREES=20",))
    import_path(here, paths.resource("demo", "requirements.txt"), name=NAME, edits=edits, report=report)
    for changes, message in (
        (Edits(add_pip=("pandas>=2.2,<3",), set_variables=("TREES=40",)), "Stay on pandas 2, grow more trees"),
        (Edits(add_pip=("matplotlib>=3.9",)), "Draw the learning curve"),
    ):
        edit(here, NAME, changes, message=message)
    here.versions.label(Reference(NAME, 2), "prod")
    return WORKSPACE
