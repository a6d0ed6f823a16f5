"""Work folders of base images that are being made, and the sweeping of those whose maker was killed.

A maker holds a lock on its folder, and hands it on to the programs that it runs, so a folder no one holds is left
behind, whatever its age. mmdebstrap mounts the kernel's file systems and this machine's devices into a new root, so
nothing is removed before all that is mounted below it is gone. Only Linux makes bases, and only it has such folders.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from envstudio.errors import Unavailable

PREFIX = "envstudio-base-"
OWNER = "owner"
MOUNTS = Path("/proc/self/mountinfo")


@contextlib.contextmanager
def work_folder(parent: Path) -> Iterator[tuple[Path, int]]:
    """Yield a new folder in `parent`, and the lock that programs working in it must hold too (a file descriptor).

    The folder is unmounted and removed in the end. Raises `Unavailable` if locks of files are unknown.
    """
    if sys.platform == "win32":
        raise Unavailable("Base images are made on Linux only.", "Choose another base image.")
    import fcntl

    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    # As /tmp has it: apt gives up its rights while it downloads, and without root mmdebstrap works as another user.
    folder.chmod(0o1777)
    unowned = folder / f"{OWNER}.new"
    owner = os.open(unowned, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(owner, fcntl.LOCK_EX)
        unowned.rename(folder / OWNER)
        yield folder, owner
    finally:
        os.close(owner)
        _remove(folder)


def sweep_left_behind(parent: Path) -> int:
    """Remove what makers that were killed left in `parent`, and return how many folders had no owner any more."""
    return sum(_remove(folder) for folder in parent.glob(f"{PREFIX}*") if _is_left_behind(folder))


def _is_left_behind(folder: Path) -> bool:
    """Return whether no one holds the lock of a folder of this user; one without a lock may be just beginning."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        # In a folder that all may write to, others may put a link of that name.
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            return False
        owner = os.open(folder / OWNER, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(owner)
    return True


def _remove(folder: Path) -> bool:
    """Unmount all below a folder and remove it; what stays mounted is left alone."""
    for path in reversed(_mounted_below(folder)):
        # Lazily, because a process that was just killed may still be in there.
        subprocess.run(["umount", "--lazy", str(path)], capture_output=True, check=False)
    if _mounted_below(folder):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _mounted_below(folder: Path) -> list[Path]:
    """Return what is mounted below a folder, in the order in which it was mounted (proc(5), mountinfo)."""
    try:
        lines = MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    mounts = (Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), line.split()[4])) for line in lines)
    inside = folder.resolve()
    return [path for path in mounts if path.is_relative_to(inside)]
