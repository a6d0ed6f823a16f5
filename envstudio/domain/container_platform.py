"""Platforms of containers, "linux/amd64" and "linux/arm/v7", as Docker reads and compares them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from envstudio.errors import InvalidInput

OFFERED = ("linux/amd64", "linux/arm64")
"""The platforms that packages are locked and images assembled for; a Dockerfile may be built for others."""

SUBDIRS = {"linux/amd64": "linux-64", "linux/arm64": "linux-aarch64"}
OTHER_NAMES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "i386": "386"}
USUAL_VARIANTS = {"arm64": "v8", "amd64": "v1", "arm": "v7"}
"""What a processor without a variant means to containerd; a platform that states it is the same."""

SYSTEMS = ("linux", "windows", "freebsd")
PROCESSORS = (
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
    "s390x",
)  # fmt: skip
"""Those that Go names, since images have its names (specs-go/v1 of the OCI image specification)."""

FORM = re.compile(r"(?P<system>[a-z0-9]+)/(?P<processor>[a-z0-9_-]+)(?:/(?P<variant>[a-z0-9]+))?")


@dataclass(frozen=True, slots=True)
class ContainerPlatform:
    """An operating system, a processor such as "amd64", and its variant if that is not the usual one."""

    system: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.system, self.architecture, self.variant) if part)

    @property
    def subdir(self) -> str:
        """conda's name of the platform. Raises `InvalidInput` for one that nothing is locked for."""
        found = SUBDIRS.get(str(self))
        if found is None:
            raise InvalidInput(
                f"Packages cannot be locked for {self}.",
                f"Choose {' or '.join(OFFERED)}, or build a Dockerfile.",
                code="unknown-platform",
                subject=str(self),
            )
        return found


def parse_platform(text: str) -> ContainerPlatform:
    """Read a platform as Docker writes it. Raises `InvalidInput`."""
    found = FORM.fullmatch(text.lower())
    architecture = OTHER_NAMES.get(found["processor"], found["processor"]) if found else ""
    if found is None or found["system"] not in SYSTEMS or architecture not in PROCESSORS:
        raise InvalidInput(
            f"{text!r} is not a container platform.",
            f"Write {' or '.join(OFFERED)}.",
            code="unknown-platform",
            subject=text,
        )
    variant = found["variant"] or ""
    return ContainerPlatform(
        found["system"], architecture, "" if variant == USUAL_VARIANTS.get(architecture) else variant
    )
