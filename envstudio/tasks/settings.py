"""settings: one key is set; a password or token in its value goes to the keyring, and never into the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from envstudio import credentials, settings
from envstudio.credentials import Entry, Login
from envstudio.domain.image_name import checked_base
from envstudio.domain.platforms import PLATFORMS
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.secret_text import find_secrets, without_secrets
from envstudio.settings import Settings
from envstudio.tasks.edit import checked_channel


def check_setting(key: str, value: str) -> None:
    """Raise `InvalidInput` for a text that is not a value of a setting, or that nothing could be done with.

    `settings` knows the form of each; what platforms, match specs and files there are is known here.
    """
    settings.check(key, value)
    check = CHECKS.get(key)
    if value and check is not None:
        check(value)


def _check_platforms(value: str) -> None:
    for name in settings.listed(value):
        if name not in PLATFORMS:
            raise InvalidInput(
                f"No platform named {name!r}.",
                f"Choose among {', '.join(PLATFORMS)}.",
                code="unknown-platform",
                subject=name,
            )


def _check_pins(value: str) -> None:
    for item in settings.listed(value):
        conda_requirement(item)


def _check_channels(value: str) -> None:
    for item in settings.listed(value):
        checked_channel(item)


def _check_base_image(value: str) -> None:
    checked_base(value)


def _check_file(value: str) -> None:
    if Path(value).expanduser().is_dir():
        raise InvalidInput(f"{value} is a folder.", "Name a file in it.", code="not-a-file", subject=value)
    if not Path(value).expanduser().is_file():
        raise InvalidInput(f"There is no file {value}.", "Check the path.", code="file-missing", subject=value)


def _check_builder(value: str) -> None:
    from envstudio.builders import builder_names

    if value not in builder_names():
        raise InvalidInput(
            f"The setting builder cannot be {value!r}.",
            f"Choose one of {', '.join(builder_names())}.",
            code="invalid-setting",
            subject="builder",
        )


CHECKS: dict[str, Callable[[str], None]] = {
    "platforms": _check_platforms,
    "pins": _check_pins,
    "channels": _check_channels,
    "default_channels": _check_channels,
    "base_image": _check_base_image,
    "builder": _check_builder,
    "ca_certificates": _check_file,
    "secrets_file": _check_file,
}


def set_setting(key: str, value: str) -> Settings:
    """Set one key from text, and return the new settings; logins in addresses are kept in the keyring.

    Raises `InvalidInput` for a value that is none or a token that is not a login, and `Unavailable` without a keyring.
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
    check_setting(key, clean)
    if clean and CHECKS.get(key) is _check_file:
        # It is read from wherever a program is started.
        clean = str(Path(clean).expanduser().absolute())
    before = [(entry, credentials.peek_entry(entry)) for entry, _ in logins]
    try:
        for entry, text in logins:
            credentials.store_entry(entry, text)
        return settings.assign(key, clean)
    except EnvStudioError:
        _put_back(before)
        raise


def _put_back(entries: Sequence[tuple[Entry, str | None]]) -> None:
    """Have the keyring hold what it held before."""
    with suppress(EnvStudioError):
        for entry, text in entries:
            if text is None:
                credentials.forget_entry(entry)
            else:
                credentials.store_entry(entry, text)
