"""What versions are among others: pre-releases, what a requirement allows, and how columns of them are sorted."""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion

from envstudio.domain.requirement import CondaRequirement, PipKind, PipRequirement, match_spec, pep508

PRE = re.compile(r"(?<![a-z])(?:(?:a|b|c|alpha|beta)[._-]?\d+|(?:rc|dev|pre|preview)[._-]?\d*)(?![a-z])", re.IGNORECASE)
PARTS = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
EARLY = ("a", "alpha", "b", "beta", "c", "rc", "dev", "pre", "preview")


def is_prerelease(version: str) -> bool:
    """Return whether a version is a pre-release.

    A single letter at the end of one of conda's ("2024b", "9e", "1.1.1w") is a later release there; PEP 440 reads it
    otherwise, but never writes it.
    """
    return bool(PRE.search(version.split("+", 1)[0]))


def allows(requirement: CondaRequirement | PipRequirement, version: str) -> bool:
    """Return whether the bounds of a requirement allow a version; one from an address has none to allow."""
    if isinstance(requirement, CondaRequirement):
        return _conda_allows(requirement, version)
    parsed = pep508(requirement.text)
    if requirement.kind is not PipKind.NAMED or parsed is None:
        return False
    try:
        return SpecifierSet(str(parsed.specifier)).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return False


def _conda_allows(requirement: CondaRequirement, version: str) -> bool:
    from rattler import Version, VersionSpec
    from rattler.exceptions import InvalidVersionError

    wanted = match_spec(requirement.text).version
    try:
        return wanted is None or VersionSpec(str(wanted)).matches(Version(version))
    except InvalidVersionError:
        return False


def order_key(version: str) -> str:
    """Return a text that sorts as the version does: 2.9 before 2.10, and 2.0rc1 before 2.0."""
    words = PARTS.findall(version.lower())
    keys = []
    for position, word in enumerate(words):
        if word.isdigit():
            keys.append(f"5{word:0>12}")
        else:
            numbered = position + 1 < len(words) and words[position + 1].isdigit()
            keys.append(f"{1 if word in EARLY and (numbered or len(word) > 1) else 6}{word}")
    return " ".join([*keys, "3"])
