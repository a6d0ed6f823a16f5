"""The password of a private base image's registry: kept in the keyring, named in the definition."""

from __future__ import annotations

from envstudio import credentials
from envstudio.credentials import Login
from envstudio.domain.environment import Registry
from envstudio.errors import InvalidInput
from envstudio.report import Report


def secret_name(registry: Registry) -> str:
    """Return the secret's name: the definition's own, else one made from the registry's address."""
    return registry.password or f"registry.{credentials.host_of(registry.address)}"


def keep_registry_password(registry: Registry, password: str, *, report: Report) -> str:
    """Put a password into the keyring, by its name and as the login of the host; return the name.

    Raises `InvalidInput` without an address or a user, and `Unavailable` where there is no keyring.
    """
    report.raise_if_cancelled()
    if not (registry.address and registry.username):
        raise InvalidInput("A password belongs to a registry and a user.", "Type the address and the user first.")
    name = secret_name(registry)
    credentials.store_secret(name, password)
    credentials.keep_login(credentials.host_of(registry.address), Login("basic", password, registry.username))
    return name
