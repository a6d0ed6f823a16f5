"""What a comparison can have on a side: a version, the draft, any other definition, or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from envstudio.domain.comparison import NOTHING
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment
from envstudio.domain.reference import Reference
from envstudio.domain.version import VersionInfo
from envstudio.gui.model.document import Document
from envstudio.library import Snapshot

ComparisonSide = VersionInfo | str | Snapshot | None
"""A version, the draft (DRAFT_ROW), what was not picked from the timeline, or nothing."""


def name_of(thing: ComparisonSide) -> str:
    """Return what a heading calls it within its environment."""
    if isinstance(thing, Snapshot):
        return thing.title
    return NOTHING if thing is None else f"v{thing.number}" if isinstance(thing, VersionInfo) else "draft"


def newest_number(rows: Iterable[VersionInfo | str]) -> int:
    """Return the number of the newest version among rows of the timeline; 0 if there is none."""
    return max((row.number for row in rows if isinstance(row, VersionInfo)), default=0)


def snapshot_of(thing: ComparisonSide, document: Document) -> Snapshot:
    """Return it in the form in which versions are compared. Raises `NotFound`."""
    name = document.environment.name
    if isinstance(thing, Snapshot):
        return thing
    if thing is None:
        nothing = Environment(name)
        return Snapshot(Reference(name, label=NOTHING), nothing, 0, definition_digest(nothing), "")
    if isinstance(thing, VersionInfo):
        return document.library.find(Reference(name, thing.number))
    return document.draft_snapshot()
