"""Hashes that requirements state (`--hash=sha256:…`): only files with one of them may be locked, as pip has it.

uv reads them and chooses without them, so versions without such a file are excluded beforehand, and what was chosen is
compared afterwards. Source: pip's documentation, "Secure installs", and its resolver, which filters candidates by hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from packaging.utils import canonicalize_name

from envstudio.domain.requirement import PipKind, PipRequirement
from envstudio.errors import Act, InvalidInput, Remedy, Unavailable
from envstudio.packages.simple_index import hashes_by_version
from envstudio.settings import Settings

HASH = re.compile(r"--hash[=\s]\s*([a-z0-9]+):([0-9a-fA-F]+)")
Allowed = Mapping[str, frozenset[str]]
"""By package, the hashes that its files may have, as "sha256:…"."""


def allowed_hashes(requirements: Iterable[PipRequirement]) -> dict[str, frozenset[str]]:
    """Return the hashes that requirements state, by normalized name; packages without any are left out."""
    found: dict[str, frozenset[str]] = {}
    for item in requirements:
        stated = {f"{kind}:{digits.lower()}" for option in item.options for kind, digits in HASH.findall(option)}
        if stated and item.name:
            name = str(canonicalize_name(item.name))
            found[name] = found.get(name, frozenset()) | stated
    return found


def constraints(
    requirements: Iterable[PipRequirement], allowed: Allowed, indexes: Sequence[str], settings: Settings
) -> list[str]:
    """Return constraints that leave versions with an allowed file alone.

    An index that does not answer is passed over, as what was chosen is compared anyway. Raises `InvalidInput` if no
    file on any index has a hash that is allowed.
    """
    lines: list[str] = []
    direct = {item.name for item in requirements if item.kind is not PipKind.NAMED}
    for name in sorted(allowed.keys() - direct):
        versions: dict[str, set[str]] = {}
        for index in indexes:
            try:
                found = hashes_by_version(index, name, settings)
            except Unavailable:
                continue
            for version, hashes in found.items():
                versions.setdefault(version, set()).update(hashes)
        others = [version for version, hashes in versions.items() if not hashes & allowed[name]]
        if versions and len(others) == len(versions):
            raise _none_allowed(name)
        lines += [f"{name}!={version}" for version in others]
    return lines


def keep_allowed(document: Mapping[str, Any], allowed: Allowed) -> None:
    """Take the files out of a pylock document whose hashes are not allowed. Raises `InvalidInput` if none is left."""
    for package in document.get("packages", []):
        hashes = allowed.get(str(canonicalize_name(str(package.get("name", "")))))
        if hashes is None:
            continue
        wheels = [item for item in package.get("wheels", []) if _hashes(item) & hashes]
        package["wheels"] = wheels
        for kind in ("sdist", "archive"):
            if kind in package and not _hashes(package[kind]) & hashes:
                del package[kind]
        if not wheels and not package.keys() & {"sdist", "archive", "vcs"}:
            raise _none_allowed(str(package["name"]))


def _hashes(file: Mapping[str, Any]) -> set[str]:
    return {f"{kind}:{digits}" for kind, digits in (file.get("hashes") or {}).items()}


def _none_allowed(name: str) -> InvalidInput:
    return InvalidInput(
        f"No file of {name} has a hash that its requirement allows.",
        "Check the hashes that the requirement states; the file on the index may have changed.",
        code="hash-mismatch",
        subject=name,
        remedy=Remedy(Act.EDIT_PACKAGES),
    )
