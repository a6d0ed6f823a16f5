"""The user's settings: one TOML file, read by the window and the command line alike.

Values are read with the standard library; writing goes through tomlkit, so that comments and order survive.
"""

from __future__ import annotations

import getpass
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from envstudio import paths
from envstudio.disk import writing
from envstudio.errors import Act, InvalidInput, Remedy, Unavailable

DEFAULT_BASE_IMAGE = "python:3.11-slim-bookworm"
THEMES = ("system", "light", "dark")
FONT_SIZES = range(8, 17)
LOCK_SECONDS = 30
OPERATORS = ("<", ">", "=", "!", "~")

_PROXY = (re.compile(r"(?:https?|socks5h?)://[^\s/]+/?"), "http://HOST:PORT, such as http://proxy.example:3128")
_SIZE = (re.compile(r"\d+\s*(?:[KMGT](?:i?B)?)?", re.IGNORECASE), "a size such as 8 GiB or 500 MiB")
_INDEX = (re.compile(r"https?://[^\s/]+\S*|file://\S+"), "an address such as https://index.example/simple")
FORMS: dict[str, tuple[re.Pattern[str], str]] = {
    "http_proxy": _PROXY,
    "https_proxy": _PROXY,
    "index": _INDEX,
    "mirror_indexes": _INDEX,
    "mirror_channels": (
        re.compile(r"(?:https?|oci|s3|gcs)://[^\s/]+\S*|file://\S+|(?!\S*://)\S+"),
        "an address such as https://mirror.example/conda-forge, or a channel's name",
    ),
    "mirror_images": (
        re.compile(r"oci:.+|(?!\S*://)\S+"),
        "an image or the beginning of one, such as registry.example/library, without https://",
    ),
    "insecure_registries": (
        re.compile(r"[\w.-]+(?::\d+)?|\[[0-9a-fA-F:]+\](?::\d+)?"),
        "a host such as registry.example:5000",
    ),
    "max_file_size": _SIZE,
    "max_archive_size": _SIZE,
    "max_archive_members": (re.compile(r"[1-9]\d*"), "a whole number such as 1000000"),
    "engine": (
        re.compile(r"context:\S+|unix://.+|[a-z]+://\S+"),
        "an address such as unix:///var/run/docker.sock or tcp://host.example:2376, or context:NAME",
    ),
}
"""What the text of a setting must be in full, and how that is written."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. The TOML file holds only what differs from these.

    Mirrors map a prefix of a channel, index or image reference to what is used in its place. `pip_names` maps conda
    packages to what pip calls them, above what their own records say; `pip_names_file` is the path or URL of a JSON
    object of more names. `default_channels` are what the channel `defaults` means; empty leaves that to conda. `pins`
    ("openssl<3.1") hold in every lock.
    `engine` is an address or "context:NAME"; `buildx_builder` and `build_network` ("host") go to Docker.
    `insecure_registries` ("registry.example:5000") are asked without TLS. `timeout` is how many seconds a request to a
    channel or index may take; empty leaves it to rattler and uv. `max_file_size`, `max_archive_size` ("8 GiB") and
    `max_archive_members` limit what a package may hold; `archives/rules.py` has the defaults. `secrets_file` is a TOML
    file with a table of secrets for each workspace, for machines without a keyring.
    """

    author: str = ""
    library: str = ""
    workspace: str = "default"
    channels: tuple[str, ...] = ("conda-forge",)
    platforms: tuple[str, ...] = ("linux-64",)
    default_channels: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    base_image: str = DEFAULT_BASE_IMAGE
    builder: str = "auto"
    engine: str = ""
    buildx_builder: str = ""
    build_network: str = ""
    insecure_registries: tuple[str, ...] = ()
    theme: str = "system"
    font_size: str = ""
    code_font: str = ""
    ca_certificates: str = ""
    http_proxy: str = ""
    https_proxy: str = ""
    no_proxy: str = ""
    index: str = ""
    timeout: str = ""
    max_file_size: str = ""
    max_archive_size: str = ""
    max_archive_members: str = ""
    mirror_channels: Mapping[str, str] = field(default_factory=dict)
    mirror_indexes: Mapping[str, str] = field(default_factory=dict)
    mirror_images: Mapping[str, str] = field(default_factory=dict)
    secrets_file: str = ""
    pip_names: Mapping[str, str] = field(default_factory=dict)
    pip_names_file: str = ""

    def who(self) -> str:
        """Return the name that is written beside versions and events."""
        if self.author:
            return self.author
        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):  # before Python 3.13 a Windows without names needs pwd
            return "unknown"

    def process_variables(self) -> dict[str, str]:
        """Return the variables by which programs and libraries learn of proxies and CA certificates."""
        proxies = self.proxies()
        given = {
            "HTTP_PROXY": proxies.get("http", ""),
            "HTTPS_PROXY": proxies.get("https", ""),
            "NO_PROXY": self.no_proxy,
            "SSL_CERT_FILE": self.ca_certificates,
            "UV_HTTP_TIMEOUT": self.timeout,
        }
        return {name: value for name, value in given.items() if value}

    def proxies(self) -> dict[str, str]:
        """Return the proxies by scheme, each with the login that the keyring has for it; they are secrets then."""
        given = {"http": self.http_proxy, "https": self.https_proxy}
        return {scheme: _with_login(address) for scheme, address in given.items() if address}

    def subprocess_environment(self) -> dict[str, str]:
        """Return the environment for a program: this process's without its secrets, with the settings' proxies added.

        A program gets the secrets that it may have as variables of its own.
        """
        from envstudio.credentials import VARIABLE

        # Windows reads names of variables in any case.
        own = {name: value for name, value in os.environ.items() if not name.upper().startswith(VARIABLE)}
        return {**own, **self.process_variables()}

    def apply_to_process(self) -> None:
        """Let everything in this process (rattler, urllib) use the proxies and CA certificates of the settings."""
        os.environ.update(self.process_variables())
        mirrors = (*self.mirror_channels.values(), *self.mirror_indexes.values())
        texts = [text for text in (self.index, self.http_proxy, self.https_proxy, *mirrors) if "@" in text]
        if texts:
            from envstudio.credentials import use_logins_in

            use_logins_in(texts)


def _with_login(proxy: str) -> str:
    """Return a proxy's address with the login that the keyring has for it: programs take it there only."""
    from envstudio.credentials import with_login

    return with_login(proxy)


def mirrored(address: str, mirrors: Mapping[str, str]) -> str:
    """Return `address` with its longest mirrored prefix replaced; the address itself where none matches.

    A prefix matches whole path segments only: `docker.io/lib` does not match `docker.io/library`.
    """
    found = mirror_of(address, mirrors)
    if found is None:
        return address
    mirror, rest = found
    return mirror.rstrip("/") + rest if rest else mirror


def mirror_of(address: str, mirrors: Mapping[str, str]) -> tuple[str, str] | None:
    """Return what is put instead of an address's longest mirrored prefix, and what follows that prefix."""
    for prefix in sorted(mirrors, key=len, reverse=True):
        bare = prefix.rstrip("/")
        if address == bare or (address.startswith(bare) and address[len(bare)] in "/:@"):
            return mirrors[prefix], address[len(bare) :]
    return None


def load(path: Path | None = None) -> Settings:
    """Read the settings file; a missing file means the defaults. Raises `InvalidInput` naming file and key."""
    path = path or paths.config_file()
    found = {}
    for key, value in _read(path).items():
        try:
            found[key] = _checked(key, value)
        except InvalidInput as error:
            raise InvalidInput(
                f"{path}: {error.summary}",
                f"{error.advice} Or restore its default.",
                code="invalid-setting",
                subject=key,
                remedy=Remedy(Act.RESTORE_SETTING, key),
            ) from error
    return Settings(**found)


def _read(path: Path) -> dict[str, Any]:
    """Return what the settings file holds, whatever the values are. Raises `InvalidInput`."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"The settings file {path} is not valid TOML.",
            "Fix the line named below, or delete the file.",
            str(error),
            code="invalid-setting",
            subject=str(path),
        ) from error
    except OSError as error:
        raise InvalidInput(f"The settings file {path} cannot be read.", "Check the path.", str(error)) from error
    known = {item.name for item in fields(Settings)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise InvalidInput(
            f"The settings file {path} has an unknown key: {unknown[0]}.",
            f"Known keys are {', '.join(sorted(known))}.",
            code="invalid-setting",
            subject=unknown[0],
        )
    return data


def assign(key: str, value: str, path: Path | None = None) -> Settings:
    """Set one key from text and save the file; an empty value restores the default. Returns the new settings.

    Lists are written comma-separated. Mirrors are set as `mirror_images.PREFIX` with the replacement as value. Raises
    `InvalidInput`; a file that cannot be used is left alone, except that a wrong value may be set anew.
    """
    path = path or paths.config_file()
    with _locked(path):
        return _assigned(key, value, path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one program at a time read the file and write it again. Raises `EnvStudioError`."""
    from filelock import FileLock, Timeout

    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(path.name + ".lock"), timeout=LOCK_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout as error:
            raise Unavailable(
                f"The settings file {path} is in use by another program.", "Try again when it has finished."
            ) from error
    try:
        yield
    finally:
        lock.release()


def _assigned(key: str, value: str, path: Path) -> Settings:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    name, _, item = key.partition(".")
    if not _is_wrong(name, _read(path)):
        load(path)
    parsed = _parsed(key, value)
    try:
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    except TOMLKitError as error:
        raise InvalidInput(
            f"The settings file {path} is not valid TOML.",
            "Fix it.",
            str(error),
            code="invalid-setting",
            subject=str(path),
        ) from error
    if item:
        if not isinstance(document.get(name), dict):
            document[name] = tomlkit.table()
        table: Any = document[name]
        table.pop(item, None)
        if value:
            table[item] = value
        elif not table:
            del document[name]
    elif value:
        document[name] = list(parsed) if isinstance(parsed, tuple) else parsed
    else:
        document.pop(name, None)
    _replace(path, tomlkit.dumps(document))
    return load(path)


def check(key: str, value: str) -> None:
    """Raise `InvalidInput` for a text that is not a value of a setting; nothing is written."""
    _parsed(key, value)


def _parsed(key: str, value: str) -> Any:
    """Return a text as the value of a setting. Raises `InvalidInput`."""
    name, _, item = key.partition(".")
    if item and not isinstance(getattr(Settings(), name, {}), dict):
        raise InvalidInput(
            f"The setting {name} has no entries.",
            "Set it whole.",
            code="invalid-setting",
            subject=name,
            remedy=Remedy(Act.SET_SETTING, name),
        )
    return _checked(name, {item: value} if item else _from_text(name, value))


def _is_wrong(key: str, data: Mapping[str, Any]) -> bool:
    """Return whether settings have a value for a key that cannot be used."""
    if key not in data:
        return False
    try:
        _checked(key, data[key])
    except InvalidInput:
        return True
    return False


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all, readable by its user alone, since addresses in it may hold logins."""
    target = path.resolve()  # a link to a file elsewhere stays one
    temporary = target.with_name(target.name + ".new")
    with writing(target):
        try:
            temporary.touch(0o600)
            temporary.chmod(0o600)
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


def _from_text(key: str, value: str) -> Any:
    """Turn the text given on the command line into the key's type."""
    default = getattr(Settings(), key, None)
    if isinstance(default, dict) and value:
        raise InvalidInput(
            f"{key} is a table.",
            "Set one of its entries.",
            code="invalid-setting",
            subject=key,
            remedy=Remedy(Act.SET_SETTING, f"{key}.PREFIX"),
        )
    if isinstance(default, dict):
        return {}
    return listed(value) if isinstance(default, tuple) else value


def listed(text: str) -> list[str]:
    """Split a comma-separated text; a part that begins with an operator belongs to the one before: numpy>=2,<3."""
    items: list[str] = []
    for part in (part.strip() for part in text.split(",")):
        if items and part[:1] in OPERATORS:
            items[-1] += f",{part}"
        elif part:
            items.append(part)
    return items


def _refuse_form(key: str, text: str, where: str) -> None:
    """Raise `InvalidInput` for a text that is not an address if one is wanted; an empty one means the default."""
    pattern, form = FORMS.get(key, (None, ""))
    if pattern is not None and text and not pattern.fullmatch(text):
        # Errors hide a login if a scheme says that it is one; here the scheme may be what lacks.
        shown = f"***@{text.rpartition('@')[2]}" if "@" in text and "://" not in text else text
        raise InvalidInput(
            f"The setting {where} cannot be {shown!r}.", f"Write {form}.", code="invalid-setting", subject=where
        )


def _checked(key: str, value: Any) -> Any:
    """Return a value in the type of its key, or raise `InvalidInput`."""
    default = getattr(Settings(), key, None)
    if default is None:
        known = ", ".join(item.name for item in fields(Settings))
        raise InvalidInput(
            f"No setting named {key!r}.", f"Known settings are {known}.", code="invalid-setting", subject=key
        )
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            for item in value:
                _refuse_form(key, item, key)
            return tuple(value)
        raise InvalidInput(
            f"The setting {key} must be a list of strings.",
            f"Got {value!r}.",
            code="invalid-setting",
            subject=key,
        )
    if isinstance(default, dict):
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            for item, text in value.items():
                _refuse_form(key, text, f"{key}.{item}")
            return dict(value)
        raise InvalidInput(
            f"The setting {key} must be a table of strings.",
            f"Got {value!r}.",
            code="invalid-setting",
            subject=key,
        )
    if not isinstance(value, str):
        raise InvalidInput(
            f"The setting {key} must be a string.", f"Got {value!r}.", code="invalid-setting", subject=key
        )
    if key == "timeout" and value and not (value.isdigit() and int(value) > 0):
        raise InvalidInput(
            f"The setting timeout cannot be {value!r}.",
            "Give a whole number of seconds, such as 60.",
            code="invalid-setting",
            subject=key,
        )
    if key == "font_size" and value and not (value.isdigit() and int(value) in FONT_SIZES):
        low, high = FONT_SIZES[0], FONT_SIZES[-1]
        raise InvalidInput(
            f"The setting font_size cannot be {value!r}.",
            f"Give a number of points, {low} to {high}.",
            code="invalid-setting",
            subject=key,
        )
    _refuse_form(key, value, key)
    if key == "theme" and value and value not in THEMES:
        raise InvalidInput(
            f"The setting {key} cannot be {value!r}.",
            f"Choose one of {', '.join(THEMES)}.",
            code="invalid-setting",
            subject=key,
        )
    return value
