"""The file formats of locks, one file each, listed once in LOCK_FORMATS."""

from __future__ import annotations

from envstudio.errors import InvalidInput
from envstudio.formats.boundary import refuse_beyond_limits
from envstudio.formats.format import Source
from envstudio.lock_formats import conda_lock, explicit, pixi_lock, pylock, requirements
from envstudio.lock_formats.lock_format import LockFormat, LockRead

__all__ = ["LOCK_FORMATS", "LockFormat", "LockRead", "detect_lock", "find_lock_format"]

LOCK_FORMATS: tuple[LockFormat, ...] = (
    conda_lock.FORMAT,
    pixi_lock.FORMAT,
    pylock.FORMAT,
    explicit.FORMAT,
    requirements.FORMAT,
)


def find_lock_format(format_id: str) -> LockFormat:
    """Return the format with that id. Raises `InvalidInput` naming those there are."""
    for item in LOCK_FORMATS:
        if item.id == format_id:
            return item
    known = ", ".join(item.id for item in LOCK_FORMATS)
    raise InvalidInput(
        f"No lock format named {format_id!r}.",
        f"Known formats are {known}.",
        code="unknown-format",
        subject=format_id,
    )


def detect_lock(source: Source) -> LockFormat | None:
    """Return the lock format of a source, None if it is not a lock. Raises `InvalidInput` beyond the limits of text."""
    refuse_beyond_limits(source)
    return next((item for item in LOCK_FORMATS if item.read is not None and item.matches(source)), None)
