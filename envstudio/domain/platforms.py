"""The platforms that a lock can be for, and what solvers need to know about each."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from platform import machine as machine_name


@dataclass(frozen=True, slots=True)
class Platform:
    """A conda subdir, uv's name for it, the markers of PEP 508, and the virtual packages that it has by default.

    The glibc is that of manylinux_2_28, which every supported distribution has.
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


def virtual_packages(platform: str, cuda: str) -> tuple[str, ...]:
    """Return the virtual packages of a platform, `__cuda` among them where a GPU is wanted."""
    return (*PLATFORMS[platform].virtual, *([f"__cuda={cuda}"] if cuda else []))


def own_platform() -> str:
    """Return conda's name for this machine's platform."""
    machine = machine_name().lower()
    arm = machine in ("arm64", "aarch64")
    if sys.platform == "win32":
        return "win-64"
    if sys.platform == "darwin":
        return "osx-arm64" if arm else "osx-64"
    return "linux-aarch64" if arm else "linux-64"
