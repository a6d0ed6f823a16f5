"""The order in which the packages of a lock are installed: it decides whose file is used where several bring one.

conda's packages come first, in rattler's order, which is also what rattler itself goes by where two of them bring the
same path. pip's come after them in pip's order (`get_topological_weights` of its resolver): first the packages that
require nothing, then those that require only these, and so on, each time from the last name to the first. So a package
comes after all that it requires. Of packages that require each other in a circle, what is further from the
requirements of the definition comes earlier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from packaging.utils import canonicalize_name

from envstudio.domain.lock import LockedPackage

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def install_order(packages: Sequence[LockedPackage]) -> tuple[LockedPackage, ...]:
    """Return the packages of one platform in the order in which they are installed."""
    conda = [item for item in packages if item.manager == "conda"]
    pip = [item for item in packages if item.manager == "pip"]
    return (*_conda_order(conda), *_pip_order(pip))


def _conda_order(packages: Sequence[LockedPackage]) -> list[LockedPackage]:
    if not packages:
        return []
    import rattler

    from envstudio.packages.conda import record_of

    # By name first, so that the order does not depend on that of a lock that others wrote.
    records = [(record_of(item), item) for item in sorted(packages, key=lambda item: item.name)]
    by_name = {record.name.normalized: item for record, item in records}
    ordered = rattler.PackageRecord.sort_topologically([record for record, _ in records])
    return [by_name[record.name.normalized] for record in ordered]


def _pip_order(packages: Sequence[LockedPackage]) -> list[LockedPackage]:
    by_name = {str(canonicalize_name(item.name)): item for item in packages}
    needs = {
        name: sorted({other for text in item.dependencies if (other := _name(text)) in by_name and other != name})
        for name, item in by_name.items()
    }
    left = dict(needs)
    order: list[str] = []
    while ready := sorted(name for name, others in left.items() if not any(other in left for other in others)):
        order += reversed(ready)
        left = {name: others for name, others in left.items() if name not in ready}
    # What is left requires each other in circles, or requires what does.
    roots = sorted(name for name in left if by_name[name].requested) or sorted(left)
    distances = _distances({name: [other for other in left[name] if other in left] for name in left}, roots)
    order += sorted(left, key=lambda name: (distances.get(name, 1), name), reverse=True)
    return [by_name[name] for name in order]


def _name(requirement: str) -> str:
    match = NAME.match(requirement.strip())
    return str(canonicalize_name(match[0])) if match else ""


def _distances(needs: Mapping[str, Sequence[str]], roots: Sequence[str]) -> dict[str, int]:
    """Return how many steps each package is from a definition that requires `roots`, by the longest way.

    The requirement that closes a circle does not count.
    """
    order = _requiring_first(needs, roots)
    place = {name: number for number, name in enumerate(order)}
    found = dict.fromkeys(roots, 1)
    for name in order:
        for other in needs[name]:
            if place[other] > place[name]:
                found[other] = max(found.get(other, 0), found[name] + 1)
    return found


def _requiring_first(needs: Mapping[str, Sequence[str]], roots: Sequence[str]) -> list[str]:
    """Return what is reachable from the roots, each package before those that it requires."""
    finished: list[str] = []
    seen: set[str] = set()
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(needs[root]))]
        while stack:
            name, rest = stack[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                finished.append(name)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(needs[following])))
    return finished[::-1]
