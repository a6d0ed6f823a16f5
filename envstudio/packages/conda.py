"""conda packages, fetched and linked by rattler from its cache."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from envstudio import paths
from envstudio.credentials import Login, logins_for
from envstudio.disk import disk_failure, writing
from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError, Unavailable
from envstudio.report import Report

if TYPE_CHECKING:
    import rattler

TIMEOUT_SECONDS = 300
"""For one request as a whole; the largest packages have a gigabyte."""

RETRIES = 2


def install(
    packages: Sequence[LockedPackage], target: Path, platform: str, report: Report, *, inside: str | None = None
) -> None:
    """Link packages into `target`, as if it were the path `inside`. Raises `EnvStudioError`, `Cancelled`."""
    for item in packages:
        report.raise_if_cancelled()
        _verify(item)
    asyncio.run(_install(packages, target, platform, report, inside))


def _verify(package: LockedPackage) -> None:
    """Compare a file of a channel on this machine with its hash; rattler does so for what it downloads only."""
    if not package.sha256 or not package.url.startswith("file:"):
        return
    path = Path(url2pathname(urlsplit(package.url).path))
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unavailable(f"{package.file_name} cannot be read.", "Check the channel's folder.", str(error)) from error
    if found != package.sha256:
        raise EnvStudioError(
            f"{package.name} {package.version} is not the file that was locked.",
            "Lock again, and ask the channel's owner why the file changed.",
            f"{package.url}\nlocked sha256 {package.sha256}\nfound  sha256 {found}",
        )


async def _install(
    packages: Sequence[LockedPackage], target: Path, platform: str, report: Report, inside: str | None
) -> None:
    import rattler
    from rattler.exceptions import InstallerError, LinkError

    pkgs = paths.cache_dir("rattler", "pkgs")
    with writing(pkgs):
        pkgs.mkdir(parents=True, exist_ok=True)
    task = asyncio.ensure_future(
        rattler.install(
            [record_of(item) for item in packages],
            target,
            cache_dir=pkgs,
            platform=rattler.Subdir(platform),
            show_progress=False,
            client=client(item.url for item in packages),
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
        if "hash mismatch" in str(error):
            raise EnvStudioError(
                "A conda package is not the file that was locked.",
                "Lock again, and ask the channel's owner why the file changed.",
                str(error),
            ) from error
        raise disk_failure(str(error), target) or EnvStudioError(
            "The conda packages could not be installed.",
            "Check the network and the disk; the reason is below.",
            str(error),
        ) from error
    finally:
        task.cancel()


def client(addresses: Iterable[str], timeout_seconds: int = TIMEOUT_SECONDS) -> rattler.Client:
    """Return the HTTP client for some channels or packages, which logs in where the keyring or netrc has a login.

    rattler's own store of logins (what `pixi auth login` wrote) is asked too.
    """
    from rattler.networking import (
        AddHeadersMiddleware,
        AuthenticationMiddleware,
        Client,
        GCSMiddleware,
        MirrorMiddleware,
        OciMiddleware,
        RetryMiddleware,
        S3Middleware,
    )

    places = {f"{parts.scheme}://{parts.netloc}/": parts.netloc for parts in map(urlsplit, addresses) if parts.netloc}
    logins = logins_for(places)
    headers = {host.rpartition(":")[0] or host: login.header for host, login in logins.items() if login.header}
    tokens = {
        place: [f"{place}t/{logins[host].password}/"] for place, host in places.items() if _in_path(logins.get(host))
    }

    def login_of(host: str, _path: str) -> dict[str, str] | None:
        return {"Authorization": headers[host]} if host in headers else None

    return Client(
        [
            *([MirrorMiddleware(tokens)] if tokens else []),
            *([AddHeadersMiddleware(login_of)] if headers else []),
            RetryMiddleware(RETRIES),
            AuthenticationMiddleware(),
            OciMiddleware(),
            GCSMiddleware(),
            S3Middleware(),
        ],
        timeout=timeout_seconds,
    )


def _in_path(login: Login | None) -> bool:
    return login is not None and login.kind == "conda"


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
