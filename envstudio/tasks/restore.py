"""restore: an old version becomes the newest."""

from __future__ import annotations

from envstudio.library import Library, Registered
from envstudio.report import Report


def restore(library: Library, reference: str, *, message: str = "", report: Report) -> Registered:
    """Register an old version's definition again as the newest. Raises `NotFound`."""
    snapshot = library.find(reference)
    with report.stage(f"restore {snapshot.title}"):
        return library.versions.register(
            snapshot.environment, message or f"Restored from version {snapshot.version}", text=snapshot.text
        )
