"""settings: one key is set; a password or token in its value goes to the keyring, and never into the file."""

from __future__ import annotations

from envstudio import credentials, settings
from envstudio.credentials import Login
from envstudio.errors import InvalidInput
from envstudio.secret_text import find_secrets, without_secrets
from envstudio.settings import Settings


def set_setting(key: str, value: str) -> Settings:
    """Set one key from text, and return the new settings; logins in addresses are kept in the keyring.

    Raises `InvalidInput` for a value that is none or a token that is no login, and `Unavailable` without a keyring.
    Nothing is changed then.
    """
    found = find_secrets(value)
    if find_secrets(key):
        raise InvalidInput("The name of a setting holds a password or token.", "Leave it out: logins are kept by host.")
    logins = []
    for item in found:
        if not item.host or item.kind not in ("login", "path-token"):
            raise InvalidInput(
                f"The setting {key} holds a token, which is never stored.", "Give the address without it."
            )
        password = "" if item.user == item.value else item.value
        login = Login("conda", item.value) if item.kind == "path-token" else Login("basic", password, item.user)
        logins.append(credentials.login_entry(item.host, login))
    clean = without_secrets(value)
    if found:
        settings.check(key, clean)
    for entry, text in logins:
        credentials.store_entry(entry, text)
    return settings.assign(key, clean)
