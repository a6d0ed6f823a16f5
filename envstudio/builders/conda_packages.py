"""conda packages: linked by rattler for the path inside the image, and cut into one tar fragment a package."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envstudio import paths
from envstudio.builders.layers import Fragment, FragmentCache, FragmentWriter
from envstudio.builders.wheels import Prefix
from envstudio.domain.lock import LockedPackage
from envstudio.packages.conda import install
from envstudio.report import Report

RECIPE = "conda-1"
"""Changes whenever the same package would be linked to other bytes."""

META_DROPPED = ("link", "requested_spec", "requested_specs", "extracted_package_dir", "package_tarball_full_path")
"""Parts of conda-meta records that tell of this machine and not of the package."""


def fragments(
    packages: Sequence[LockedPackage], platform: str, prefix: Prefix, cache: FragmentCache, report: Report
) -> tuple[list[Fragment], bool]:
    """Return the fragments of linked packages, and whether all were in the cache.

    Linking happens only where a fragment is missing. Raises `EnvStudioError`.
    """
    keys = {item.name: f"{RECIPE}\n{item.sha256}\n{platform}\n{prefix.path}\n{prefix.python}" for item in packages}
    known = {item.name: cache.find(keys[item.name], item.name) for item in packages}
    if all(known.values()):
        return [item for item in known.values() if item], True
    with tempfile.TemporaryDirectory(prefix="envstudio-link-", dir=_work_folder()) as folder:
        root = Path(folder)
        install(packages, root, platform, report, inside=prefix.path)
        found = []
        for package in packages:
            report.raise_if_cancelled()
            found.append(known[package.name] or _cut(package, root, prefix, keys[package.name], cache))
    return found, False


def _work_folder() -> Path:
    """Return a folder on the disk of the package cache, so that files can be hard-linked."""
    folder = paths.cache_dir("work")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _cut(package: LockedPackage, root: Path, prefix: Prefix, key: str, cache: FragmentCache) -> Fragment:
    """Write the files that one package linked into a fragment."""
    meta = next((root / "conda-meta").glob(f"{package.name}-{package.version}-{package.build}.json"))
    facts: dict[str, Any] = json.loads(meta.read_text("utf-8"))
    session = cache.write(key, package.name)
    with session as writer:
        for name in sorted(facts["files"]):
            _add(writer, root / name, f"{prefix.path}/{name}".lstrip("/"))
        kept = {name: value for name, value in sorted(facts.items()) if name not in META_DROPPED}
        text = json.dumps(kept, sort_keys=True, indent=1)
        writer.add_bytes(f"{prefix.path}/conda-meta/{meta.name}".lstrip("/"), text.encode())
    return session.fragment


def _add(writer: FragmentWriter, source: Path, path: str) -> None:
    """Add one linked file, link or empty folder."""
    if source.is_symlink():
        writer.add_symlink(path, str(source.readlink()))
    elif source.is_dir():
        writer.add_directory(path)
    else:
        status = source.stat()
        with source.open("rb") as stream:
            writer.add_file(path, stream, status.st_size, executable=bool(status.st_mode & 0o111))
