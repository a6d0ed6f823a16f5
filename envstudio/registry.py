"""A client for registries of images: what is there, and sending what is not.

Sources: OCI distribution specification 1.1 (blobs, uploads, mounts, manifests); the token authentication of the CNCF
distribution project. Logins come from the keyring or netrc, else from Docker's configuration and its helpers.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.utils import should_bypass_proxies
from urllib3.exceptions import LocationParseError

from envstudio.credentials import Login, login_for
from envstudio.domain.image_name import DOCKER_HUB
from envstudio.domain.plain_data import Table, json_table
from envstudio.engine import TOKEN_USER, docker_login
from envstudio.errors import Act, EnvStudioError, InvalidInput, NotFound, Remedy, Unavailable
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
CHALLENGE = re.compile(r'(?<!\w)(\w+)="([^"]*)"')
TOKEN = re.compile(r"[\x21-\x7e]+")
BLANK = b"\xef\xbb\xbf \t\r\n"
MAX_ANSWER = 8 << 20
"""Bytes of an answer that is read whole. The specification asks registries to take manifests of 4 MB."""

UNREADABLE = "Check the name of the registry, and that nothing between it and this machine answers in its place."
GONE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it is in a registry: its media type, its digest, its bytes, and its address for errors."""

    media_type: str
    digest: str
    data: bytes
    url: str = ""

    def table(self) -> Table:
        """Return what it says. Raises `InvalidInput` naming the address if that is no JSON object."""
        return json_table(self.data, self.url, UNREADABLE)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that was read whole."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """The beginning of the body as text, for the details of an error."""
        return self.body[:500].decode("utf-8", "replace")

    @property
    def is_web_page(self) -> bool:
        """Return whether it is a page for humans, such as one that asks to log in to a network."""
        # Quay says text/html of answers that are none, so the body counts too.
        is_html = self.headers.get("Content-Type", "").lower().startswith("text/html")
        return is_html and self.body.lstrip(BLANK)[:1] == b"<"


@dataclass(frozen=True, slots=True)
class Blob:
    """Something to upload: its digest, its size in bytes, and a function that yields its bytes from an offset on."""

    digest: str
    size: int
    chunks: Callable[[int], Iterable[bytes]]


@dataclass(slots=True)
class _Upload:
    """An upload on its way: where it goes on, and how many bytes have arrived."""

    upload_url: str
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
        self._prompted_login = False
        self._lock = threading.Lock()

    def manifest(self, repository: str, reference: str) -> Manifest:
        """Return a manifest or index."""
        response = self._ask(
            "GET", f"{repository}/manifests/{reference}", repository, headers={"Accept": ", ".join(MANIFEST_TYPES)}
        )
        if response.status == 404:
            raise NotFound(
                f"{self.host} has no image {repository}:{reference}.",
                "Check its name and tag.",
                code="pull-not-found",
                subject=f"{self.host}/{repository}:{reference}",
                remedy=Remedy(Act.EDIT_IMAGE),
            )
        self._must(response, f"reading {repository}:{reference}")
        digest = f"sha256:{hashlib.sha256(response.body).hexdigest()}"
        if reference.startswith("sha256:") and digest != reference:
            raise EnvStudioError(
                f"{self.host} answers with another manifest than {reference[:19]}.", "Ask who runs the registry."
            )
        found = Manifest(
            response.headers.get("Content-Type", "").partition(";")[0], digest, response.body, response.url
        )
        found.table()
        return found

    def has_blob(self, repository: str, digest: str) -> bool:
        """Return whether a repository holds a blob."""
        response = self._ask("HEAD", f"{repository}/blobs/{digest}", repository)
        if response.status != 404:
            self._must(response, f"looking for {digest[:19]}")
        return response.status == 200

    def blob(self, repository: str, digest: str) -> Iterator[bytes]:
        """Yield the bytes of a blob; they are compared with the digest at the end."""
        response = self._send_request("GET", f"{repository}/blobs/{digest}", repository)
        found = hashlib.sha256()
        with self._reached(response.url), response:
            if response.status_code != 200:
                self._must(_read(response), f"reading {digest[:19]} of {repository}")
            for chunk in response.iter_content(CHUNK):
                found.update(chunk)
                yield chunk
        if f"sha256:{found.hexdigest()}" != digest:
            raise EnvStudioError(
                f"{digest[:19]} of {repository} is not what it says.", "Ask who runs the registry.", response.url
            )

    def mount(self, repository: str, digest: str, source: str) -> bool:
        """Let a repository have a blob of another one of this registry, and return whether that was done."""
        response = self._ask(
            "POST",
            f"{repository}/blobs/uploads/",
            repository,
            params={"mount": digest, "from": source},
            also=source,
        )
        if response.status == 202 and "Location" in response.headers:
            # An upload was begun instead; no one will continue it.
            self._ask("DELETE", _next_upload_url(response), repository)
        return response.status == 201

    def upload(self, repository: str, blob: Blob, report: Report) -> None:
        """Send a blob in pieces; if the connection breaks it goes on from what the registry has."""
        upload = self._begun(repository)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._send(upload, repository, blob, report)
                done = self._ask("PUT", upload.upload_url, repository, params={"digest": blob.digest})
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
        return _Upload(_next_upload_url(response))

    def _resumed(self, upload: _Upload, repository: str) -> _Upload:
        """Ask how much of an upload has arrived; one that the registry gave up is begun again."""
        response = self._ask("GET", upload.upload_url, repository)
        if response.status != 204:
            return self._begun(repository)
        arrived = response.headers.get("Range", "").rpartition("-")[2]
        if arrived and not (arrived.isascii() and arrived.isdigit()):
            raise _malformed(response.url, f"the header Range: {response.headers['Range'][:80]}")
        return _Upload(
            _next_upload_url(response, upload.upload_url), int(arrived) + 1 if arrived not in ("", "0") else 0
        )

    def _send(self, upload: _Upload, repository: str, blob: Blob, report: Report) -> None:
        """Send what is left of a blob in pieces."""
        for piece in _pieces(blob.chunks(upload.sent), UPLOAD_CHUNK):
            report.raise_if_cancelled()
            span = f"{upload.sent}-{upload.sent + len(piece) - 1}"
            headers = {"Content-Type": "application/octet-stream", "Content-Range": span}
            response = self._ask("PATCH", upload.upload_url, repository, data=piece, headers=headers)
            if response.status >= 500:
                raise Unavailable(f"{self.host} failed while taking an upload.", "Try again.", response.message)
            self._must(response, f"uploading to {repository}", 202)
            upload.upload_url = _next_upload_url(response)
            upload.sent += len(piece)

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

    def _ask(self, method: str, path: str, repository: str, *, also: str = "", **options: Any) -> _Answer:
        """Send a request and read the answer whole."""
        response = self._send_request(method, path, repository, also=also, **options)
        with self._reached(response.url), response:
            return _read(response)

    def _send_request(
        self, method: str, path: str, repository: str, *, also: str = "", **options: Any
    ) -> requests.Response:
        """Send a request; if the registry wants a login it is given and the request sent again."""
        url = _joined(self._root, path)
        headers = dict(options.pop("headers", {}))
        scope = f"{repository}|{also}"
        for attempt in (1, 2):
            known = self._tokens.get(scope) if _same_host(url, self._root) else None
            with self._reached(url):
                response = self._session.request(
                    method,
                    url,
                    headers={**headers, **({"Authorization": known} if known else {})},
                    timeout=TIMEOUT,
                    allow_redirects=method in ("GET", "HEAD"),
                    stream=True,
                    **options,
                )
            # Another host, such as a store of blobs that was redirected to, is not the one that the login is for.
            if response.status_code != 401 or attempt == 2 or not _same_host(response.url, self._root):
                return response
            with self._reached(url), response:
                refusal = _read(response)
            self._tokens[scope] = self._authorization(refusal, repository, also)
        raise AssertionError("unreachable")

    @property
    def _session(self) -> requests.Session:
        """Return this thread's session."""
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.verify = self._verify
            session.proxies.update(self._proxies)
            # requests would put netrc's login over the token that the registry requested.
            session.auth = _no_login
            self._local.session = session
        found: requests.Session = self._local.session
        return found

    def _authorization(self, refusal: _Answer, repository: str, also: str) -> str:
        """Return the header that answers a registry's challenge. Raises `EnvStudioError`."""
        with self._lock:
            if not self._prompted_login:
                self._login = login_for(self.host) or docker_login(self.host)
                self._prompted_login = True
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
        parameters: dict[str, Any] = {"service": facts.get("service", ""), "scope": scopes or [facts.get("scope", "")]}
        with self._reached(refusal.url):
            if self._login is not None and self._login.user == TOKEN_USER:
                parameters |= {"grant_type": "refresh_token", "client_id": "envstudio"}
                parameters |= {"scope": " ".join(parameters["scope"]), "refresh_token": self._login.password}
                response = self._session.post(facts["realm"], data=parameters, timeout=TIMEOUT, stream=True)
            else:
                headers = {"Authorization": self._login.header} if self._login else {}
                response = self._session.get(
                    facts["realm"], params=parameters, headers=headers, timeout=TIMEOUT, stream=True
                )
            with response:
                answer = _read(response)
        if answer.status != 200:
            raise self._refused(f"its token service {facts['realm']} answers {answer.status}")
        try:
            answer_fields = json_table(answer.body, facts["realm"])
            token = answer_fields.text("token") or answer_fields.text("access_token")
        except InvalidInput as error:
            raise self._refused(f"its token service answers without a token: {error.summary}") from error
        if not TOKEN.fullmatch(token):
            raise self._refused(f"its token service answers without a token: {facts['realm']}")
        return f"Bearer {token}"

    def _reached(self, url: str) -> _Reached:
        return _Reached(self.host, url)

    def _refused(self, why: str) -> EnvStudioError:
        return EnvStudioError(
            f"{self.host} rejected the credentials.",
            "Log in.",
            f"{self.host}: {why}",
            code="unauthorized",
            subject=self.host,
            remedy=Remedy(Act.LOG_IN, self.host),
        )

    def _must(self, response: _Answer, doing: str, status: int = 200) -> None:
        """Raise what the user should know if an answer is not the one that was wanted."""
        if response.status == status:
            if response.is_web_page:
                raise _malformed(response.url, "a web page")
            return
        details = f"{doing}: {response.url} answers {response.status} {response.message}"
        if response.status in (401, 403):
            raise EnvStudioError(
                f"{self.host} refuses {doing}.",
                "Ask for access, or log in.",
                details,
                code="unauthorized",
                subject=self.host,
                remedy=Remedy(Act.LOG_IN, self.host),
            )
        raise EnvStudioError(f"{self.host} failed at {doing}.", "See its answer below, and try again.", details)


class _Reached:
    """Turns a connection that breaks, or an answer that is none of HTTP, into an error that says what to do."""

    def __init__(self, host: str, url: str) -> None:
        self._host, self._url = host, url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, requests.exceptions.SSLError):
            raise Unavailable(
                f"The certificate of {self._host} is not trusted.",
                "Name your company's CA certificates in the settings.",
                f"{self._url}: {error}",
                code="certificate",
                subject=self._host,
                remedy=Remedy(Act.SET_SETTING, "ca_certificates"),
            ) from error
        if isinstance(error, GONE):
            raise Unavailable(
                f"The registry {self._host} cannot be reached.",
                "Check its name, the network, and the proxy in the settings.",
                f"{self._url}: {error}",
                code="registry-unreachable",
                subject=self._host,
                remedy=Remedy(Act.SET_SETTING, "mirror_images"),
            ) from error
        # requests lets some of what urllib and urllib3 say of an address through; UnicodeError is a ValueError.
        if isinstance(error, (requests.RequestException, LocationParseError, ValueError)):
            raise _malformed(self._url, "something that is not understood", str(error)) from error


def _read(response: requests.Response) -> _Answer:
    """Return an answer as a whole. Raises `EnvStudioError` for one that is larger than any is."""
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise _malformed(response.url, f"more than {MAX_ANSWER >> 20} MB")
    return _Answer(response.url, response.status_code, response.headers, bytes(body))


def _malformed(url: str, what: str, details: str = "") -> EnvStudioError:
    return EnvStudioError(f"{url} answers with {what}, which no registry does.", UNREADABLE, details)


def _joined(base: str, upload_url: str) -> str:
    """Return the absolute URL of an upload. Raises `EnvStudioError` if there is none."""
    try:
        return urljoin(base, upload_url)
    except ValueError as error:
        raise _malformed(base, f"the address {upload_url[:80]!r}", str(error)) from error


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
    """Return whether a registry is contacted without TLS: one of this machine, as in Docker, or of the settings."""
    name = host.rpartition(":")[0] or host
    return name == "localhost" or name.startswith("127.") or host in settings.insecure_registries


def _next_upload_url(response: _Answer, before: str = "") -> str:
    location = response.headers.get("Location", "")
    return _joined(response.url, location) if location else before


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
