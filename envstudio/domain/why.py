"""Why a package is in a lock: the chains of requirements that bring it in, and what would leave with it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envstudio.domain.lock import LockedPackage, PlatformLock
from envstudio.errors import Act, NotFound, Remedy

NAME = re.compile(r"^[A-Za-z0-9._-]+")
MAX_CHAINS = 12


@dataclass(frozen=True, slots=True)
class Why:
    """`chains` run from a requested package to this one, shortest first; `leaves` would go if this one went."""

    package: LockedPackage
    chains: tuple[tuple[str, ...], ...]
    dependants: tuple[str, ...]
    leaves: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the answer as the document that `--json` prints."""
        return {
            "name": self.package.name,
            "version": self.package.version,
            "manager": self.package.manager,
            "requested": self.package.requested,
            "chains": [list(chain) for chain in self.chains],
            "dependants": list(self.dependants),
            "leaves": list(self.leaves),
        }


def why(lock: PlatformLock, name: str) -> Why:
    """Explain a package of a platform's lock. Raises `NotFound` naming those with like names."""
    found = lock.find(name.lower()) or lock.find(name)
    if not found:
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), [item.name for item in lock.packages], 3)
        raise NotFound(
            f"{name} is not in the lock for {lock.platform}.",
            f"Did you mean {', '.join(near)}?" if near else "See what the lock holds.",
            code="package-not-locked",
            subject=name,
            remedy=None if near else Remedy(Act.SHOW_LOCK),
        )
    package = found[0]
    needs = dependencies(lock)
    roots = [item.name for item in lock.packages if item.requested]
    requirers = {item: sorted(other for other in needs if item in needs[other]) for item in needs}
    kept = _reachable(needs, [root for root in roots if root != package.name], without=package.name)
    everything = _reachable(needs, roots, without="")
    return Why(
        package,
        tuple(_chains(requirers, set(roots), package.name)),
        tuple(requirers[package.name]),
        tuple(sorted(everything - kept - {package.name})),
    )


def dependencies(lock: PlatformLock) -> dict[str, set[str]]:
    """Return the names of the locked packages that each one requests."""
    names = {item.name for item in lock.packages}
    needs: dict[str, set[str]] = {name: set() for name in names}
    for package in lock.packages:
        for text in package.dependencies:
            match = NAME.match(text)
            if match and match.group() in names:
                needs[package.name].add(match.group())
    return needs


def _reachable(needs: Mapping[str, set[str]], roots: list[str], *, without: str) -> set[str]:
    """Return all that the roots bring in when one package is taken out."""
    seen: set[str] = set()
    waiting = deque(root for root in roots if root != without)
    while waiting:
        name = waiting.popleft()
        if name not in seen:
            seen.add(name)
            waiting.extend(needs[name] - seen - {without})
    return seen


def _chains(requirers: Mapping[str, list[str]], roots: set[str], name: str) -> list[tuple[str, ...]]:
    """Return the shortest chain from each requested package, shortest first, and at most a dozen."""
    chains: list[tuple[str, ...]] = []
    seen = {name}
    waiting: deque[tuple[str, ...]] = deque([(name,)])
    while waiting and len(chains) < MAX_CHAINS:
        chain = waiting.popleft()
        if chain[0] in roots:
            chains.append(chain)
        for asker in requirers[chain[0]]:
            if asker not in seen:
                seen.add(asker)
                waiting.append((asker, *chain))
    return chains
