"""Which keyring keeps secrets and logins on this machine."""

from __future__ import annotations

from envstudio.report import Report

NONE = "This machine has no keyring, so secrets and logins cannot be kept."


def keyring_state(*, report: Report) -> str:
    """Name the keyring in a sentence; looking for one may take a moment."""
    import keyring
    from keyring.backends import fail, null

    report.raise_if_cancelled()
    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring | null.Keyring):
        return NONE
    return f"Secrets and logins are kept by {backend.name}."
