"""Files of the cache: each is there whole or not at all, and what killed builds left is swept."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from pathlib import Path

from envstudio.disk import writing

LEFT_BEHIND_SECONDS = 24 * 3600


def sweep(folder: Path, pattern: str) -> None:
    """Remove what builds that were killed left behind: what matches and is older than a day."""
    oldest = time.time() - LEFT_BEHIND_SECONDS
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; a missing folder is made. Raises `EnvStudioError`."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it must be closed before it is renamed or removed
            "w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8"
        )
        try:
            with file:
                file.write(text)
            Path(file.name).replace(path)
        finally:
            Path(file.name).unlink(missing_ok=True)
