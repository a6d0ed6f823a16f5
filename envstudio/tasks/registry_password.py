"""The password of a private base image's registry: kept in the keyring, named in the definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envstudio import credentials
from envstudio.credentials import Entry, Login, secret_entry
from envstudio.domain.environment import Registry
from envstudio.errors import InvalidInput
from envstudio.report import Report
from envstudio.tasks.secrets import replace_secrets


def secret_name(registry: Registry) -> str:
    """Return the secret's name: the definition's own, else one made from the registry's address."""
    return registry.password or f"registry.{credentials.host_of(registry.address)}"


@dataclass(frozen=True, slots=True)
class KeptPassword:
    """The secret's name, and what the keyring has now and had before."""

    name: str
    before: Mapping[Entry, str | None] = field(repr=False)
    after: Mapping[Entry, str | None] = field(repr=False)


def keep_registry_password(workspace: str, registry: Registry, password: str, *, report: Report) -> KeptPassword:
    """Put a password into the keyring, by its name and as the login of the host.

    Raises `InvalidInput` without an address or a user, and `Unavailable` if there is no keyring.
    """
    report.raise_if_cancelled()
    if not (registry.address and registry.username):
        raise InvalidInput("A password belongs to a registry and a user.", "Type the address and the user first.")
    name = secret_name(registry)
    login = Login("basic", password, registry.username)
    entry, text = credentials.login_entry(credentials.host_of(registry.address), login)
    after: dict[Entry, str | None] = {secret_entry(workspace, name): password, entry: text}
    return KeptPassword(name, replace_secrets(after, report=report), after)
