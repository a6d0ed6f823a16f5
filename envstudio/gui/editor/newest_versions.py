"""Which newest versions of what is requested are known, beside those that are locked."""

from __future__ import annotations

from envstudio.domain.requirement import PipKind, PipRequirement
from envstudio.domain.version import is_older
from envstudio.domain.version_order import allows, is_prerelease, order_key
from envstudio.gui.editor.locked_versions import LockedVersions
from envstudio.gui.editor.requirement_text import Requirement, manager_of
from envstudio.tasks.known_packages import Newest

NEWER = "↑"
EARLY = " (pre)"
NOT_KNOWN = "No matching version is known yet: shown once locking has read the channels, or the index answers"
OF_AN_ADDRESS = "It comes from an address or a path of its own, not from an index"


def has_address(item: Requirement) -> bool:
    """Return whether a requirement comes from an address or a path of its own."""
    return isinstance(item, PipRequirement) and (item.kind is not PipKind.NAMED or item.editable)


class NewestVersions:
    """`newest` is by manager and name; what has an address of its own is on no index."""

    def __init__(self, newest: Newest, locked: LockedVersions) -> None:
        self.known = newest
        self._locked = locked

    def of(self, item: Requirement) -> str:
        """Return the newest version of a requirement; empty if none is known."""
        return "" if has_address(item) else self.known.get((manager_of(item), item.name), "")

    def is_newer(self, item: Requirement) -> bool:
        """Return whether there is something newer than what is locked, on any platform."""
        newest = self.of(item)
        return bool(newest) and any(is_older(package.version, newest) for _, package in self._locked.of(item))

    def text(self, item: Requirement) -> str:
        """Return the version with what its sort is."""
        newest = self.of(item)
        early = EARLY if is_prerelease(newest) else ""
        return f"{NEWER} {newest}{early}" if self.is_newer(item) else newest + early

    def sorted_by(self, item: Requirement) -> str:
        """Return what the column is sorted by."""
        newest = self.of(item)
        return order_key(newest) if newest else ""

    def tip(self, item: Requirement) -> str:
        """Return what the version alone does not."""
        newest = self.of(item)
        if not newest:
            return OF_AN_ADDRESS if has_address(item) else NOT_KNOWN
        locked = f"; {self._locked.text(item)} is locked" if self.is_newer(item) else ""
        lines = [f"{newest} is the newest{locked}"]
        if is_prerelease(newest):
            lines.append("It is a pre-release")
        if not allows(item, newest):
            lines.append(f"{item.constraint} does not allow it")
        return "\n".join(lines)
