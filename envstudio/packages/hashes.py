"""Packages that a lock has no hash of: refused unless the user allows them, and hashed when they come."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from envstudio.archives.rules import limits_of
from envstudio.consents import UNHASHED, Consent, ConsentNeeded
from envstudio.domain.lock import LockedPackage
from envstudio.packages import conda_store, wheels
from envstudio.presentation.names import listed
from envstudio.report import Report
from envstudio.settings import Settings

COMMIT = re.compile(r"git\+[^#]*@(?:[0-9a-f]{40}|[0-9a-f]{64})(?:#.*)?")
"""The address of a Git commit. A branch or tag may be another tomorrow."""


def is_unhashed(package: LockedPackage) -> bool:
    """Return whether nothing says which bytes a package has; a Git commit does, and the md5 of a conda package."""
    if package.manager == "conda":
        return not (package.sha256 or package.md5)
    return not package.sha256 and not COMMIT.fullmatch(package.url)


def needs_hash(package: LockedPackage) -> bool:
    """Return whether a lock that is made should get the sha256 of a package, which its source does not state."""
    return not package.sha256 and not package.url.startswith("git+")


def refuse_unhashed(packages: Sequence[LockedPackage], consent: Consent) -> None:
    """Raise `ConsentNeeded` for packages without a hash, unless they are allowed."""
    found = [f"{item.name} {item.version}" for item in packages if is_unhashed(item)]
    if found and not consent.allows(UNHASHED):
        raise ConsentNeeded(
            UNHASHED,
            found,
            f"The lock has no hash of {listed(found)}, so nothing says that what comes is what was locked.",
            "Lock again, which computes it, or allow it.",
        )


def with_hashes(packages: Sequence[LockedPackage], settings: Settings, report: Report) -> tuple[LockedPackage, ...]:
    """Return packages with the sha256 of each, which is computed of what comes for those that have none.

    Raises `UnsafeArchive`, `Unavailable`, `Cancelled`.
    """
    conda = [item for item in packages if item.manager == "conda" and not item.sha256]
    found = {item.package.url: item.package for item in conda_store.stored(conda, limits_of(settings), report)}
    made = []
    for item in packages:
        if item.manager == "conda":
            made.append(found.get(item.url, item))
        elif needs_hash(item):
            made.append(replace(item, sha256=wheels.fetch_unhashed(item, settings, report)))
        else:
            made.append(item)
    return tuple(made)
