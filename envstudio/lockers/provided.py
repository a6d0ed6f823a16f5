"""What conda provides, given to uv as empty wheels: pip's requirements are checked against them.

Nothing of an index is read for them, which may lack that version or may want more packages for it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from envstudio.domain.lock import LockedPackage
from envstudio.lockers.requires_python import is_version

MARK = "conda"
"""The local version (PEP 440) by which such a wheel differs from every one of an index; specifiers ignore it."""


WHEEL = "Wheel-Version: 1.0\nGenerator: envstudio\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


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
        _write_wheel(folder, name.replace("-", "_"), version)
    return constraints, incomparable


def _write_wheel(folder: Path, name: str, version: str) -> None:
    """Write the least that is a wheel. Source: PyPA's binary distribution format."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", WHEEL)
        wheel.writestr(f"{info}/RECORD", "")
