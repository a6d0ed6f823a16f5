"""One row of the browser, in a file of its own: the window paints rows before the rest of the library is loaded."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class DeletedRow(NamedTuple):
    """A deleted environment: its number in the library, and how many versions, locks and images belong to it."""

    number: int
    name: str
    deleted_at: datetime
    versions: int
    locks: int
    images: int


class EnvironmentInfo(NamedTuple):
    """What a list shows of an environment. `lock` is "locked", "stale" or "", `image` also "built" or "failed".

    A tuple, because there may be ten thousand, and these are made and held in half the time and room.
    """

    name: str
    kind: str
    latest: int
    digest: str
    labels: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, str], ...]
    archived: bool
    draft_changed: bool
    lock: str
    image: str
    updated_at: datetime | None
    updated_by: str
    description: str = ""
