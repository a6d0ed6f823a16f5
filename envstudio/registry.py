"""A client for registries of images: what is there, and sending what is not.

Sources: OCI distribution specification 1.1 (blobs, uploads, mounts, manifests); the token authentication of the CNCF
distribution project. Logins come from the keyring or netrc, else from Docker's configuration and its helpers.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.utils import should_bypass_proxies

from envstudio.credentials import Login, login_for
from envstudio.domain.image_name import DOCKER_HUB
from envstudio.engine import TOKEN_USER, docker_login
from envstudio.errors import EnvStudioError, NotFound, Unavailable
from envstudio.report import Report
from envstudio.settings import Settings

DOCKER_HUB_HOST = "registry-1.docker.io"
TIMEOUT = (10, 60)
"""Seconds to connect, and between two bytes."""

CHUNK = 1 << 20
UPLOAD_CHUNK = 16 << 20
ATTEMPTS = 4
MANIFEST_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
GONE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it is in a registry: its media type, its digest, and its bytes."""

    media_type: str
    digest: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Blob:
    """Something to upload: its digest, its size in bytes, and a function that yields its bytes from an offset on."""

    digest: str
    size: int
    chunks: Callable[[int], Iterable[bytes]]


@dataclass(slots=True)
class _Upload:
    """An upload on its way: where it goes on, and how many bytes have arrived."""

    place: str
    sent: int = 0


class Registry:
    """One registry. Safe to use from several threads. Raises `EnvStudioError`, `NotFound`, `Unavailable`."""

    def __init__(self, host: str, settings: Settings) -> None:
        self.host = host
        self._verify: str | bool = settings.ca_certificates or True
        scheme = "http" if _is_plain(host, settings) else "https"
        self._root = f"{scheme}://{DOCKER_HUB_HOST if host == DOCKER_HUB else host}/v2/"
        self._proxies = _proxies(self._root, settings)
        self._local = threading.local()
        self._tokens: dict[str, str] = {}
        self._login: Login | None = None
        self._asked_login = False
        self._lock = threading.Lock()

    def manifest(self, repository: str, reference: str) -> Manifest:
        """Return a manifest or index."""
        response = self._ask(
            "GET", f"{repository}/manifests/{reference}", repository, headers={"Accept": ", ".join(MANIFEST_TYPES)}
        )
        if response.status_code == 404:
            raise NotFound(f"{self.host} has no image {repository}:{reference}.", "Check its name and tag.")
        self._must(response, f"reading {repository}:{reference}")
        digest = f"sha256:{hashlib.sha256(response.content).hexdigest()}"
        if reference.startswith("sha256:") and digest != reference:
            raise EnvStudioError(
                f"{self.host} answers with another manifest than {reference[:19]}.", "Ask who runs the registry."
            )
        return Manifest(response.headers.get("Content-Type", "").partition(";")[0], digest, response.content)

    def has_blob(self, repository: str, digest: str) -> bool:
        """Tell whether a repository holds a blob."""
        response = self._ask("HEAD", f"{repository}/blobs/{digest}", repository)
        if response.status_code != 404:
            self._must(response, f"looking for {digest[:19]}")
        return response.status_code == 200

    def blob(self, repository: str, digest: str) -> Iterator[bytes]:
        """Yield the bytes of a blob; they are compared with the digest at the end."""
        response = self._ask("GET", f"{repository}/blobs/{digest}", repository, stream=True)
        self._must(response, f"reading {digest[:19]} of {repository}")
        found = hashlib.sha256()
        with self._reached(), response:
            for chunk in response.iter_content(CHUNK):
                found.update(chunk)
                yield chunk
        if f"sha256:{found.hexdigest()}" != digest:
            raise EnvStudioError(f"{digest[:19]} of {repository} is not what it says.", "Ask who runs the registry.")

    def mount(self, repository: str, digest: str, source: str) -> bool:
        """Let a repository have a blob of another one of this registry, and tell whether that was done."""
        response = self._ask(
            "POST",
            f"{repository}/blobs/uploads/",
            repository,
            params={"mount": digest, "from": source},
            also=source,
        )
        if response.status_code == 202 and "Location" in response.headers:
            # An upload was begun instead; nobody will continue it.
            self._ask("DELETE", urljoin(response.url, response.headers["Location"]), repository)
        return response.status_code == 201

    def upload(self, repository: str, blob: Blob, report: Report, on_bytes: Callable[[int], None]) -> None:
        """Send a blob in pieces; where the connection breaks it goes on from what the registry has."""
        upload = self._begun(repository)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._send(upload, repository, blob, report, on_bytes)
                done = self._ask("PUT", upload.place, repository, params={"digest": blob.digest})
                self._must(done, f"uploading to {repository}", 201)
                return
            except Unavailable:
                report.raise_if_cancelled()
                if attempt == ATTEMPTS:
                    raise
                time.sleep(attempt * 0.5)
                upload = self._resumed(upload, repository)
                report.line(f"the upload of {blob.digest[:19]} broke off; going on at {upload.sent} bytes")

    def _begun(self, repository: str) -> _Upload:
        response = self._ask("POST", f"{repository}/blobs/uploads/", repository)
        self._must(response, f"uploading to {repository}", 202)
        return _Upload(_next_place(response))

    def _resumed(self, upload: _Upload, repository: str) -> _Upload:
        """Ask how much of an upload has arrived; one that the registry gave up is begun again."""
        response = self._ask("GET", upload.place, repository)
        if response.status_code != 204:
            return self._begun(repository)
        arrived = response.headers.get("Range", "").rpartition("-")[2]
        return _Upload(_next_place(response, upload.place), int(arrived) + 1 if arrived not in ("", "0") else 0)

    def _send(
        self, upload: _Upload, repository: str, blob: Blob, report: Report, on_bytes: Callable[[int], None]
    ) -> None:
        """Send what is left of a blob in pieces."""
        for piece in _pieces(blob.chunks(upload.sent), UPLOAD_CHUNK):
            report.raise_if_cancelled()
            span = f"{upload.sent}-{upload.sent + len(piece) - 1}"
            headers = {"Content-Type": "application/octet-stream", "Content-Range": span}
            response = self._ask("PATCH", upload.place, repository, data=piece, headers=headers)
            if response.status_code >= 500:
                raise Unavailable(f"{self.host} failed while taking an upload.", "Try again.", response.text[:500])
            self._must(response, f"uploading to {repository}", 202)
            upload.place = _next_place(response)
            upload.sent += len(piece)
            on_bytes(len(piece))

    def put_manifest(self, repository: str, reference: str, data: bytes, media_type: str) -> str:
        """Store a manifest under a tag or digest, and return its digest."""
        response = self._ask(
            "PUT", f"{repository}/manifests/{reference}", repository, data=data, headers={"Content-Type": media_type}
        )
        self._must(response, f"pushing {repository}:{reference}", 201)
        return f"sha256:{hashlib.sha256(data).hexdigest()}"

    def check(self) -> None:
        """Ask whether the registry is there and the login is good."""
        self._must(self._ask("GET", "", ""), "asking the registry")

    def _ask(self, method: str, path: str, repository: str, *, also: str = "", **options: Any) -> requests.Response:
        """Send a request; where the registry wants a login it is given and the request sent again."""
        url = urljoin(self._root, path)
        headers = dict(options.pop("headers", {}))
        scope = f"{repository}|{also}"
        for attempt in (1, 2):
            known = self._tokens.get(scope) if _same_host(url, self._root) else None
            with self._reached():
                response = self._session.request(
                    method,
                    url,
                    headers={**headers, **({"Authorization": known} if known else {})},
                    timeout=TIMEOUT,
                    allow_redirects=method in ("GET", "HEAD"),
                    **options,
                )
            # Another host, such as a store of blobs that was redirected to, is not the one that the login is for.
            if response.status_code != 401 or attempt == 2 or not _same_host(response.url, self._root):
                return response
            self._tokens[scope] = self._authorization(response, repository, also)
        raise AssertionError("unreachable")

    @property
    def _session(self) -> requests.Session:
        """Return this thread's session."""
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.verify = self._verify
            session.proxies.update(self._proxies)
            # requests would put netrc's login over the token that the registry asked for.
            session.auth = _no_login
            self._local.session = session
        found: requests.Session = self._local.session
        return found

    def _authorization(self, refusal: requests.Response, repository: str, also: str) -> str:
        """Return the header that answers a registry's challenge. Raises `EnvStudioError`."""
        with self._lock:
            if not self._asked_login:
                self._login = login_for(self.host) or docker_login(self.host)
                self._asked_login = True
        challenge = refusal.headers.get("WWW-Authenticate", "")
        if challenge.lower().startswith("basic"):
            if self._login is None:
                raise self._refused("it wants a login, and there is none")
            return self._login.header
        facts = dict(CHALLENGE.findall(challenge))
        if not challenge.lower().startswith("bearer") or "realm" not in facts:
            raise self._refused(f"it wants a login in a way that is not known: {challenge[:80]}")
        if self._login is not None and self._login.kind == "bearer":
            return self._login.header
        scopes = [f"repository:{name}:pull" for name in (also,) if name]
        scopes += [f"repository:{repository}:pull,push"] if repository else []
        asked: dict[str, Any] = {"service": facts.get("service", ""), "scope": scopes or [facts.get("scope", "")]}
        with self._reached():
            if self._login is not None and self._login.user == TOKEN_USER:
                asked |= {"grant_type": "refresh_token", "client_id": "envstudio"}
                asked |= {"scope": " ".join(asked["scope"]), "refresh_token": self._login.password}
                response = self._session.post(facts["realm"], data=asked, timeout=TIMEOUT)
            else:
                headers = {"Authorization": self._login.header} if self._login else {}
                response = self._session.get(facts["realm"], params=asked, headers=headers, timeout=TIMEOUT)
        if response.status_code != 200:
            raise self._refused(f"its token service answers {response.status_code}")
        try:
            answer = response.json()
        except requests.JSONDecodeError:
            answer = None
        token = (answer.get("token") or answer.get("access_token")) if isinstance(answer, dict) else None
        if not token:
            raise self._refused("its token service answers without a token")
        return f"Bearer {token}"

    def _reached(self) -> _Reached:
        return _Reached(self.host)

    def _refused(self, why: str) -> EnvStudioError:
        return EnvStudioError(
            f"{self.host} does not let us in.",
            f"Log in: envstudio login {self.host} --user NAME",
            f"{self.host}: {why}",
        )

    def _must(self, response: requests.Response, doing: str, status: int = 200) -> None:
        """Raise what a person should know where an answer is not the one that was wanted."""
        if response.status_code == status:
            return
        details = f"{doing}: {response.status_code} {response.text[:500]}"
        if response.status_code in (401, 403):
            raise EnvStudioError(
                f"{self.host} refuses {doing}.",
                f"Log in: envstudio login {self.host} --user NAME; or ask for the right to do this.",
                details,
            )
        raise EnvStudioError(f"{self.host} failed at {doing}.", "See its answer below, and try again.", details)


class _Reached:
    """Turns a connection that breaks into an error that says what to do."""

    def __init__(self, host: str) -> None:
        self._host = host

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, requests.exceptions.SSLError):
            raise Unavailable(
                f"The certificate of {self._host} is not trusted.",
                "Name your company's certificates: envstudio settings ca_certificates FILE",
                str(error),
            ) from error
        if isinstance(error, GONE):
            raise Unavailable(
                f"The registry {self._host} cannot be reached.",
                "Check its name, the network, and the proxy in the settings.",
                str(error),
            ) from error


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _same_host(one: str, other: str) -> bool:
    return urlsplit(one).netloc == urlsplit(other).netloc


def _proxies(address: str, settings: Settings) -> dict[str, str]:
    """Return the proxies of the settings by scheme; none for an address that they except."""
    if should_bypass_proxies(address, settings.no_proxy or None):
        return {}
    return settings.proxies()


def _is_plain(host: str, settings: Settings) -> bool:
    """Tell whether a registry is asked without TLS: one on this machine, as Docker does it, or one of the settings."""
    name = host.rpartition(":")[0] or host
    return name == "localhost" or name.startswith("127.") or host in settings.insecure_registries


def _next_place(response: requests.Response, before: str = "") -> str:
    location = response.headers.get("Location", "")
    return urljoin(response.url, location) if location else before


def _pieces(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Join chunks to pieces of at least a size, the last one excepted."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        if len(waiting) >= size:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
