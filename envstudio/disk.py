"""The messages if a disk cannot be written: full, read-only, not allowed. Everything that writes files uses them.

A writer names its path with `writing`; what escapes one is explained where errors leave, by `explained`. Programs and
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
def writing(target: Path) -> Iterator[None]:
    """Turn what keeps a path from being written into an `EnvStudioError` that names it; other errors pass.

    An error that names a file elsewhere, such as one that is read meanwhile, is reported for that file.
    """
    try:
        yield
    except OSError as error:
        if _of_network(error):
            raise
        if isinstance(error.filename, str) and not _is_near(Path(error.filename), target):
            explained_error = _explained(error.errno, error.filename, error, "used")
        else:
            explained_error = _explained(error.errno, target, error) or _missing(error, target)
        if explained_error is None:
            raise
        raise explained_error from error


def explained(error: BaseException) -> BaseException:
    """Return an error meant for the user instead of one of the disk; any other error as it is."""
    if not isinstance(error, OSError) or _of_network(error):
        return error
    target = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    return _explained(error.errno, target or "A file", error, "used") or error


def disk_failure(words: str, target: Path) -> EnvStudioError | None:
    """Return the error for a program or library that failed for want of disk, by its words; else None."""
    low = words.lower()
    number = next((number for text, number in SAID.items() if text in low), None)
    return _explained(number, target, words)


def _of_network(error: OSError) -> bool:
    """Return whether an error is not the disk's; those of TLS have numbers of their own that mean something else."""
    import socket
    import ssl

    return isinstance(error, ConnectionError | TimeoutError | ssl.SSLError | socket.gaierror)


def _explained(number: int | None, target: Path | str, details: object, verb: str = "written") -> EnvStudioError | None:
    reason = REASONS.get(number or 0)
    if reason is None:
        return None
    summary = f"{target} cannot be {verb}: {reason.words}."
    return EnvStudioError(summary, reason.advice, str(details), code=reason.code, subject=str(target))


def _is_near(path: Path, target: Path) -> bool:
    """Return whether a path is the target, beside it, below it or above it."""
    path, target = path.absolute(), target.absolute()  # tempfile makes paths absolute
    return path.is_relative_to(target.parent) or path in target.parents


def _missing(error: OSError, target: Path) -> EnvStudioError | None:
    """Return the error for a path that does not exist on a disk; a file missing elsewhere is another matter."""
    if error.errno != errno.ENOENT or not isinstance(error.filename, str):
        return None
    missing = Path(error.filename)
    if missing != target and missing not in target.parents and not missing.is_relative_to(target):
        return None
    return EnvStudioError(
        f"{target} cannot be written: there is no such folder.",
        PATH,
        str(error),
        code="invalid-path",
        subject=str(target),
    )
