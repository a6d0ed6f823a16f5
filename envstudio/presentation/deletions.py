"""What goes with a deleted environment that is removed for ever, in words."""

from __future__ import annotations

from typing import Protocol

from envstudio.domain.amounts import amount_text


class Removable(Protocol):
    """What is counted of a deleted environment."""

    @property
    def versions(self) -> int: ...
    @property
    def locks(self) -> int: ...
    @property
    def images(self) -> int: ...


def removed_with(item: Removable) -> str:
    """Return "3 versions, 2 locks and the records of 1 image"."""
    versions, locks = amount_text(item.versions, "version"), amount_text(item.locks, "lock")
    return f"{versions}, {locks} and the records of {amount_text(item.images, 'image')}"
