"""Files that several packages of a lock bring, and which package's is used.

Packages are put into place one after the other, conda's before pip's, and what comes later replaces what is there. So
the rule is the order: a package comes after all that it requires, directly or not. `packages/install_order.py` has the
rest of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from envstudio.domain.lock import LockedPackage
from envstudio.domain.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A path below the environment that packages bring with different bytes, in the order in which they are installed.

    The last has it.
    """

    path: str
    owners: tuple[LockedPackage, ...]


def shared_files(
    packages: Sequence[LockedPackage], files: Mapping[LockedPackage, Mapping[str, str]], *, ignores_case: bool = False
) -> tuple[SharedFile, ...]:
    """Return the paths that several packages bring with different bytes, sorted.

    `packages` come in the order of their installation. `files` has the paths of each with a text that two files of the
    same bytes have in common; "" stands for bytes that are not known, which count as different.
    """

    def key(path: str) -> str:
        return path.casefold() if ignores_case else path

    seen: set[str] = set()
    twice: set[str] = set()
    for package in packages:
        own = set(map(key, files[package]))
        twice |= seen & own
        seen |= own
    bringing: dict[str, list[tuple[LockedPackage, str]]] = {}
    if twice:
        for package in packages:
            for path in files[package]:
                if key(path) in twice:
                    bringing.setdefault(key(path), []).append((package, path))
    return tuple(
        SharedFile(pairs[0][1], tuple(dict.fromkeys(package for package, _ in pairs)))
        for _, pairs in sorted(bringing.items())
        if len({files[package][path] or package for package, path in pairs}) > 1
    )


def waves(packages: Sequence[LockedPackage], shared: Iterable[SharedFile]) -> list[list[LockedPackage]]:
    """Split packages, in the order of their installation, so that none comes with one whose files it replaces."""
    before: dict[LockedPackage, set[LockedPackage]] = defaultdict(set)
    for item in shared:
        for number, owner in enumerate(item.owners):
            before[owner] |= {*item.owners[:number]}
    level: dict[LockedPackage, int] = {}
    found: list[list[LockedPackage]] = []
    for package in packages:
        level[package] = max((level[item] + 1 for item in before[package] if item in level), default=0)
        if level[package] == len(found):
            found.append([])
        found[level[package]].append(package)
    return found


def problems(shared: Sequence[SharedFile]) -> tuple[Problem, ...]:
    """Return what to tell the user: one problem for each set of packages that bring the same files."""
    groups: dict[tuple[LockedPackage, ...], list[str]] = {}
    for item in shared:
        groups.setdefault(item.owners, []).append(item.path)
    return tuple(_problem(owners, paths) for owners, paths in groups.items())


def _problem(owners: Sequence[LockedPackage], paths: Sequence[str]) -> Problem:
    names = [f"{item.name} {item.version} ({item.manager})" for item in owners]
    more = len(paths) - 1
    files = paths[0] + (f" and {more} more file{'s' if more > 1 else ''}" if more else "")
    return Problem(
        "file-of-two-packages",
        Severity.WARNING,
        "lock",
        f"{', '.join(names[:-1])} and {names[-1]} bring {files} with different content.",
        f"What {owners[-1].name} brings is used; remove the package that is not needed.",
    )
