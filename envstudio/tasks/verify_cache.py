"""cache verify: every file of the cache that is kept by its hash is read again; one that changed is removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envstudio import paths
from envstudio.archives import verified
from envstudio.disk import writing
from envstudio.domain.hashes import is_sha256
from envstudio.report import Report

KEPT_BY_HASH = ("wheels", "conda-packages")
"""Folders whose files lie at AB/SHA256/NAME."""


@dataclass(frozen=True, slots=True)
class VerifiedCache:
    """How many files were read, their bytes in all, and those that were not what they should be and were removed."""

    files: int
    size: int
    removed: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the document that `--json` prints."""
        return {"files": self.files, "size": self.size, "removed": list(self.removed)}


def verify_cache(report: Report) -> VerifiedCache:
    """Hash the downloads, base layers and image layers in the cache, and remove what changed.

    It is fetched or made again when it is needed. Raises `EnvStudioError` for what cannot be read or removed, and
    `Cancelled`.
    """
    found = list(_files())
    size, removed = 0, []
    with report.stage("verify the cache"):
        for number, (path, digest) in enumerate(found, 1):
            report.progress(number, len(found), "files")
            with writing(path):
                size += path.stat().st_size
                if verified.hash_of(path) != digest:
                    path.unlink()
                    removed.append(str(path))
                    report.line(f"removed {path}: its bytes are not those that were kept", "err")
    return VerifiedCache(len(found), size, tuple(removed))


def _files() -> Iterator[tuple[Path, str]]:
    """Yield the files that are kept by their hash, each with the sha256 that it should have."""
    for kind in KEPT_BY_HASH:
        for path in sorted(paths.cache_dir(kind).glob("??/*/*")):
            if path.is_file() and is_sha256(path.parent.name):
                yield path, path.parent.name
    for path in sorted(paths.cache_dir("bases", "layers").glob("*.tar")):
        if is_sha256(path.stem):
            yield path, path.stem
    for path in sorted(paths.cache_dir("layers").glob("*.tar")):
        try:
            digest = json.loads(path.with_suffix(".json").read_text("utf-8"))["digest"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # one that is being made, which nothing uses yet
        yield path, str(digest)
