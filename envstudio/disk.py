"""What is said where a disk cannot be written: full, read-only, not allowed. All that writes files says it this way.

A writer names its place with `writing`; what escapes one is explained where errors leave, by `explained`. Programs and
libraries that write for us say it in words, which `disk_failure` knows.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from envstudio.errors import EnvStudioError

FULL = "Free some space there, or name another folder; EnvStudio's cache is where ENVSTUDIO_CACHE says."
FORBIDDEN = "Check the permissions of the folder, or choose another one."
PATH = "Check the path."


@dataclass(frozen=True, slots=True)
class DiskReason:
    """What an error number means: its code, in words, and what to do."""

    code: str
    words: str
    advice: str


REASONS: dict[int, DiskReason] = {
    errno.ENOSPC: DiskReason("disk-full", "the disk is full", FULL),
    errno.EDQUOT: DiskReason("disk-full", "the quota of the disk is used up", FULL),
    errno.EFBIG: DiskReason("disk-full", "the file is larger than the disk or a limit allows", FULL),
    errno.EROFS: DiskReason(
        "read-only", "the disk is read-only", "Choose another folder, or mount the disk for writing."
    ),
    errno.EACCES: DiskReason("permission-denied", "that is not allowed", FORBIDDEN),
    errno.EPERM: DiskReason("permission-denied", "that is not allowed", FORBIDDEN),
    errno.EIO: DiskReason("io-error", "the disk has an error", "Check the disk, and keep a copy of what is on it."),
    errno.ENAMETOOLONG: DiskReason("invalid-path", "the path is too long", PATH),
    errno.ENOTDIR: DiskReason("invalid-path", "a part of the path is a file", PATH),
    errno.EISDIR: DiskReason("invalid-path", "there is a folder of that name", PATH),
    errno.EEXIST: DiskReason("invalid-path", "a file is where a folder should be", PATH),
    errno.ELOOP: DiskReason("invalid-path", "the links of the path go round in a circle", PATH),
    errno.EMFILE: DiskReason(
        "too-many-files",
        "too many files are open",
        "Close other programs, or raise the limit (ulimit -n).",
    ),
}
SAID = {
    "no space left on device": errno.ENOSPC,
    "os error 28": errno.ENOSPC,
    "not enough space on the disk": errno.ENOSPC,
    "disk quota exceeded": errno.EDQUOT,
    "file too large": errno.EFBIG,
    "read-only file system": errno.EROFS,
}
"""How C libraries, Rust and Windows say it."""


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn what keeps a place from being written into an `EnvStudioError` that names it; other errors pass.

    An error that names a file elsewhere, such as one that is read meanwhile, is told of that file.
    """
    try:
        yield
    except OSError as error:
        if _of_network(error):
            raise
        if isinstance(error.filename, str) and not _is_near(Path(error.filename), place):
            told = _told(error.errno, error.filename, error, "used")
        else:
            told = _told(error.errno, place, error) or _missing(error, place)
        if told is None:
            raise
        raise told from error


def explained(error: BaseException) -> BaseException:
    """Return an error that a person is meant to read in place of one of the disk; any other error as it is."""
    if not isinstance(error, OSError) or _of_network(error):
        return error
    place = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    return _told(error.errno, place or "A file", error, "used") or error


def disk_failure(words: str, place: Path) -> EnvStudioError | None:
    """Return the error for a program or library that failed for want of disk, by its words; else None."""
    low = words.lower()
    number = next((number for text, number in SAID.items() if text in low), None)
    return _told(number, place, words)


def _of_network(error: OSError) -> bool:
    """Tell whether an error is none of the disk; those of TLS have numbers of their own that mean something else."""
    import socket
    import ssl

    return isinstance(error, ConnectionError | TimeoutError | ssl.SSLError | socket.gaierror)


def _told(number: int | None, place: Path | str, details: object, verb: str = "written") -> EnvStudioError | None:
    reason = REASONS.get(number or 0)
    if reason is None:
        return None
    summary = f"{place} cannot be {verb}: {reason.words}."
    return EnvStudioError(summary, reason.advice, str(details), code=reason.code, subject=str(place))


def _is_near(path: Path, place: Path) -> bool:
    """Tell whether a path is a place, beside it, below it or above it."""
    path, place = path.absolute(), place.absolute()  # tempfile makes paths absolute
    return path.is_relative_to(place.parent) or path in place.parents


def _missing(error: OSError, place: Path) -> EnvStudioError | None:
    """Return the error for a place that a disk does not have; a file missing elsewhere is another matter."""
    if error.errno != errno.ENOENT or not isinstance(error.filename, str):
        return None
    missing = Path(error.filename)
    if missing != place and missing not in place.parents and not missing.is_relative_to(place):
        return None
    return EnvStudioError(
        f"{place} cannot be written: there is no such folder.",
        PATH,
        str(error),
        code="invalid-path",
        subject=str(place),
    )
