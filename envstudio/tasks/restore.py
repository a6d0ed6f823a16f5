"""restore: an old version becomes the newest."""

from __future__ import annotations

from envstudio.errors import InvalidInput
from envstudio.library import Library, Registered
from envstudio.library.curated import refuse_curated
from envstudio.report import Report


def restore(library: Library, reference: str, *, message: str = "", report: Report) -> Registered:
    """Register an old version's definition again as the newest. Raises `NotFound`, `InvalidInput`."""
    snapshot = library.find(reference)
    refuse_curated(snapshot.reference, ", so there is nothing to restore.")
    if snapshot.reference.is_draft:
        raise InvalidInput(
            f"{reference} is not an old version.", f"Name one, such as {snapshot.environment.name}:{snapshot.version}."
        )
    with report.stage(f"restore {snapshot.title}"):
        return library.versions.register(
            snapshot.environment,
            message or f"Restored from version {snapshot.version}",
            text=snapshot.text,
            from_draft=False,
        )
