"""What the user requests of a lock beyond the definition: what to keep, what to move, and not to use the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from envstudio.consents import NONE, Consent
from envstudio.domain.lock import Lock, LockedPackage
from envstudio.errors import InvalidInput


def moment_of(text: str) -> datetime:
    """Read a date or time in ISO 8601; a date means its beginning, and without a zone it is UTC.

    Raises `InvalidInput` naming the forms.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is not a date or time.", "Write it as 2026-01-31 or 2026-01-31T12:00:00Z."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOptions:
    """How to solve. Packages of `keep` stay as they are where they can; those in `upgrade_packages` may move.

    Packages newer than `exclude_newer` (a date or time in ISO 8601) are not considered. `pins` are match specs that
    hold for a package wherever it comes from, without requesting it. `consent` says whether packages may be built from
    source to learn what they need. Raises `InvalidInput` for what is not a moment.
    """

    keep: Lock | None = None
    upgrade_packages: tuple[str, ...] = ()
    offline: bool = False
    exclude_newer: str = ""
    pins: tuple[str, ...] = ()
    consent: Consent = NONE

    def __post_init__(self) -> None:
        if self.exclude_newer:
            moment_of(self.exclude_newer)

    def kept(self, platform: str, manager: str) -> tuple[LockedPackage, ...]:
        """Return the packages of a platform that should stay."""
        if self.keep is None or platform not in self.keep.platform_names:
            return ()
        return tuple(
            item for item in self.keep.platform(platform).of(manager) if item.name not in self.upgrade_packages
        )
