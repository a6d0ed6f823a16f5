"""The search language of the browser and of `list --query`: words, `pkg:`, `label:`, `tag:` and `var:`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from envstudio.errors import InvalidInput

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

PACKAGE = re.compile(r"([A-Za-z0-9._-]+?)\s*((?:[<>=!~]=?|===).*)?")
LIKE = re.compile(r"^=\s*([^=*]+?)(?:\.\*)?$")
"""One equals sign is conda's, which means 3.12 with all that follows."""
LETTERED = re.compile(r"(?:(?:[~=!<>]=|[<>])\s*\d+(?:\.\d+)*[a-z]?(?:\s*,\s*)?)+")
"""Versions such as 1.1.1w, which conda knows and PEP 440 does not."""
TERMS = ("pkg", "label", "tag", "var")


@dataclass(frozen=True, slots=True)
class PackageTerm:
    """A package that must be requested or locked, with a version specifier that its version must meet."""

    name: str
    specifier: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """The name as pip and as conda may spell it."""
        return tuple(dict.fromkeys((self.name, self.name.replace("-", "_"), self.name.replace("-", "."))))

    def admits(self, version: str) -> bool:
        """Return whether a version meets the specifier, as conda reads them where PEP 440 cannot."""
        if not self.specifier:
            return True
        from packaging.specifiers import InvalidSpecifier
        from packaging.version import InvalidVersion, Version

        try:
            return _specifier_set(self.specifier).contains(Version(version), prereleases=True)
        except (InvalidVersion, InvalidSpecifier):
            return _conda_admits(self.specifier, version)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search; all its terms must match. Text terms match parts of names, whatever their case."""

    words: tuple[str, ...] = ()
    packages: tuple[PackageTerm, ...] = ()
    labels: tuple[str, ...] = ()
    tags: tuple[tuple[str, str | None], ...] = ()
    variables: tuple[str, ...] = ()

    @property
    def asks_definitions(self) -> bool:
        """Return whether what an environment requests has to be looked at, beyond its name, labels and tags."""
        return bool(self.packages or self.variables)

    def says(self, text: str) -> bool:
        """Return whether a text in lower case, such as that of `searched_text`, holds all words."""
        return all(word in text for word in self.words)

    def fits(self, labels: Collection[str], tags: Mapping[str, str]) -> bool:
        """Return whether an environment has all labels and tags that are searched for."""
        return all(label in labels for label in self.labels) and all(
            key in tags and value in (None, tags[key]) for key, value in self.tags
        )


def searched_text(name: str, description: str, tags: Iterable[tuple[str, str]]) -> str:
    """Return what words are looked for in, in lower case."""
    return f"{name} {description} {' '.join(f'{key} {value}' for key, value in tags)}".lower()


@lru_cache(maxsize=64)
def _specifier_set(text: str) -> SpecifierSet:
    # Loaded here, as the window parses every search, and few are for packages.
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(text)


def _conda_admits(specifier: str, version: str) -> bool:
    from rattler import Version, VersionSpec
    from rattler.exceptions import InvalidVersionError, InvalidVersionSpecError

    try:
        return bool(VersionSpec(specifier).matches(Version(version)))
    except (InvalidVersionError, InvalidVersionSpecError):
        return False


def parse_query(text: str) -> Query:
    """Read a search as typed. Raises `InvalidInput` for a specifier that is malformed."""
    try:
        parts = shlex.split(text)
    except ValueError:
        parts = text.split()
    words, packages, labels, tags, variables = [], [], [], [], []
    for part in parts:
        kind, colon, rest = part.partition(":")
        if not colon or kind not in TERMS:
            words.append(part.lower())
        elif not rest:
            continue
        elif kind == "pkg":
            packages.append(_package(rest))
        elif kind == "label":
            labels.append(rest)
        elif kind == "tag":
            key, equals, value = rest.partition("=")
            tags.append((key, value if equals else None))
        else:
            variables.append(rest)
    return Query(tuple(words), tuple(packages), tuple(labels), tuple(tags), tuple(variables))


def _package(text: str) -> PackageTerm:
    from packaging.specifiers import InvalidSpecifier
    from packaging.utils import canonicalize_name

    found = PACKAGE.fullmatch(text)
    if not found:
        raise InvalidInput(f"pkg:{text} is not a package search.", "Write pkg:numpy or pkg:numpy>=2.")
    specifier = LIKE.sub(r"==\1.*", (found.group(2) or "").strip())
    try:
        _specifier_set(specifier)
    except InvalidSpecifier as error:
        if LETTERED.fullmatch(specifier):
            return PackageTerm(canonicalize_name(found.group(1)), specifier)
        raise InvalidInput(f"pkg:{text} is not a package search.", "Write pkg:numpy or pkg:numpy>=2.") from error
    return PackageTerm(canonicalize_name(found.group(1)), specifier)
