"""Secrets of variables: put into the system's keyring, and read from it. Definitions hold their names only."""

from __future__ import annotations

from envstudio.errors import Unavailable
from envstudio.report import Report


def store_secret(name: str, value: str, *, report: Report) -> None:
    """Put a secret into the system's keyring. Raises `Unavailable` where it is not kept there."""
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    from envstudio.tasks.run import KEYRING_SERVICE

    report.raise_if_cancelled()
    try:
        keyring.set_password(KEYRING_SERVICE, name, value)
        kept = keyring.get_password(KEYRING_SERVICE, name)
    except NoKeyringError as error:
        raise Unavailable(
            "This machine has no keyring, so nothing was changed.",
            "Install one, such as gnome-keyring or KWallet.",
        ) from error
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


def read_secret(name: str, *, report: Report) -> str:
    """Return a secret from the system's keyring. Raises `NotFound`."""
    from envstudio.tasks.run import secret

    report.raise_if_cancelled()
    return secret(name)
