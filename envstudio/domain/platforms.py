"""The platforms that a lock can be for, and what solvers need to know about each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from platform import machine as machine_name

UV_GLIBC_MINORS = (17, 28, *range(31, 41))


@dataclass(frozen=True, slots=True)
class Platform:
    """A conda subdir, uv's name for it, the markers of PEP 508, and the virtual packages that it has by default.

    The glibc is that of manylinux_2_28, which every supported distribution has; `virtual_packages.py` knows more of an
    environment.
    """

    subdir: str
    uv: str
    markers: tuple[tuple[str, str], ...]
    virtual: tuple[str, ...]


def _markers(system: str, platform: str, machine: str, os_name: str) -> tuple[tuple[str, str], ...]:
    return (
        ("platform_system", system),
        ("sys_platform", platform),
        ("platform_machine", machine),
        ("os_name", os_name),
    )


PLATFORMS = {
    item.subdir: item
    for item in (
        Platform(
            "linux-64",
            "x86_64-manylinux_2_28",
            _markers("Linux", "linux", "x86_64", "posix"),
            ("__unix=0", "__linux=5.10", "__glibc=2.28", "__archspec=1=x86_64"),
        ),
        Platform(
            "linux-aarch64",
            "aarch64-manylinux_2_28",
            _markers("Linux", "linux", "aarch64", "posix"),
            ("__unix=0", "__linux=5.10", "__glibc=2.28", "__archspec=1=aarch64"),
        ),
        Platform(
            "osx-64",
            "x86_64-apple-darwin",
            _markers("Darwin", "darwin", "x86_64", "posix"),
            ("__unix=0", "__osx=13.0", "__archspec=1=x86_64"),
        ),
        Platform(
            "osx-arm64",
            "aarch64-apple-darwin",
            _markers("Darwin", "darwin", "arm64", "posix"),
            ("__unix=0", "__osx=13.0", "__archspec=1=m1"),
        ),
        Platform(
            "win-64",
            "x86_64-pc-windows-msvc",
            _markers("Windows", "win32", "AMD64", "nt"),
            ("__win=10", "__archspec=1=x86_64"),
        ),
    )
}


def uv_platform(platform: str, virtual: Sequence[str]) -> str:
    """Return uv's name for a platform whose machines have these virtual packages: of its glibc, or an older one.

    uv knows manylinux 2.17, 2.28 and 2.31 to 2.40.
    """
    name = PLATFORMS[platform].uv
    minor = glibc_minor(virtual)
    if minor is None:
        return name
    known = max((item for item in UV_GLIBC_MINORS if item <= minor), default=UV_GLIBC_MINORS[0])
    return f"{name.partition('-')[0]}-manylinux_2_{known}"


def glibc_minor(virtual: Sequence[str]) -> int | None:
    """Return the 28 of `__glibc=2.28`; None if there is no such virtual package."""
    found = _version_of("__glibc", virtual).split(".")
    return int(found[1]) if len(found) > 1 and found[0] == "2" and found[1].isdigit() else None


def macos_version(virtual: Sequence[str]) -> str:
    """Return the "14.0" of `__osx=14.0`; empty if there is no such virtual package."""
    return _version_of("__osx", virtual)


def _version_of(name: str, virtual: Sequence[str]) -> str:
    return next((text.split("=")[1] for text in virtual if text.startswith(f"{name}=")), "")


def own_platform() -> str:
    """Return conda's name for this machine's platform."""
    machine = machine_name().lower()
    arm = machine in ("arm64", "aarch64")
    if sys.platform == "win32":
        return "win-64"
    if sys.platform == "darwin":
        return "osx-arm64" if arm else "osx-64"
    return "linux-aarch64" if arm else "linux-64"
