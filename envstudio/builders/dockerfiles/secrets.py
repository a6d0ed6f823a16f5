"""What a build needs and an image must not keep: build variables, proxies, certificates, logins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envstudio.builders.builder import BuildRequest
from envstudio.builders.dockerfiles.dockerfile import CA, NETRC, PIP_CONF
from envstudio.credentials import logins_for, with_login
from envstudio.domain.environment import Applies
from envstudio.secret_text import without_secrets

VARIABLE = "ENVSTUDIO_SECRET_"


@dataclass(frozen=True, slots=True)
class Given:
    """Build arguments, buildx's words for secrets, and the variables of its process that hold their values.

    Values are in the process's environment alone: not in its command, and on no disk.
    """

    arguments: Mapping[str, str]
    secrets: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


def arguments_of(request: BuildRequest) -> dict[str, str]:
    """Return the build arguments: proxies, which Docker does not keep in the image, and the definition's own."""
    settings = request.settings
    proxies = {"HTTP_PROXY": settings.http_proxy, "HTTPS_PROXY": settings.https_proxy, "NO_PROXY": settings.no_proxy}
    own = {
        item.name: item.value
        for item in request.environment.variables
        if Applies.BUILD in item.applies and not item.secret
    }
    return {**{name: value for name, value in proxies.items() if value}, **own, **request.options.arguments}


def gather(request: BuildRequest) -> Given:
    """Return what buildx gets beside the context; logins go into a Dockerfile of ours only, never into another's."""
    settings, values = request.settings, dict(request.secrets)
    image = request.environment.image
    is_ours = not (image.dockerfile or image.context)
    words = []
    if settings.ca_certificates:
        words.append(f"id={CA},src={settings.ca_certificates}")
    if settings.index:
        index = with_login(settings.index) if is_ours else without_secrets(settings.index)
        values[PIP_CONF] = f"[global]\nindex-url = {index}\n"
    logins = _netrc(request) if is_ours else ""
    if logins:
        values[NETRC] = logins
    variables = {f"{VARIABLE}{number}": value for number, value in enumerate(values.values())}
    words += [f"id={name},env={VARIABLE}{number}" for number, name in enumerate(values)]
    return Given(arguments_of(request), tuple(words), variables)


def _netrc(request: BuildRequest) -> str:
    """Return the logins at the hosts that the locked packages come from."""
    lock = request.lock.platform(request.subdir) if request.lock else None
    found = logins_for(item.url for item in lock.packages) if lock else {}
    return "".join(
        f"machine {host.partition(':')[0]} login {login.user} password {login.password}\n"
        for host, login in found.items()
        if login.kind == "basic"
    )
