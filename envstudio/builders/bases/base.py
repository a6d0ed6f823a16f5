"""What a base image is, and how its interpreter is found without running anything."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envstudio.builders.assembly.oci import LayerBlob

PYTHONS = ("/usr/local/bin/python3", "/usr/bin/python3", "/opt/conda/bin/python3")
PYTHON_NAME = re.compile(r"python(3\.\d+)$")
DPKG_STATUS = "/var/lib/dpkg/status"
DOCUMENT_BYTES = 8 << 20
"""The longest manifest or configuration that is read; registries take 4 MiB."""

FILE_BYTES = 64 << 20
"""The most that is read of a file in a layer."""

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Base:
    """A base image. `digest` is its identity; `python` its interpreter's path and "3.11", if it has one.

    `engine_image` names it in the engine if it came from there, so that its layers need not be fetched.
    `python_release` is the interpreter's full version ("3.11.2") if that can be found without running it.
    """

    reference: str
    digest: str
    config: Mapping[str, Any]
    layers: tuple[LayerBlob, ...]
    python: tuple[str, str] | None
    architecture: str = "amd64"
    engine_image: str = ""
    python_release: str = ""

    @property
    def path(self) -> str:
        """The PATH that the base sets."""
        entries = dict(item.partition("=")[::2] for item in self.config.get("Env") or [])
        return str(entries.get("PATH", DEFAULT_PATH))


def stated_release(config: Mapping[str, Any], minor: str) -> str:
    """Return the release that the official Python images tell in a variable."""
    release = dict(item.partition("=")[::2] for item in config.get("Env") or []).get("PYTHON_VERSION", "")
    return release if re.fullmatch(re.escape(minor) + r"\.\d+", release) else ""


def debian_release(status: bytes, python: tuple[str, str]) -> str:
    """Return the release of Debian's or Ubuntu's interpreter from the list of installed packages."""
    path, minor = python
    package = f"Package: python{minor}-minimal\n".encode()
    if not path.startswith("/usr/bin/") or package not in status:
        return ""
    found = re.search(rb"^Version: (\d+\.\d+\.\d+)", status.split(package, 1)[1].split(b"\n\n", 1)[0], re.MULTILINE)
    return found.group(1).decode() if found else ""


def interpreter(link: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return an interpreter's full path and version from `python3` and what it links to."""
    if link is None:
        return None
    path, target = link
    name = target.rsplit("/", 1)[-1]
    found = PYTHON_NAME.fullmatch(name)
    return (f"{path.rsplit('/', 1)[0]}/{name}", found.group(1)) if found else None


def python_in_tar(tar: Path) -> tuple[str, str] | None:
    """Return the interpreter of a root file system."""
    with tarfile.open(tar) as archive:
        for path in PYTHONS:
            for name in (f".{path}", path.lstrip("/")):
                try:
                    member = archive.getmember(name)
                except KeyError:
                    continue
                return interpreter((path, member.linkname or path))
    return None


def file_in_tar(tar: Path, path: str) -> bytes:
    """Return a file of a root file system; nothing if it has none."""
    with tarfile.open(tar) as archive:
        for name in (f".{path}", path.lstrip("/")):
            try:
                stream = archive.extractfile(name)
            except KeyError:
                continue
            return stream.read(FILE_BYTES) if stream else b""
    return b""
