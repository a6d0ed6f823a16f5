"""lock export: a lock becomes a file of another tool."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from envstudio.domain.lock import Lock
from envstudio.errors import InvalidInput
from envstudio.lock_formats import find_lock_format
from envstudio.report import Report
from envstudio.tasks.export import write_files

MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class LockText:
    """A lock as a format's text, and the packages that the format cannot hold, as "numpy 2.2.0"."""

    title: str
    text: str
    left_out: tuple[str, ...]

    @property
    def warning(self) -> str:
        """What is missing, in a sentence; empty if nothing is."""
        if not self.left_out:
            return ""
        shown = ", ".join(self.left_out[:MOST_NAMES]) + (" …" if len(self.left_out) > MOST_NAMES else "")
        return f"{self.title} cannot hold {len(self.left_out)} of the packages: {shown}"


@dataclass(frozen=True, slots=True)
class ExportedLock:
    """The file that was written, and what is in it."""

    path: Path
    written: LockText


def pair_format(lock: Lock) -> str:
    """Return the format in which a lock travels beside its definition: the one that holds most of it."""
    packages = [item for platform in lock.platforms for item in platform.packages]
    conda = [item for item in packages if item.manager == "conda"]
    if not conda and len(lock.platforms) == 1:
        return "pylock"
    return "conda-lock" if all(item.md5 for item in conda) else "pixi"


def pair_file(lock: Lock, folder: Path) -> Path:
    """Return where a lock is written beside its definition."""
    return folder / find_lock_format(pair_format(lock)).filenames[0]


def lock_text(lock: Lock, format_id: str, platform: str = "") -> LockText:
    """Return a lock in a format; those of one platform take the named one, else the first. Raises `InvalidInput`."""
    used = find_lock_format(format_id)
    if used.write is None:
        raise InvalidInput(f"{used.title} can be read, but not written.", "Choose another format.")
    return LockText(used.title, used.write(lock, platform or lock.platform_names[0]), used.left_out(lock))


def export_lock(lock: Lock, format_id: str, platform: str, path: Path, *, report: Report) -> ExportedLock:
    """Write a lock's file. Raises `EnvStudioError`."""
    with report.stage(f"write {path.name}"):
        found = lock_text(lock, format_id, platform)
        write_files({path: found.text.encode()})
    return ExportedLock(path, found)
