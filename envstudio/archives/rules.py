"""What an archive may hold: where its members may lie, where its links may lead, and how large it may be.

The rules hold for every machine: a path that is harmless here but leaves its root on Windows is rejected too.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import PureWindowsPath
from typing import NoReturn

from envstudio.domain.amounts import parse_size
from envstudio.errors import EnvStudioError
from envstudio.settings import Settings

GIB = 1 << 30
DEFAULT_FILE_BYTES = 8 * GIB
DEFAULT_ARCHIVE_BYTES = 32 * GIB
DEFAULT_MEMBERS = 1_000_000

MAX_LINK_STEPS = 40
"""Linux follows as many links in one path (path_resolution(7))."""

IGNORES_CASE = os.name == "nt" or sys.platform == "darwin"


class UnsafeArchive(EnvStudioError):
    """An archive that would do harm, or is damaged; nothing of it was unpacked."""

    default_code = "unsafe-archive"

    def __init__(self, archive: str, reason: str, advice: str = "") -> None:
        advice = advice or "Do not use this file. Choose another version or source, and tell whoever published it."
        super().__init__(f"{archive} is rejected: {reason}.", advice, subject=archive)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an archive may be when unpacked: bytes of one file, bytes in all, and number of members.

    The largest CUDA wheels hold files of more than 1 GB and some 4 GB in all, so the defaults leave room above that.
    """

    file_bytes: int = DEFAULT_FILE_BYTES
    archive_bytes: int = DEFAULT_ARCHIVE_BYTES
    members: int = DEFAULT_MEMBERS


DEFAULT_LIMITS = Limits()


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings state."""
    return Limits(
        parse_size(settings.max_file_size) or DEFAULT_FILE_BYTES,
        parse_size(settings.max_archive_size) or DEFAULT_ARCHIVE_BYTES,
        int(settings.max_archive_members or DEFAULT_MEMBERS),
    )


class Kind(Enum):
    """What a member is."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    HARD_LINK = "hard link"
    DEVICE = "device"
    PIPE = "pipe"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive: its path as it is written, its size in bytes, and where it leads if it is a link."""

    path: str
    kind: Kind
    size: int = 0
    target: str = ""


class Checker:
    """Checks the members of one archive as they come. Raises `UnsafeArchive` at the first that breaks a rule.

    With `duplicates` a file may come twice.
    """

    def __init__(self, archive: str, limits: Limits = DEFAULT_LIMITS, *, duplicates: bool = False) -> None:
        self.archive, self._limits, self._duplicates = archive, limits, duplicates
        self._count = self._bytes = 0
        self.files: dict[str, int] = {}
        """Size in bytes of each regular file, hard links included, by normalized path."""
        self.links: dict[str, str] = {}
        """Target of each symbolic link by normalized path."""
        self._seen: dict[str, Kind] = {}

    def add(self, member: Member) -> str:
        """Check one member and return its normalized path ("" for the root)."""
        self._count += 1
        if self._count > self._limits.members:
            self.reject(f"it has more than {self._limits.members:,} members", LIMITS_ADVICE)
        path = self.inside(member.path)
        if member.kind in (Kind.DEVICE, Kind.PIPE):
            self.reject(f"its member {member.path!r} is a {member.kind.value}")
        if member.kind is Kind.DIRECTORY:
            return path
        if not path:
            self.reject(f"its member {member.path!r} has no name")
        self._refuse_twice(path, member)
        if member.kind is Kind.SYMLINK:
            self.links[path] = member.target
            return path
        if member.kind is Kind.HARD_LINK:
            target = self.inside(member.target)
            if target not in self.files:
                self.reject(f"its hard link {member.path!r} leads to {member.target!r}, which is not an earlier file")
            self.files[path] = self.files[target]
            return path
        self._measure(member)
        self.files[path] = member.size
        return path

    def _refuse_twice(self, path: str, member: Member) -> None:
        """Reject a path that comes twice, and one that differs from a link by case alone if the disk ignores case.

        Two files may differ by case: packages for Linux have such, and neither leads anywhere.
        """
        before = self._seen.get(_folded(path))
        self._seen[_folded(path)] = member.kind
        if before is None or (self._duplicates and path in self.files and member.kind is Kind.FILE):
            return
        if path in self.files or path in self.links or Kind.SYMLINK in (before, member.kind):
            self.reject(f"it has {member.path!r} twice")

    def _measure(self, member: Member) -> None:
        self._bytes += member.size
        if member.size > self._limits.file_bytes:
            self.reject(f"its file {member.path!r} has {member.size:,} bytes unpacked", LIMITS_ADVICE)
        if self._bytes > self._limits.archive_bytes:
            self.reject(f"it has more than {self._limits.archive_bytes:,} bytes unpacked", LIMITS_ADVICE)

    def inside(self, path: str) -> str:
        """Return a path without its "." steps, or reject the archive because the path leaves the root."""
        clean = safe_path(path)
        if clean is None:
            self.reject(f"its member {path!r} lies outside the package")
        return clean

    def finish(self) -> None:
        """Check what can only be reported for all members together: if links lead, and what lies behind them."""
        for path in self.links:
            if resolved(path, self.links) is None:
                self.reject(f"its link {path!r} leads outside the package, to {self.links[path]!r}")
        if through := behind_links(self.files.keys() | self.links.keys(), self.links):
            self.reject(f"its member {through[0]!r} lies behind a link")

    def reject(self, reason: str, advice: str = "") -> NoReturn:
        """Raise the error that names the archive."""
        raise UnsafeArchive(self.archive, reason, advice)


LIMITS_ADVICE = "If you trust it, raise max_file_size, max_archive_size or max_archive_members in the settings."


def safe_path(path: str) -> str | None:
    """Return a relative path without its "." steps; None for one that is absolute, has a drive, or steps out."""
    if "\0" in path or path.startswith("/") or (("\\" in path or ":" in path) and _leaves_on_windows(path)):
        return None
    steps = path.split("/")
    if ".." in steps:
        return None
    return path if "." not in steps and "" not in steps else "/".join(step for step in steps if step not in ("", "."))


def _leaves_on_windows(path: str) -> bool:
    """Return whether Windows reads a path as absolute, as one with a drive, or as one that steps out of its folder."""
    windows = PureWindowsPath(path)
    return bool(windows.drive or windows.root) or ".." in windows.parts


def is_plain_name(name: str) -> bool:
    """Return whether a text can be the name of one file in a folder, on any machine."""
    return bool(name) and name not in (".", "..") and not re.search(r"[/\\:\0-\x1f]", name)


def resolved(path: str, links: Mapping[str, str]) -> str | None:
    """Return where a path leads when symbolic links are followed; None if it leaves the root or goes in circles.

    Links are followed as a kernel does it, so that a target such as "link/.." is judged by what "link" is.
    """
    done: list[str] = []
    steps = path.split("/")[::-1]
    followed = 0
    while steps:
        step = steps.pop()
        if step in ("", "."):
            continue
        if step == "..":
            if not done:
                return None
            done.pop()
            continue
        target = links.get("/".join([*done, step]))
        if target is None:
            done.append(step)
            continue
        followed += 1
        windows = PureWindowsPath(target)
        if followed > MAX_LINK_STEPS or not target or windows.drive or windows.root:
            return None
        steps += target.replace("\\", "/").split("/")[::-1]
    return "/".join(done)


def behind_links(paths: Iterable[str], links: Mapping[str, str]) -> list[str]:
    """Return the paths one of whose parents is a symbolic link, sorted; case is ignored if the disk ignores it."""
    if not links:
        return []
    known = {_folded(path) for path in links}
    behind: dict[str, bool] = {"": False}

    def lies_behind(folder: str) -> bool:
        found = behind.get(folder)
        if found is None:
            found = _folded(folder) in known or lies_behind(folder.rpartition("/")[0])
            behind[folder] = found
        return found

    return sorted(path for path in paths if lies_behind(path.rpartition("/")[0]))


def _folded(path: str) -> str:
    """Return what two paths share that are the same to a disk that ignores case."""
    return unicodedata.normalize("NFC", path).casefold() if IGNORES_CASE else path
