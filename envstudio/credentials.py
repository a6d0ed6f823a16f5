"""What must stay secret: values of variables, and logins at hosts, kept in the system's keyring and nowhere else.

A login at a host serves whatever is there: a conda channel, a package index, or a registry of images. Where the keyring
has none, `~/.netrc` is asked, as pip and uv do.
"""

from __future__ import annotations

import base64
import contextlib
import json
import netrc
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote, urlsplit

from envstudio.errors import Act, InvalidInput, NotFound, Remedy, Unavailable
from envstudio.secret_text import find_secrets

SERVICE = "envstudio"
"""Where the keyring had everything before secrets and logins got places of their own; read once, then moved."""

LOGINS = "envstudio-logins"
NO_KEYRING = "Install one, such as gnome-keyring or KWallet."
VARIABLE = "ENVSTUDIO_SECRET_"
Kind = Literal["basic", "bearer", "conda"]


class Entry(NamedTuple):
    """An entry in the keyring, by service and name. Secrets and logins have different services."""

    service: str
    name: str


def secret_entry(workspace: str, name: str) -> Entry:
    """Return where a secret of a workspace is kept. No definition can name one of another workspace, or a login."""
    return Entry(f"{SERVICE}/{workspace}", name)


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


_OF_PROCESS: dict[str, Login] = {}
"""Logins by host that a settings file of an older EnvStudio holds, or one that was written by hand."""


def read_secret(workspace: str, name: str, file: str = "") -> str:
    """Return a secret of a workspace: from the variable ENVSTUDIO_SECRET_NAME, a file of secrets, or the keyring.

    Raises `NotFound`, and `InvalidInput` for a file that others can read.
    """
    given = os.environ.get(variable_of(name))
    if given is not None:
        return given
    if file and (known := _secrets_in(Path(file).expanduser()).get(workspace, {}).get(name)) is not None:
        return known
    entry = secret_entry(workspace, name)
    value = find_entry(entry)
    if value is None:
        raise NotFound(
            f"The secret {name!r} of the workspace {workspace} is not in this machine's keyring.",
            f"Give it in the variable {variable_of(name)}, or store it.",
            code="secret-missing",
            subject=name,
            remedy=Remedy(Act.STORE_SECRET, name),
        )
    return value


def variable_of(name: str) -> str:
    """Return the variable that a secret may be given in, on machines without a keyring."""
    return VARIABLE + re.sub(r"[^A-Za-z0-9]", "_", name).upper()


def _secrets_in(file: Path) -> dict[str, dict[str, str]]:
    """Read a TOML file of secrets, with a table for each workspace. Raises `InvalidInput`."""
    try:
        with file.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if os.name != "nt" and (status.st_mode & 0o077 or status.st_uid not in (os.geteuid(), 0)):
                raise InvalidInput(f"Others can read the secrets file {file}.", f"Protect it: chmod 600 {file}")
            document = tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = type(error).__name__ if isinstance(error, ValueError) else str(error)
        raise InvalidInput(f"The secrets file {file} cannot be read.", "Check the setting.", reason) from error
    tables = {name: table for name, table in document.items() if isinstance(table, dict)}
    return {name: {key: str(value) for key, value in table.items()} for name, table in tables.items()}


def store_entry(entry: Entry, value: str) -> None:
    """Put a value into the system's keyring. Raises `Unavailable` if it is not kept there."""
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        keyring.set_password(*entry, value)
        kept = keyring.get_password(*entry)
    except NoKeyringError as error:
        raise Unavailable(
            "This machine has no keyring, so nothing was changed.",
            NO_KEYRING,
            code="no-keyring",
            remedy=Remedy(Act.CHECK_INSTALLATION),
        ) from error
    except KeyringError as error:
        raise Unavailable(
            f"The keyring did not accept the secret {entry.name!r}, so nothing was changed.",
            "Unlock it.",
            str(error),
            code="no-keyring",
        ) from error
    if kept != value:
        # keyring's null backend takes everything and keeps nothing.
        raise Unavailable(
            f"The keyring did not keep the secret {entry.name!r}, so nothing was changed.",
            "Choose another backend of the keyring package.",
            code="no-keyring",
        )


def find_entry(entry: Entry) -> str | None:
    """Return a value of the system's keyring, None if it has none. Raises `NotFound` if it cannot be read."""
    value = _read(entry)
    old = _old(entry)
    if value is not None or old is None:
        return value
    value = _read(old)
    if value is not None:
        # What an older EnvStudio kept is moved, so that one workspace alone has it.
        with contextlib.suppress(Unavailable):
            store_entry(entry, value)
            forget_entry(old)
    return value


def peek_entry(entry: Entry) -> str | None:
    """Return a value of the system's keyring, and leave it in its place where an older EnvStudio kept it.

    None if it has none or cannot be read: it says why when it is written to.
    """
    old = _old(entry)
    try:
        value = _read(entry)
        return _read(old) if value is None and old is not None else value
    except NotFound:
        return None


def free_entry(workspace: str, name: str, value: str) -> Entry:
    """Return where a secret can be kept under that name, or one like it, without replacing another."""
    names = (name if number == 1 else f"{name}.{number}" for number in count(1))
    entries = (secret_entry(workspace, item) for item in names)
    return next(item for item in entries if peek_entry(item) in (None, value))


def forget_entry(entry: Entry) -> None:
    """Take a value out of the system's keyring, if it is there. Raises `Unavailable`."""
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        keyring.delete_password(*entry)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise Unavailable(f"The keyring did not remove the secret {entry.name!r}.", "Unlock it.", str(error)) from error


def _old(entry: Entry) -> Entry | None:
    """Return where an older EnvStudio kept a value; a secret whose name looks like a login's has no such place."""
    if entry.service == LOGINS:
        return Entry(SERVICE, f"login {entry.name}")
    return None if entry.name.startswith("login ") else Entry(SERVICE, entry.name)


def host_of(address: str) -> str:
    """Return "host" or "host:port" of an address, which may have a scheme, a user and a path."""
    return address.strip().rpartition("://")[2].partition("/")[0].rpartition("@")[2]


def keep_login(host: str, login: Login) -> None:
    """Remember how to log in at "host" or "host:port". Raises `InvalidInput`, `Unavailable`."""
    store_entry(*login_entry(host, login))


def login_entry(host: str, login: Login) -> tuple[Entry, str]:
    """Return where and as what a login is kept. Raises `InvalidInput`."""
    if not host or "/" in host or "@" in host:
        raise InvalidInput(f"{host!r} is not a host.", "Write it as conda.example or registry.example:5000.")
    return _entry(host), json.dumps({"kind": login.kind, "user": login.user, "password": login.password})


def forget_login(host: str) -> None:
    """Forget how to log in at a host. Raises `NotFound`, `Unavailable`."""
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    entry = _entry(host)
    with contextlib.suppress(NotFound):
        find_entry(entry)  # which moves one that an older EnvStudio kept
    try:
        keyring.delete_password(*entry)
    except NoKeyringError as error:
        raise Unavailable(
            "This machine has no keyring, so nothing was changed.",
            NO_KEYRING,
            code="no-keyring",
            remedy=Remedy(Act.CHECK_INSTALLATION),
        ) from error
    except KeyringError as error:
        raise NotFound(
            f"The keyring holds no credentials for {host}.",
            "Check the host's name.",
            str(error),
            code="login-missing",
            subject=host,
        ) from error


def login_for(host: str) -> Login | None:
    """Return the login at "host" or "host:port": from the keyring, else from ~/.netrc; None if there is none."""
    with contextlib.suppress(NotFound, json.JSONDecodeError, KeyError, TypeError):
        text = find_entry(_entry(host))
        if text is not None:
            facts = json.loads(text)
            return Login(facts["kind"], facts["password"], facts.get("user", ""))
    return _OF_PROCESS.get(host.lower()) or _from_netrc(host)


def use_logins_in(addresses: Iterable[str]) -> None:
    """Let this process use the logins that stand in addresses of the settings, for all that is at their hosts."""
    for address in addresses:
        for secret in find_secrets(address):
            if secret.kind == "login" and secret.host:
                password = "" if secret.user == secret.value else secret.value
                _OF_PROCESS[secret.host.lower()] = Login("basic", password, secret.user)


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


def _entry(host: str) -> Entry:
    return Entry(LOGINS, host.lower())


def _read(entry: Entry) -> str | None:
    """Read one value of the keyring. Raises `NotFound` if it cannot be read."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(*entry)
    except KeyringError as error:
        raise NotFound(
            f"The keyring cannot be read for {entry.name!r}.", "Unlock it.", str(error), code="no-keyring"
        ) from error


def _from_netrc(host: str) -> Login | None:
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        file = netrc.netrc()
        # The entry `default` is for whoever asks; a password goes only to a host that is named.
        found = file.hosts.get(host) or file.hosts.get(host.partition(":")[0])
        if found is not None:
            return Login("basic", found[2], found[0])
    return None
