"""Secrets of variables and logins at hosts: put into the system's keyring, and read from it.

Definitions and settings hold names only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from envstudio import credentials
from envstudio.consents import Consent
from envstudio.credentials import Entry, Login, free_entry, secret_entry
from envstudio.domain.environment import Applies, Environment
from envstudio.errors import EnvStudioError, NotFound
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.consent import allow_secrets, refuse_secrets


def store_secret(workspace: str, name: str, value: str, *, report: Report) -> None:
    """Put a secret of a workspace into the system's keyring. Raises `Unavailable` if it is not kept there."""
    report.raise_if_cancelled()
    credentials.store_entry(secret_entry(workspace, name), value)


def forget_secret(workspace: str, name: str, *, report: Report) -> None:
    """Take a secret of a workspace out of the system's keyring. Raises `NotFound`, `Unavailable`."""
    report.raise_if_cancelled()
    entry = secret_entry(workspace, name)
    if credentials.find_entry(entry) is None:
        raise NotFound(f"No secret named {name!r} in the workspace '{workspace}'.", "Check its name.")
    credentials.forget_entry(entry)


def keep_new_secret(library: Library, environment: str, name: str, value: str, *, report: Report) -> str:
    """Put a secret into the keyring under a name that no other secret has, and return that name.

    The environment may read it from now on. Environments of one name in two libraries would else share the secret of
    the last of them. Raises `Unavailable`, `NotFound`.
    """
    report.raise_if_cancelled()
    free = free_entry(library.workspace, name, value)
    credentials.store_entry(free, value)
    allow_secrets(library, environment, [free.name])
    return free.name


def replace_secrets(values: Mapping[Entry, str | None], *, report: Report) -> dict[Entry, str | None]:
    """Put secrets into the keyring, take out those that are None, and return what was there before.

    Raises `Unavailable`; what was changed until then is put back.
    """
    report.raise_if_cancelled()
    before: dict[Entry, str | None] = {}
    try:
        for entry, value in values.items():
            before[entry] = credentials.peek_entry(entry)
            _put(entry, value)
    except EnvStudioError:
        for entry in list(before)[:-1]:
            _put(entry, before[entry])
        raise
    return before


def replace_own_secrets(
    library: Library, environment: str, values: Mapping[Entry, str | None], *, report: Report
) -> dict[Entry, str | None]:
    """Put secrets into the keyring whose values the user gave for an environment, which may read them from now on.

    Returns what was there before. Raises `Unavailable`, `NotFound`.
    """
    before = replace_secrets(values, report=report)
    allow_secrets(library, environment, [entry.name for entry in values])
    return before


def _put(entry: Entry, value: str | None) -> None:
    if value is None:
        credentials.forget_entry(entry)
    else:
        credentials.store_entry(entry, value)


def read_secret(workspace: str, name: str, *, report: Report) -> str:
    """Return a secret of a workspace from the system's keyring. Raises `NotFound`."""
    report.raise_if_cancelled()
    return credentials.read_secret(workspace, name)


def secret_values(
    library: Library, environment: Environment, applies: Applies, consent: Consent, settings: Settings
) -> dict[str, str]:
    """Return the values of the secret variables that apply, by variable.

    Raises `ConsentNeeded` for secrets that the environment is not allowed to read, `NotFound`.
    """
    wanted = [item for item in environment.variables if applies in item.applies and item.secret]
    refuse_secrets(library, environment.name, [item.secret for item in wanted], consent)
    read = partial(credentials.read_secret, library.workspace, file=settings.secrets_file)
    return {item.name: read(item.secret) for item in wanted}


def keep_login(host: str, login: Login, *, report: Report) -> None:
    """Remember how to log in at a channel's, an index's or a registry's host. Raises `InvalidInput`, `Unavailable`."""
    report.raise_if_cancelled()
    credentials.keep_login(host, login)


def find_login(host: str, *, report: Report) -> Login | None:
    """Return the login at a host, from the keyring or else from ~/.netrc; None if there is none."""
    report.raise_if_cancelled()
    return credentials.login_for(host)


def forget_login(host: str, *, report: Report) -> None:
    """Forget how to log in at a host. Raises `NotFound`."""
    report.raise_if_cancelled()
    credentials.forget_login(host)
