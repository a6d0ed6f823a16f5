"""Nameless images of the lower layers that go ahead of an image: whose they are, and the sweeping of those left behind.

A build holds a lock as long as it may have such an image, whose label names the lock. One whose lock no one holds was
left by a build that was killed; one whose lock is not here is another machine's, and is left alone.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from envstudio import paths
from envstudio.disk import writing
from envstudio.domain.image import LABEL_PART
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError

OWNER = re.compile(r"[0-9a-f]{32}")


class PartOwner:
    """The build that nameless images belong to, as long as the context lasts; `labels` are for them."""

    def __init__(self) -> None:
        self._name = uuid4().hex
        self._lock = FileLock(_place(self._name), thread_local=False)

    @property
    def labels(self) -> Mapping[str, str]:
        return {LABEL_PART: self._name}

    def __enter__(self) -> PartOwner:
        folder = _folder()
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        _forget(self._name)


def sweep_parts(engine: Engine) -> int:
    """Remove the nameless images of builds of this machine that were killed, and return how many it were."""
    removed = 0
    for image in engine.labelled({LABEL_PART: ""}):
        if _is_left_behind(image.labels[LABEL_PART]):
            with contextlib.suppress(EnvStudioError):
                engine.remove_image(image.image_id)
                removed += 1
    for path in _folder().glob("*"):
        if _is_left_behind(path.name):
            _forget(path.name)
    return removed


def _is_left_behind(owner: str) -> bool:
    """Return whether the lock of an owner is here, and no one holds it."""
    if not OWNER.fullmatch(owner) or not _place(owner).is_file():
        return False
    lock = FileLock(_place(owner))
    try:
        with lock.acquire(timeout=0):
            return True
    except (Timeout, OSError):
        return False


def _forget(owner: str) -> None:
    with contextlib.suppress(OSError):
        _place(owner).unlink(missing_ok=True)


def _folder() -> Path:
    return paths.cache_dir("parts")


def _place(owner: str) -> Path:
    return _folder() / owner
