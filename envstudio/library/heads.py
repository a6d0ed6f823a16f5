"""How far this user has seen each library's log, kept apart from the library, so that a log that was cut is noticed.

Each library has a folder by its id, and in it one empty file whose name is the last event's number and hash. A name is
made in one step, and the largest counts, so that programs that write at once need no lock.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from envstudio import paths

if TYPE_CHECKING:
    from envstudio.library.journal import Head

FOLDER = "heads"


def seen(library: str) -> Head | None:
    """Return the last event that this user's programs have seen of a library; None if nothing is known."""
    return max(_all(library), default=None)


def keep(library: str, head: Head) -> None:
    """Remember the last event of a library. A data folder that cannot be written is not a reason to fail."""
    folder = _folder(library)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{head[0]}-{head[1]}").touch()
        for older in _all(library):
            if older[0] < head[0]:
                (folder / f"{older[0]}-{older[1]}").unlink(missing_ok=True)


def replace(library: str, head: Head) -> None:
    """Remember a library that went on from an older state than was seen before."""
    with suppress(OSError):
        for later in _all(library):
            (_folder(library) / f"{later[0]}-{later[1]}").unlink(missing_ok=True)
    keep(library, head)


def _folder(library: str) -> Path:
    return paths.data_dir() / FOLDER / library


def _all(library: str) -> list[Head]:
    try:
        names = [path.name for path in _folder(library).iterdir()]
    except OSError:
        return []
    parts = [name.partition("-") for name in names]
    return [(int(number), digest) for number, _, digest in parts if number.isdigit() and digest]
