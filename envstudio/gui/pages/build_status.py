"""How the state of a build is shown, and how long it took, wherever builds are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envstudio.domain.amounts import seconds_text

if TYPE_CHECKING:
    from envstudio.library import BuildRecord

STATUS_ICONS = {
    "done": ("done", "added"),
    "failed": ("error", "removed"),
    "cancelled": ("cancelled", "muted"),
    "interrupted": ("cancelled", "muted"),
    "running": ("running", "accent"),
}


def took(record: BuildRecord) -> str:
    """Say how long a build took; of one that goes on, or that no one saw end, that is not known."""
    return "" if record.status in ("running", "interrupted") else seconds_text(record.seconds)
