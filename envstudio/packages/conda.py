"""conda packages, fetched and linked by rattler from its cache."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from envstudio import paths
from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError
from envstudio.report import Report

if TYPE_CHECKING:
    import rattler


def install(
    packages: Sequence[LockedPackage], target: Path, platform: str, report: Report, *, inside: str | None = None
) -> None:
    """Link packages into `target`, as if it were the path `inside`. Raises `EnvStudioError`, `Cancelled`."""
    asyncio.run(_install(packages, target, platform, report, inside))


async def _install(
    packages: Sequence[LockedPackage], target: Path, platform: str, report: Report, inside: str | None
) -> None:
    import rattler
    from rattler.exceptions import InstallerError, LinkError

    pkgs = paths.cache_dir("rattler", "pkgs")
    pkgs.mkdir(parents=True, exist_ok=True)
    task = asyncio.ensure_future(
        rattler.install(
            [record_of(item) for item in packages],
            target,
            cache_dir=pkgs,
            platform=rattler.Subdir(platform),
            show_progress=False,
            alternative_target_prefix=inside,
            execute_link_scripts=False,
        )
    )
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=0.05)
            report.raise_if_cancelled()
        task.result()
    except (InstallerError, LinkError) as error:
        raise EnvStudioError(
            "The conda packages could not be installed.",
            "Check the network and the disk; the reason is below.",
            str(error),
        ) from error
    finally:
        task.cancel()


def record_of(package: LockedPackage) -> rattler.RepoDataRecord:
    """Return rattler's record for a locked package."""
    import rattler

    channel, subdir, file_name = package.url.rsplit("/", 2)
    number = package.build.rpartition("_")[2]
    record = rattler.PackageRecord(
        package.name,
        package.version,
        rattler.BuildString(package.build),
        int(number) if number.isdigit() else 0,
        subdir,
        depends=list(package.dependencies),
        sha256=bytes.fromhex(package.sha256) if package.sha256 else None,
        md5=bytes.fromhex(package.md5) if package.md5 else None,
        size=package.size or None,
    )
    return rattler.RepoDataRecord(record, file_name, package.url, channel)
