"""The colour of what a comparison tells, the same wherever one is shown."""

from __future__ import annotations

from envstudio.domain.diff import DefinitionChange, Kind
from envstudio.domain.lock_diff import ResolvedChange
from envstudio.domain.version import Level


def color_of(row: DefinitionChange | ResolvedChange) -> str:
    """Return the name of the colour that a row's sign has."""
    if row.level is Level.DOWNGRADE:
        return "downgrade"
    return {Kind.ADDED: "added", Kind.REMOVED: "removed", Kind.CHANGED: "changed"}[row.kind]
