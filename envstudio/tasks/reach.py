"""Whether the package index and the channels answer, asked the way that locking asks them, and what to do if not."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy, redacted
from envstudio.lockers.channels import channel_address
from envstudio.packages.simple_index import usual_index
from envstudio.packages.wheels import given_proxies, opener, request_for
from envstudio.report import Report
from envstudio.settings import Settings, mirrored
from envstudio.tasks.finding import Finding

TIMEOUT_SECONDS = 5
PARALLEL = 8
NO_HEAD = (http.client.METHOD_NOT_ALLOWED, http.client.NOT_IMPLEMENTED)
NOT_LOGGED_IN = (http.client.UNAUTHORIZED, http.client.FORBIDDEN)
TUNNEL_REFUSED = f"Tunnel connection failed: {int(http.client.PROXY_AUTHENTICATION_REQUIRED)}"
"""What http.client says of a proxy that wants a login before it opens a way to an https address."""
Advice = tuple[str, Remedy | None]
"""What to do, in a sentence, and as a remedy if one of ours does it."""

UNTRUSTED: Advice = ("Name the CA certificates of your company.", Remedy(Act.SET_SETTING, "ca_certificates"))


PROXY_USER: Advice = (
    "Give the proxy's user: http://USER:PASSWORD@HOST:PORT.",
    Remedy(Act.SET_SETTING, "https_proxy"),
)


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """What is asked: its name for the user, its address, and the setting that puts a mirror in its place.

    Below the address of a channel there is always a `noarch`; an index need not list all that it has.
    """

    name: str
    address: str
    url: str
    mirror: str
    must_exist: bool


def reach(settings: Settings, *, report: Report) -> tuple[Finding, ...]:
    """Ask the index and the channels of the settings, all at once, each for at most some seconds."""
    report.raise_if_cancelled()
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="reach") as pool:
        answers = pool.map(
            lambda item: item if isinstance(item, Finding) else _answer(item, settings), _targets(settings)
        )
        return tuple(map(_without_logins, answers))


def _targets(settings: Settings) -> Iterator[ProbeTarget | Finding]:
    """Yield what is asked; a channel that cannot be one has its answer already."""
    index = settings.index or usual_index()
    source = mirrored(index, settings.mirror_indexes)
    yield ProbeTarget("index", source, f"{source.rstrip('/')}/", f"mirror_indexes.{index}", False)
    for channel in settings.channels:
        name = f"channel {channel.partition('://')[2] or channel}"
        try:
            source = channel_address(mirrored(channel, settings.mirror_channels))
        except InvalidInput as error:
            yield Finding(name, False, error.summary, error.advice, error.remedy)
            continue
        yield ProbeTarget(
            name, source, f"{source.rstrip('/')}/noarch/repodata.json", f"mirror_channels.{channel}", True
        )


def _answer(target: ProbeTarget, settings: Settings) -> Finding:
    """Probe one target. What a server says is an answer, unless it wants a login or has no such channel."""
    started = time.perf_counter()
    host = target.address
    try:
        host = urlsplit(target.address).netloc.rpartition("@")[2] or host
        _ask(target.url, settings)
    except urllib.error.HTTPError as error:
        advice = _advice_of_status(error.code, host, target)
        if advice is not None:
            return Finding(target.name, False, f"{host} answers {error.code} {error.reason}.", *advice)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        words = (reason.strerror if isinstance(reason, OSError) else "") or str(reason)
        return Finding(target.name, False, f"{host} cannot be reached: {words}.", *_advice_of(reason, target, settings))
    except EnvStudioError as error:
        return Finding(target.name, False, error.summary, error.advice, error.remedy)
    return Finding(target.name, True, f"{host} answers in {time.perf_counter() - started:.1f} s")


def _without_logins(answer: Finding) -> Finding:
    """Return an answer that may be shown: addresses of mirrors and proxies may hold passwords."""
    return replace(answer, detail=redacted(answer.detail), advice=redacted(answer.advice), name=redacted(answer.name))


def _ask(url: str, settings: Settings) -> None:
    request = request_for(url)
    request.method = "HEAD"
    door = opener(settings)
    try:
        door.open(request, timeout=TIMEOUT_SECONDS).close()
    except urllib.error.HTTPError as error:
        if error.code not in NO_HEAD:
            raise
        door.open(request_for(url), timeout=TIMEOUT_SECONDS).close()


def _advice_of_status(status: int, host: str, target: ProbeTarget) -> Advice | None:
    """Return what to do about a status; None for one that shows that the target works."""
    if status in NOT_LOGGED_IN:
        return "Log in.", Remedy(Act.LOG_IN, host)
    if status == http.client.PROXY_AUTHENTICATION_REQUIRED:
        return PROXY_USER
    if status == http.client.NOT_FOUND and target.must_exist:
        return "Check the channel's name, or set a mirror.", Remedy(Act.SET_SETTING, target.mirror)
    return ("Try again later, or ask its owner.", None) if status >= http.client.INTERNAL_SERVER_ERROR else None


def _advice_of(reason: object, target: ProbeTarget, settings: Settings) -> Advice:
    """Return what to do about a target that gave no answer at all."""
    if isinstance(reason, ssl.SSLError):
        return UNTRUSTED
    if isinstance(reason, ValueError | http.client.InvalidURL):
        return "Check the address in the settings.", None
    if isinstance(reason, FileNotFoundError) and settings.ca_certificates and not target.address.startswith("file:"):
        return f"There is no file {settings.ca_certificates}.", UNTRUSTED[1]
    if target.address.startswith("file:"):
        return "Check the path of the channel or index.", None
    proxy = _proxy(target, settings)
    if TUNNEL_REFUSED in str(reason):
        return PROXY_USER
    mirror = Remedy(Act.SET_SETTING, target.mirror)
    if proxy:
        return f"Check the network and the proxy ({proxy}), or set a mirror.", mirror
    return "Check the network, and set the proxy (https_proxy) if there is one, or set a mirror.", mirror


def _proxy(target: ProbeTarget, settings: Settings) -> str:
    """Return the proxy through which a target is reached: the settings', else the one in this process's variables."""
    url = urlsplit(target.url)
    if urllib.request.proxy_bypass(url.netloc.rpartition("@")[2]):
        return ""
    return (given_proxies(settings) or urllib.request.getproxies()).get(url.scheme, "")
