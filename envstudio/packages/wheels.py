"""Files of package indexes, downloaded once into a cache by sha256, verified, and checked before they are unpacked."""

from __future__ import annotations

import hashlib
import http.client
import os
import ssl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from envstudio import paths
from envstudio.archives import source_archive, verified, wheel
from envstudio.archives.rules import LIMITS_ADVICE, Limits, UnsafeArchive, is_plain_name, limits_of
from envstudio.credentials import Login, login_for
from envstudio.disk import writing
from envstudio.domain.lock import LockedPackage
from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy, Unavailable
from envstudio.packages.answers import expected_length, read_whole
from envstudio.report import Report
from envstudio.settings import Settings, mirrored

CHUNK = 1 << 20
PARALLEL_DOWNLOADS = 8
TIMEOUT_SECONDS = 60
RULES = 1
"""Changes whenever a file that passed its check before may not pass any more."""
UNREACHED = (
    urllib.error.URLError,
    http.client.HTTPException,
    TimeoutError,
    ConnectionError,
    ssl.SSLError,
    ValueError,
)
"""What a download ends with; ValueError is for an address that is none, such as one in a redirection."""


def download(packages: Iterable[LockedPackage], settings: Settings, report: Report) -> dict[str, Path]:
    """Return the wheel file of each package by its sha256, fetching those that the cache lacks.

    Raises `EnvStudioError` on a hash mismatch, `UnsafeArchive` for a wheel that would do harm, and `Unavailable` for a
    file that cannot be downloaded.
    """
    wanted = list(packages)
    for package in wanted:
        if not package.file_name.endswith(".whl") or not package.sha256:
            raise InvalidInput(
                f"{package.name} {package.version} has no wheel for this platform, only {package.file_name}.",
                "Build it with Docker.",
                code="wrong-platform-wheel",
                subject=package.name,
                remedy=Remedy(Act.CHOOSE_BUILDER, "classic"),
            )
    files(wanted, settings, report)
    return {package.sha256: cached(package) for package in wanted}


def files(packages: Sequence[LockedPackage], settings: Settings, report: Report) -> tuple[Path, ...]:
    """Return the files of packages that have a sha256, wheels or source archives, in the order of the packages.

    Raises as `download` does.
    """
    limits = limits_of(settings)
    missing = [package for package in packages if not _is_checked(package, limits)]
    report.progress(len(packages) - len(missing), len(packages), "wheels")
    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        for number, _ in enumerate(pool.map(lambda item: _fetch(item, settings, report), missing), 1):
            report.progress(len(packages) - len(missing) + number, len(packages), "wheels")
    for package in missing:
        _check(package, limits)
    return tuple(map(cached, packages))


def cached(package: LockedPackage) -> Path:
    """Return where a file of an index is, or would be, in the cache. Raises `InvalidInput` if its URL names no file."""
    # The last part alone: an address must not lead out of the cache.
    name = PurePosixPath(unquote(package.file_name).replace("\\", "/")).name
    if not is_plain_name(name):
        raise InvalidInput(f"{package.url!r} is not the address of a file.", "Lock again.")
    return paths.cache_dir("wheels", package.sha256[:2], package.sha256, name)


def fetch_unhashed(package: LockedPackage, settings: Settings, report: Report) -> str:
    """Download a file into the cache, whatever its bytes, and return its sha256. Raises `Unavailable`, `Cancelled`."""
    folder = paths.cache_dir("wheels", "new")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        part = tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False)  # noqa: SIM115
        try:
            with part:
                found = _copy(mirrored(package.url, settings.mirror_indexes), part, settings, report)
            target = cached(replace(package, sha256=found))
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(part.name).replace(target)
        finally:
            Path(part.name).unlink(missing_ok=True)
    return found


def _is_checked(package: LockedPackage, limits: Limits) -> bool:
    """Return whether the cache has a file with the right bytes, checked; one with other bytes is removed."""
    file = cached(package)
    if not file.exists():
        return False
    facts = verified.facts_of(file, package.sha256)
    if facts is None and verified.hash_of(file) != package.sha256:
        file.unlink()
        return False
    if facts is None or facts.get("rules") != RULES:
        _check(package, limits)
    return True


def _check(package: LockedPackage, limits: Limits) -> None:
    """Check what a file holds, and keep that it passed. Raises `UnsafeArchive`."""
    file = cached(package)
    (wheel if file.name.endswith(".whl") else source_archive).check(file, limits)
    verified.note(file, package.sha256, {"rules": RULES})


def _fetch(package: LockedPackage, settings: Settings, report: Report) -> None:
    """Download one file, verify it, and put it in place."""
    report.raise_if_cancelled()
    target = cached(package)
    with writing(target):
        found = fetch_unhashed(package, settings, report) if not target.exists() else package.sha256
        if found != package.sha256:
            raise EnvStudioError(
                f"{package.name} {package.version} is not the file that was locked.",
                "Lock again, and ask the index's owner why the file changed.",
                f"{package.url}\nlocked sha256 {package.sha256}\nfound  sha256 {found}",
                code="hash-mismatch",
                subject=package.name,
                remedy=Remedy(Act.LOCK_AGAIN),
            )


def _copy(url: str, into: IO[bytes], settings: Settings, report: Report) -> str:
    """Copy a URL into a file and return its sha256. Raises `UnsafeArchive` for one beyond the limits."""
    digest = hashlib.sha256()
    with _explained(url), opener(settings).open(request_for(url), timeout=TIMEOUT_SECONDS) as response:
        expected, got, limit = expected_length(response), 0, limits_of(settings).archive_bytes
        while chunk := response.read(CHUNK):
            report.raise_if_cancelled()
            digest.update(chunk)
            into.write(chunk)
            got += len(chunk)
            if got > limit:
                name = urlsplit(url).path.rsplit("/", 1)[-1]
                raise UnsafeArchive(name, f"it has more than {limit:,} bytes", LIMITS_ADVICE)
        if expected is not None and got != expected:
            raise http.client.IncompleteRead(b"", expected - got)
    return digest.hexdigest()


def fetch_range(url: str, settings: Settings, start: int = 0, end: int = 0) -> bytes:
    """Return the bytes of a file from `start` up to `end`, 0 meaning all of it. Raises `Unavailable`."""
    request = request_for(url)
    if end:
        request.add_header("Range", f"bytes={start}-{end - 1}")
    with _explained(url), opener(settings).open(request, timeout=TIMEOUT_SECONDS) as response:
        if end and response.status != http.client.PARTIAL_CONTENT:
            raise http.client.HTTPException("the server does not answer ranges")
        return read_whole(response, (end - start) or wheel.METADATA_BYTES)


def size_of(url: str, settings: Settings) -> int:
    """Return the size of a file in bytes without fetching it; 0 if the server does not say. Raises `Unavailable`."""
    request = request_for(url)
    request.method = "HEAD"
    with _explained(url), opener(settings).open(request, timeout=TIMEOUT_SECONDS) as response:
        return expected_length(response) or 0


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turn the errors of a download into one that tells the user what to do."""
    try:
        yield
    except UNREACHED as error:
        raise Unavailable(
            f"{urlsplit(url).path.rsplit('/', 1)[-1]} cannot be downloaded.",
            "Check the network, and the mirrors, proxy and CA certificates in the settings.",
            f"{url}\n{error}",
            code="network",
            remedy=Remedy(Act.SET_SETTING, "mirror_indexes"),
        ) from error


def request_for(url: str) -> urllib.request.Request:
    """Return the request for a file, with the login at its host; a redirection elsewhere does not take it along."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    request = urllib.request.Request(parts._replace(netloc=host).geturl())
    login = _login_in(user) if at else login_for(host) if parts.scheme in ("http", "https") else None
    if login is not None and login.header:
        request.add_unredirected_header("Authorization", login.header)
    return request


def _login_in(text: str) -> Login:
    """Read "user:password" as it stands in an address."""
    user, _, password = text.partition(":")
    return Login("basic", unquote(password), unquote(user))


def opener(settings: Settings) -> urllib.request.OpenerDirector:
    """Return an opener with the proxies and certificates of the settings."""
    context = ssl.create_default_context(
        cafile=settings.ca_certificates or os.environ.get("SSL_CERT_FILE") or _certifi()
    )
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
    if proxies := given_proxies(settings):
        handlers.append(urllib.request.ProxyHandler(proxies))
    return urllib.request.build_opener(*handlers)


def given_proxies(settings: Settings) -> dict[str, str]:
    """Return the settings' proxies by scheme; none if the process's variables tell."""
    if settings.no_proxy:
        # Without exceptions the settings' proxies are the whole truth; with them, the process's variables tell both.
        return {}
    return settings.proxies()


def _certifi() -> str:
    import certifi

    return certifi.where()
