"""Files whose bytes were hashed before and have not changed since, so that they need not be read again each time.

A file counts as unchanged while size, time of modification, time of change and inode are what they were; whenever one
of them differs, its hash decides. Facts about a file (such as the list of what a package holds) are kept with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from envstudio import paths
from envstudio.domain.canonical import sha256

CHUNK = 1 << 20
Facts = dict[str, Any]


def hash_of(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def facts_of(path: Path, digest: str) -> Facts | None:
    """Return what is known of a file if its bytes still have that sha256; None if they do not, or were never noted.

    Raises `OSError` for a file that cannot be read.
    """
    entry = _read(path)
    if entry is None or entry.get("sha256") != digest:
        return None
    facts: Facts = entry.get("facts") or {}
    status = status_of(path)
    if entry.get("status") == status:
        return facts
    if hash_of(path) != digest:
        return None
    note(path, digest, facts, status)
    return facts


def note(path: Path, digest: str, facts: Facts, status: list[int] | None = None) -> None:
    """Keep that a file has that sha256, and what is known of it. One that cannot be kept costs time only.

    `status` is what the file's was before it was hashed, so that a change meanwhile is seen next time.
    """
    record = _record_path(path)
    entry = {"path": str(path), "sha256": digest, "status": status or status_of(path), "facts": facts}
    with suppress(OSError):
        record.parent.mkdir(parents=True, exist_ok=True)
        part = tempfile.NamedTemporaryFile("w", dir=record.parent, suffix=".part", delete=False, encoding="utf-8")  # noqa: SIM115
        try:
            with part:
                json.dump(entry, part)
            Path(part.name).replace(record)
        finally:
            Path(part.name).unlink(missing_ok=True)


def verified(path: Path, digest: str, made: Callable[[], Facts] = dict) -> Facts | None:
    """Return the facts of a file that has that sha256, made by `made` if nothing is known yet; None for other bytes.

    Raises `OSError`, and what `made` raises.
    """
    facts = facts_of(path, digest)
    status = status_of(path)
    if facts is None and hash_of(path) == digest:
        facts = made()
        note(path, digest, facts, status)
    return facts


def status_of(path: Path) -> list[int]:
    """Return what changes when a file does: size, both times in nanoseconds, and inode."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _record_path(path: Path) -> Path:
    key = sha256(os.fsencode(path.absolute()))
    return paths.cache_dir("verified", key[:2], f"{key}.json")


def _read(path: Path) -> Facts | None:
    try:
        entry = json.loads(_record_path(path).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return entry if isinstance(entry, dict) else None
