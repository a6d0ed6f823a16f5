"""What must stay secret: values of variables, and logins at hosts, kept in the system's keyring and nowhere else.

A login at a host serves whatever is there: a conda channel, a package index, or a registry of images. Where the keyring
has none, `~/.netrc` is asked, as pip and uv do.
"""

from __future__ import annotations

import base64
import contextlib
import json
import netrc
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit

from envstudio.errors import InvalidInput, NotFound, Unavailable

SERVICE = "envstudio"
NO_KEYRING = "Install one, such as gnome-keyring or KWallet."
Kind = Literal["basic", "bearer", "conda"]


@dataclass(frozen=True, slots=True)
class Login:
    """How a host is asked: "basic" with user and password, "bearer" with a token, "conda" with a token in the path."""

    kind: Kind
    password: str = field(repr=False)
    user: str = ""

    @property
    def header(self) -> str:
        """Return the value of HTTP's Authorization header; empty for a token that goes into the path."""
        if self.kind == "bearer":
            return f"Bearer {self.password}"
        if self.kind == "conda":
            return ""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def read_secret(name: str) -> str:
    """Return a secret from the system's keyring. Raises `NotFound`."""
    value = _read(name)
    if value is None:
        raise NotFound(
            f"The secret {name!r} is not in this machine's keyring.", f"Store it: keyring set {SERVICE} {name}"
        )
    return value


def store_secret(name: str, value: str) -> None:
    """Put a secret into the system's keyring. Raises `Unavailable` where it is not kept there."""
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        keyring.set_password(SERVICE, name, value)
        kept = keyring.get_password(SERVICE, name)
    except NoKeyringError as error:
        raise Unavailable("This machine has no keyring, so nothing was changed.", NO_KEYRING) from error
    except KeyringError as error:
        raise Unavailable(
            f"The keyring did not take the secret {name!r}, so nothing was changed.", "Unlock it.", str(error)
        ) from error
    if kept != value:
        # keyring's null backend takes everything and keeps nothing.
        raise Unavailable(
            f"The keyring did not keep the secret {name!r}, so nothing was changed.",
            "Choose another backend: keyring --list-backends",
        )


def host_of(address: str) -> str:
    """Return "host" or "host:port" of an address, which may have a scheme, a user and a path."""
    return address.strip().rpartition("://")[2].partition("/")[0].rpartition("@")[2]


def secret_or_none(name: str) -> str | None:
    """Return a secret from the system's keyring, None where it has none. Raises `NotFound` where it cannot be read."""
    return _read(name)


def forget_secret(name: str) -> None:
    """Take a secret out of the system's keyring, where it is there. Raises `Unavailable`."""
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        keyring.delete_password(SERVICE, name)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise Unavailable(f"The keyring did not let go of the secret {name!r}.", "Unlock it.", str(error)) from error


def keep_login(host: str, login: Login) -> None:
    """Remember how to log in at "host" or "host:port". Raises `InvalidInput`, `Unavailable`."""
    store_secret(*login_entry(host, login))


def login_entry(host: str, login: Login) -> tuple[str, str]:
    """Return the name and the secret by which a login is kept. Raises `InvalidInput`."""
    if not host or "/" in host or "@" in host:
        raise InvalidInput(f"{host!r} is no host.", "Write it as conda.example or registry.example:5000.")
    return _place(host), json.dumps({"kind": login.kind, "user": login.user, "password": login.password})


def forget_login(host: str) -> None:
    """Forget how to log in at a host. Raises `NotFound`, `Unavailable`."""
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        keyring.delete_password(SERVICE, _place(host))
    except NoKeyringError as error:
        raise Unavailable("This machine has no keyring, so nothing was changed.", NO_KEYRING) from error
    except KeyringError as error:
        raise NotFound(f"There is no login for {host} in the keyring.", "Check the host's name.", str(error)) from error


def login_for(host: str) -> Login | None:
    """Return the login at "host" or "host:port": from the keyring, else from ~/.netrc; None where there is none."""
    with contextlib.suppress(NotFound, json.JSONDecodeError, KeyError, TypeError):
        text = _read(_place(host))
        if text is not None:
            facts = json.loads(text)
            return Login(facts["kind"], facts["password"], facts.get("user", ""))
    return _from_netrc(host)


def logins_for(addresses: Iterable[str]) -> dict[str, Login]:
    """Return the logins at the hosts of some addresses, by "host" or "host:port"."""
    hosts = {urlsplit(address).netloc.rpartition("@")[2] for address in addresses if "://" in address}
    found = {host: login_for(host) for host in sorted(hosts) if host}
    return {host: login for host, login in found.items() if login is not None}


def with_login(address: str) -> str:
    """Return an address with user and password put in, for programs that take them there only; else as it is.

    The result is a secret: it goes into a private file or a pipe, never into a command, a log or an error.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return address
    login = login_for(parts.netloc)
    if login is None or login.kind != "basic":
        return address
    user, password = quote(login.user, safe=""), quote(login.password, safe="")
    return parts._replace(netloc=f"{user}:{password}@{parts.netloc}").geturl()


def _place(host: str) -> str:
    return f"login {host.lower()}"


def _read(name: str) -> str | None:
    """Read one value of the keyring. Raises `NotFound` where it cannot be read."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise NotFound(f"The keyring cannot be read for {name!r}.", "Unlock it.", str(error)) from error


def _from_netrc(host: str) -> Login | None:
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        file = netrc.netrc()
        # The entry `default` is for whoever asks; a password goes only to a host that is named.
        found = file.hosts.get(host) or file.hosts.get(host.partition(":")[0])
        if found is not None:
            return Login("basic", found[2], found[0])
    return None
