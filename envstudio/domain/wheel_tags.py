"""Which wheels a target takes, and the values of its PEP 508 markers (PyPA's platform compatibility tags)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from envstudio.domain.platforms import PLATFORMS, glibc_minor, macos_version


def marker_environment(platform: str, python: str) -> dict[str, str]:
    """Return the values of PEP 508 markers on the target."""
    short = ".".join(python.split(".")[:2])
    return {
        **dict(PLATFORMS[platform].markers),
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "python_version": short,
        "python_full_version": python if python.count(".") > 1 else f"{python}.0",
        "implementation_version": python if python.count(".") > 1 else f"{python}.0",
        "platform_release": "",
        "platform_version": "",
        "extra": "",
    }


def supported_tags(platform: str, python: str, virtual: Sequence[str] = ()) -> list[Tag]:
    """Return the wheel tags that the target's interpreter takes, best first (PyPA's compatibility tags).

    `virtual` are the target's virtual packages, of which glibc and macOS count; without them the platform's usual ones.
    """
    version = (int(python.split(".")[0]), int(python.split(".")[1]))
    names = _platform_tags(platform, virtual or PLATFORMS[platform].virtual)
    interpreter = f"cp{version[0]}{version[1]}"
    return [*cpython_tags(version, platforms=names), *compatible_tags(version, interpreter, names)]


def wheel_build(file_name: str) -> tuple[int, str]:
    """Return a wheel's build tag as it is compared: number, then text; (-1, "") if it has none."""
    build = parse_wheel_filename(unquote(file_name))[2]
    return (build[0], build[1]) if build else (-1, "")


def _platform_tags(platform: str, virtual: Sequence[str]) -> list[str]:
    """Return the platform tags of the target, best first."""
    if platform.startswith("linux"):
        machine = "x86_64" if platform == "linux-64" else "aarch64"
        lowest = 5 if machine == "x86_64" else 17
        modern = [f"manylinux_2_{minor}_{machine}" for minor in range(glibc_minor(virtual) or 28, lowest - 1, -1)]
        legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
        aliases = [f"{name}_{machine}" for minor, name in legacy.items() if minor >= lowest]
        return [*modern, *aliases, f"linux_{machine}"]
    if platform.startswith("osx"):
        return list(mac_platforms(_mac_version(virtual), "x86_64" if platform == "osx-64" else "arm64"))
    return ["win_amd64"]


def _mac_version(virtual: Sequence[str]) -> tuple[int, int]:
    major, _, minor = (macos_version(virtual) or "13.0").partition(".")
    return int(major), int(minor.partition(".")[0] or 0)


def wheel_rank(file_name: str, tags: Mapping[Tag, int]) -> int:
    """Return how well a wheel fits a target's tags, 0 being best; -1 if it does not. The name may be as in a URL."""
    try:
        found = parse_wheel_filename(unquote(file_name))[3]
    except InvalidWheelFilename:
        return -1
    return min((tags[tag] for tag in found if tag in tags), default=-1)
