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

RECIPE = "conda-2"
"""Changes whenever the same package would be linked to other bytes."""

META_DROPPED = ("link", "requested_spec", "requested_specs", "extracted_package_dir", "package_tarball_full_path")
"""Parts of conda-meta records that tell of this machine and not of the package."""


def fragments(
    packages: Sequence[LockedPackage], platform: str, prefix: Prefix, cache: FragmentCache, report: Report
) -> tuple[list[Fragment], bool]:
    """Return the fragments of linked packages, and whether all were in the cache.

    Linking happens only where a fragment is missing. Raises `EnvStudioError`.
    """
    keys = {item.name: f"{RECIPE}\n{_identity(item)}\n{platform}\n{prefix.path}\n{prefix.python}" for item in packages}
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
            _add(writer, root / name, f"{prefix.path}/{_own_path(package, name)}".lstrip("/"))
        kept = {name: value for name, value in sorted(facts.items()) if name not in META_DROPPED}
        _forget_neighbours(package, kept)
        text = json.dumps(kept, sort_keys=True, indent=1)
        writer.add_bytes(f"{prefix.path}/conda-meta/{meta.name}".lstrip("/"), text.encode())
    return session.fragment


def _own_path(package: LockedPackage, name: str) -> str:
    """Return where a file goes when the package is alone.

    rattler moves a file that another package has too to `__clobbers__/PACKAGE/…`. A fragment must not depend on its
    neighbours, so it holds the file at its own place; which one an image shows is decided by the order of its layers.
    """
    return name.removeprefix(f"__clobbers__/{package.name}/")


def _forget_neighbours(package: LockedPackage, facts: dict[str, Any]) -> None:
    """Make the record of an installed package what it is when the package is alone."""
    facts["files"] = sorted(_own_path(package, name) for name in facts["files"])
    for entry in facts.get("paths_data", {}).get("paths", []):
        entry["_path"] = _own_path(package, entry["_path"])
        entry.pop("original_path", None)
    if "paths_data" in facts:
        facts["paths_data"]["paths"].sort(key=lambda entry: str(entry["_path"]))


def _identity(package: LockedPackage) -> str:
    """Return what tells the package's bytes: its sha256, else its md5 and address."""
    return package.sha256 or f"{package.md5} {package.url}"


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
