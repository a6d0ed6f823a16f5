"""Secrets of variables and logins at hosts: put into the system's keyring, and read from it.

Definitions and settings hold names only.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from envstudio import credentials
from envstudio.credentials import Login
from envstudio.errors import EnvStudioError, NotFound
from envstudio.report import Report


def store_secret(name: str, value: str, *, report: Report) -> None:
    """Put a secret into the system's keyring. Raises `Unavailable` where it is not kept there."""
    report.raise_if_cancelled()
    credentials.store_secret(name, value)


def keep_new_secret(name: str, value: str, *, report: Report) -> str:
    """Put a secret into the keyring under a name that no other secret has, and return that name. Raises `Unavailable`.

    Environments of one name in two libraries would else share the secret of the last of them.
    """
    report.raise_if_cancelled()
    names = (name if number == 1 else f"{name}.{number}" for number in count(1))
    free = next(item for item in names if _there(item) in (None, value))
    credentials.store_secret(free, value)
    return free


def replace_secrets(values: Mapping[str, str | None], *, report: Report) -> dict[str, str | None]:
    """Put secrets into the keyring, take out those that are None, and return what was there before.

    Raises `Unavailable`; what was changed until then is put back.
    """
    report.raise_if_cancelled()
    before: dict[str, str | None] = {}
    try:
        for name, value in values.items():
            before[name] = _there(name)
            _put(name, value)
    except EnvStudioError:
        for name in list(before)[:-1]:
            _put(name, before[name])
        raise
    return before


def _put(name: str, value: str | None) -> None:
    if value is None:
        credentials.forget_secret(name)
    else:
        credentials.store_secret(name, value)


def _there(name: str) -> str | None:
    try:
        return credentials.secret_or_none(name)
    except NotFound:
        # A keyring that cannot be read says why when it is written to.
        return None


def read_secret(name: str, *, report: Report) -> str:
    """Return a secret from the system's keyring. Raises `NotFound`."""
    report.raise_if_cancelled()
    return credentials.read_secret(name)


def keep_login(host: str, login: Login, *, report: Report) -> None:
    """Remember how to log in at a channel's, an index's or a registry's host. Raises `InvalidInput`, `Unavailable`."""
    report.raise_if_cancelled()
    credentials.keep_login(host, login)


def find_login(host: str, *, report: Report) -> Login | None:
    """Return the login at a host, from the keyring or else from ~/.netrc; None where there is none."""
    report.raise_if_cancelled()
    return credentials.login_for(host)


def forget_login(host: str, *, report: Report) -> None:
    """Forget how to log in at a host. Raises `NotFound`."""
    report.raise_if_cancelled()
    credentials.forget_login(host)
