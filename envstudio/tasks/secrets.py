"""Secrets of variables and logins at hosts: put into the system's keyring, and read from it.

Definitions and settings hold names only.
"""

from __future__ import annotations

from envstudio import credentials
from envstudio.credentials import Login
from envstudio.report import Report


def store_secret(name: str, value: str, *, report: Report) -> None:
    """Put a secret into the system's keyring. Raises `Unavailable` where it is not kept there."""
    report.raise_if_cancelled()
    credentials.store_secret(name, value)


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
