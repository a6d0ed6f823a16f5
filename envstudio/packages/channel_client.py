"""The HTTP client for conda channels: rattler's, with the logins of the keyring, of netrc and of rattler itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from envstudio.credentials import Login, logins_for

if TYPE_CHECKING:
    import rattler

TIMEOUT_SECONDS = 300
"""For one request as a whole; the largest packages have a gigabyte."""

RETRIES = 2


def client(addresses: Iterable[str], timeout_seconds: int = TIMEOUT_SECONDS) -> rattler.Client:
    """Return the HTTP client for some channels or packages, which logs in if the keyring or netrc has a login.

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

    hosts = {f"{parts.scheme}://{parts.netloc}/": parts.netloc for parts in map(urlsplit, addresses) if parts.netloc}
    logins = logins_for(hosts)
    headers = {host.rpartition(":")[0] or host: login.header for host, login in logins.items() if login.header}
    tokens = {
        address: [f"{address}t/{logins[host].password}/"]
        for address, host in hosts.items()
        if _in_path(logins.get(host))
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
