"""What a mutation of the library changed, so that each screen reloads only what it must."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto


class Aspect(Flag):
    """The sorts of stored things."""

    WORKSPACES = auto()
    ENVIRONMENTS = auto()
    DRAFT = auto()
    VERSIONS = auto()
    LABELS = auto()
    LOCKS = auto()
    IMAGES = auto()
    BUILDS = auto()
    RUNS = auto()
    POLICIES = auto()


NOTHING = Aspect(0)


@dataclass(frozen=True, slots=True)
class LibraryChange:
    """The environments that changed, and in what. `renamed_from` is set if a name changed."""

    aspects: Aspect = NOTHING
    environments: frozenset[str] = frozenset()
    renamed_from: str = ""

    def __or__(self, other: LibraryChange) -> LibraryChange:
        return LibraryChange(
            self.aspects | other.aspects,
            self.environments | other.environments,
            self.renamed_from or other.renamed_from,
        )

    def __bool__(self) -> bool:
        return bool(self.aspects)

    def touches(self, name: str, aspects: Aspect) -> bool:
        """Return whether this change concerns any of `aspects` of the environment `name`."""
        return name in self.environments and bool(self.aspects & aspects)


def changed(aspects: Aspect, *names: str, renamed_from: str = "") -> LibraryChange:
    """Return a change of `aspects` in the environments named."""
    return LibraryChange(aspects, frozenset(names), renamed_from)
