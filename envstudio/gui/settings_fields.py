"""The settings that are typed: what each is called, what is said about it, and what it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from envstudio import settings
from envstudio.domain.platforms import PLATFORMS
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import InvalidInput


class SettingField(NamedTuple):
    """One field. `refused` returns why a text cannot be meant, empty where it can."""

    key: str
    label: str
    hint: str = ""
    help: str = ""
    refused: Callable[[str], str] = lambda text: ""


def _items(text: str) -> Iterable[str]:
    return settings.listed(text)


def _no_platforms(text: str) -> str:
    unknown = [item for item in _items(text) if item not in PLATFORMS]
    return f"There is no platform {unknown[0]!r}. Choose among {', '.join(PLATFORMS)}." if unknown else ""


def _no_pins(text: str) -> str:
    for item in _items(text):
        try:
            conda_requirement(item)
        except InvalidInput as error:
            return f"{error.summary} {error.advice}"
    return ""


def _no_address(text: str) -> str:
    return "" if not text or "://" in text else f"{text!r} is not an address. Begin it with http:// or https://."


def _no_engine(text: str) -> str:
    if not text or "://" in text or text.startswith("context:"):
        return ""
    return f"{text!r} is not an engine. Write an address such as unix:///var/run/docker.sock, or context:NAME."


def _no_file(text: str) -> str:
    return "" if not text or Path(text).expanduser().is_file() else f"There is no file {text}."


def _no_hosts(text: str) -> str:
    wrong = [item for item in _items(text) if "/" in item or " " in item]
    return f"{wrong[0]!r} is not a host. Write it as registry.example:5000." if wrong else ""


GENERAL = (SettingField("author", "Author", "the name of your account", "Written beside versions and events"),)
FONTS = (
    SettingField("code_font", "Code font", "the system's fixed-width font", "For specs, digests, source and logs"),
)
NEW = (
    SettingField("channels", "Channels", "conda-forge", "Comma-separated, the first comes first"),
    SettingField("base_image", "Base image", settings.DEFAULT_BASE_IMAGE),
)
LOCKING = (
    SettingField(
        "platforms", "Platforms", "linux-64, osx-arm64", "Every environment is locked for these", _no_platforms
    ),
    SettingField(
        "pins", "Pins", "openssl<3.1, numpy>=2,<3", "Hold in every lock, without asking for the package", _no_pins
    ),
    SettingField("timeout", "Timeout", "60", "Seconds that a request to a channel or index may take"),
)
ENGINE = (
    SettingField("engine", "Engine", "unix:///var/run/docker.sock", "Empty finds Docker or Podman", _no_engine),
    SettingField("buildx_builder", "Buildx builder", "the engine's own", "BuildKit builds with this one"),
    SettingField("build_network", "Build network", "host", "The network of the commands of a Dockerfile"),
    SettingField("insecure_registries", "Insecure registries", "registry.example:5000", "Asked without TLS", _no_hosts),
)
NETWORK = (
    SettingField("index", "Package index", "https://index.example/simple", "Empty is the usual one", _no_address),
    SettingField("http_proxy", "HTTP proxy", "http://proxy.example:3128", refused=_no_address),
    SettingField("https_proxy", "HTTPS proxy", "http://proxy.example:3128", refused=_no_address),
    SettingField("no_proxy", "No proxy for", "localhost,.example.org"),
    SettingField(
        "ca_certificates", "CA certificates", "company.pem", "A file that is trusted besides the system's", _no_file
    ),
)
TABLES = (
    SettingField("mirror_channels", "Channels", "conda-forge = https://mirror.example/conda-forge"),
    SettingField("mirror_indexes", "Indexes", "https://index.example/simple = https://mirror.example/simple"),
    SettingField("mirror_images", "Images", "docker.io/library = registry.example/library"),
)
NAMES = (SettingField("pip_names", "Names for pip", "pytorch = torch"),)
FIELDS = {item.key: item for group in (GENERAL, FONTS, NEW, LOCKING, ENGINE, NETWORK, TABLES, NAMES) for item in group}
