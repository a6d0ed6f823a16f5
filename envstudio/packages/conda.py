"""conda packages: linked by rattler, in a process of its own, from files that were checked beforehand."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from envstudio import paths, process
from envstudio.archives.rules import DEFAULT_LIMITS, Limits, UnsafeArchive, behind_links, resolved
from envstudio.disk import disk_failure, writing
from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.packages import conda_linker
from envstudio.packages.conda_store import StoredPackage, stored
from envstudio.report import Report

if TYPE_CHECKING:
    import rattler

OWN_CACHE = ".envstudio-packages"
"""Where packages are unpacked for one target alone: on its disk, and gone with it if we are killed."""


def install(
    packages: Sequence[LockedPackage],
    target: Path,
    platform: str,
    report: Report,
    *,
    inside: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Link packages into `target`, as if it were the path `inside`, without their scripts for linking.

    Without `inside` the target is used as it is, and shares no file with a cache: whoever wrote to one there would
    change the package for all that is made of it later.

    Every package is checked first; none is linked if one is rejected. Raises `UnsafeArchive`, `EnvStudioError`,
    `Cancelled`.
    """
    ready = stored(packages, limits, report)
    with_links = _owners_of_links(ready)
    pkgs = paths.cache_dir("rattler", "packages") if inside else target / OWN_CACHE
    with writing(pkgs):
        pkgs.mkdir(parents=True, exist_ok=True)
        target.mkdir(parents=True, exist_ok=True)
    request = {
        "packages": [{**_facts(item.package), "file": item.file.as_uri()} for item in ready],
        "first": sorted(with_links),
        "target": str(target),
        "platform": platform,
        "inside": inside,
        "cache": str(pkgs),
    }
    # By its path and without the current folder on Python's path, so that no file of the user's is imported there.
    command = [sys.executable, "-P", conda_linker.__file__]
    try:
        finished = process.run(command, report, stdin=json.dumps(request), show=False)
    finally:
        if inside is None:
            shutil.rmtree(pkgs, ignore_errors=True)
    if finished.exit_code != conda_linker.LINKED:
        raise _failure(finished, target)


def _owners_of_links(ready: Sequence[StoredPackage]) -> set[str]:
    """Return the names of packages with links behind which others have files.

    Raises `UnsafeArchive` for packages that are harmless alone, but lead outside when linked together.
    """
    links: dict[str, str] = {}
    owners: dict[str, LockedPackage] = {}
    found: set[str] = set()
    for item in ready:
        links |= item.contents.links
        owners |= dict.fromkeys(item.contents.links, item.package)
    for path in links:
        if resolved(path, links) is None:
            raise UnsafeArchive(
                owners[path].file_name, f"its link {path!r} leads outside, by a link of another package"
            )
    for item in ready:
        for path in behind_links(item.contents.files, links):
            if resolved(path, links) is None:
                raise UnsafeArchive(
                    item.package.file_name, f"its file {path!r} lies outside, behind a link of another package"
                )
            parents = (str(parent) for parent in PurePosixPath(path).parents)
            found |= {owners[parent].name for parent in parents if owners.get(parent, item.package) != item.package}
    return found


def _failure(finished: process.Finished, target: Path) -> EnvStudioError:
    """Return the error for a linker that refused or crashed."""
    try:
        words = str(json.loads(finished.stdout.strip().splitlines()[-1])["error"])
    except (IndexError, ValueError, KeyError, TypeError):
        words = ""
    details = words or finished.stderr.strip() or f"exit status {finished.exit_code}"
    if finished.exit_code != conda_linker.REFUSED or not words:
        return EnvStudioError("Linking the conda packages crashed.", "The reason is below; try again.", details)
    return disk_failure(words, target) or EnvStudioError(
        "The conda packages could not be installed.", "Check the disk; the reason is below.", details
    )


def _facts(package: LockedPackage) -> dict[str, Any]:
    try:
        channel, subdir, file_name = package.url.rsplit("/", 2)
    except ValueError as error:
        raise InvalidInput(f"{package.url!r} is not the address of a conda package.", "Lock again.") from error
    names = ("name", "version", "build", "dependencies", "sha256", "md5", "size", "url")
    return {
        **{name: getattr(package, name) for name in names},
        "channel": channel,
        "subdir": subdir,
        "file_name": file_name,
    }


def record_of(package: LockedPackage) -> rattler.RepoDataRecord:
    """Return rattler's record for a locked package."""
    return conda_linker.record(_facts(package))
