"""What conda provides, given to uv as empty wheels: pip's requirements are checked against them.

Nothing of an index is read for them, which may lack that version or may want more packages for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from envstudio.archives.wheel import write_empty_wheel
from envstudio.domain.lock import LockedPackage
from envstudio.lockers.requires_python import is_version

MARK = "conda"
"""The local version (PEP 440) by which such a wheel differs from every one of an index; specifiers ignore it."""


def write_wheels(folder: Path, conda: Mapping[str, LockedPackage]) -> tuple[list[str], list[str]]:
    """Write a wheel for each package of conda's, by pip's names, and return constraints and names.

    The constraints make pip's requirements be met by these wheels alone. The names are those of packages whose versions
    pip cannot compare: they are to be left out of the resolution.
    """
    constraints, incomparable = [], []
    for name, package in sorted(conda.items()):
        if not is_version(package.version):
            incomparable.append(name)
            continue
        version = f"{package.version}{'.' if '+' in package.version else '+'}{MARK}"
        constraints.append(f"{name}=={version}")
        write_empty_wheel(folder, name, version)
    return constraints, incomparable
