"""package facts: the licence and size of every package of a lock, asked of the index if the lock does not know."""

from __future__ import annotations

from collections.abc import Iterable

from envstudio.domain.lock import LockedPackage
from envstudio.packages.wheel_metadata import WheelFacts, facts_of
from envstudio.report import Report
from envstudio.settings import Settings


def package_facts(
    packages: Iterable[LockedPackage], settings: Settings, *, report: Report
) -> dict[LockedPackage, WheelFacts]:
    """Return licence and size of each package; what is not known stays empty. Raises `Cancelled`.

    conda's records hold both. A wheel's are asked of the index once, and kept in the cache by its sha256.
    """
    items = tuple(packages)
    fetched = facts_of((item for item in items if not (item.license and item.size)), settings, report)
    return {item: _together(item, fetched.get(item.sha256, WheelFacts())) for item in items}


def _together(item: LockedPackage, fetched: WheelFacts) -> WheelFacts:
    return WheelFacts(item.license or fetched.license, item.size or fetched.size)
