"""What the machines that an environment runs on have: by platform, by its base image, and by its own statement."""

from __future__ import annotations

import re

from envstudio.domain.environment import Environment
from envstudio.domain.platforms import PLATFORMS

GLIBC_OF_RELEASE = {
    # Source: the package libc6 of each release.
    "bullseye": "2.31",
    "bookworm": "2.36",
    "trixie": "2.41",
    "focal": "2.31",
    "jammy": "2.35",
    "noble": "2.39",
}
RELEASE_OF_TAG = {
    "debian:11": "bullseye",
    "debian:12": "bookworm",
    "debian:13": "trixie",
    "ubuntu:20.04": "focal",
    "ubuntu:22.04": "jammy",
    "ubuntu:24.04": "noble",
}
WORD = re.compile(r"[a-z]+")


def virtual_packages(platform: str, environment: Environment) -> tuple[str, ...]:
    """Return the virtual packages of a platform as "__glibc=2.28", sorted as the platform lists them.

    glibc is the base image's where its name tells, `__cuda` is there if a GPU is wanted, and what the definition states
    (`solve.virtual_packages`) comes before both.
    """
    found = dict(text.split("=", 1) for text in PLATFORMS[platform].virtual)
    if "__glibc" in found:
        found["__glibc"] = base_glibc(environment.image.base) or found["__glibc"]
    if environment.cuda:
        found["__cuda"] = environment.cuda
    found |= environment.solve.virtual(platform)
    return tuple(f"{name}={version}" for name, version in found.items())


def base_glibc(image: str) -> str:
    """Return the glibc of a base image whose name tells its Debian or Ubuntu release; empty if it tells none."""
    name, _, tag = image.rpartition("/")[2].partition(":")
    release = next((word for word in WORD.findall(tag.lower()) if word in GLIBC_OF_RELEASE), "")
    if not release:
        stated = f"{name}:{tag}"
        release = next(
            (value for key, value in RELEASE_OF_TAG.items() if stated == key or stated.startswith(f"{key}.")), ""
        )
    if not release:
        found = re.search(r"(?:^|-)ubuntu(2[024]\.04)(?:$|-)", tag)
        release = RELEASE_OF_TAG.get(f"ubuntu:{found[1]}", "") if found else ""
    return GLIBC_OF_RELEASE.get(release, "")
