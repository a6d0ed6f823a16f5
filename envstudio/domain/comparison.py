"""What a comparison of two definitions and their locks found, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from envstudio.domain.context_content import FileChange
from envstudio.domain.diff import DefinitionChange
from envstudio.domain.lock_diff import ResolvedChange

NOTHING = "nothing"
"""The title of what is before a first version."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two things and their differences. `identical` is about the definitions' meaning, not about names.

    `unlocked` are the titles of those without a lock that could be compared.
    """

    old_title: str
    new_title: str
    identical: bool
    changes: tuple[DefinitionChange, ...]
    resolved: tuple[ResolvedChange, ...]
    both_locked: bool
    unlocked: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as the document that `--json` prints."""
        return {
            "from": self.old_title,
            "to": self.new_title,
            "identical": self.identical,
            "changes": [row.to_json() for row in self.changes],
            "resolved": [row.to_json() for row in self.resolved],
            "files": [row.to_json() for row in self.files],
        }
