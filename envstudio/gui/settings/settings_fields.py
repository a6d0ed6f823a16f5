"""The settings that are typed: what each is called, and the note on it."""

from __future__ import annotations

from typing import NamedTuple

from envstudio import settings


class SettingField(NamedTuple):
    """One field. `hint` is the default, or what is done without a value, or an example."""

    key: str
    label: str
    hint: str = ""
    help: str = ""

    @property
    def example(self) -> str:
        """Return the hint of a field that is shown by an example."""
        return self.hint.removeprefix("such as ")


GENERAL = (
    SettingField("author", "Author", "the name of your account", "Written beside versions and events"),
    SettingField("secrets_file", "Secrets file", "such as secrets.toml", "Read where there is no keyring"),
)
FONTS = (
    SettingField("code_font", "Code font", "the system's fixed-width font", "For specs, digests, source and logs"),
)
NEW = (
    SettingField("channels", "Channels", "conda-forge", "Comma-separated, the first comes first"),
    SettingField("base_image", "Base image", settings.DEFAULT_BASE_IMAGE),
)
LOCKING = (
    SettingField(
        "platforms",
        "Platforms",
        "linux-64",
        "Every environment is locked for these, such as linux-64, osx-arm64",
    ),
    SettingField(
        "pins",
        "Pins",
        "such as openssl<3.1, numpy>=2,<3",
        "Hold in every lock, without requesting the package",
    ),
    SettingField("default_channels", "Channel defaults", "conda's own", "What the channel defaults means"),
    SettingField("timeout", "Timeout", "such as 60", "Seconds that a request to a channel or index may take"),
)
ENGINE = (
    SettingField("engine", "Engine", "such as unix:///var/run/docker.sock", "Empty finds Docker or Podman"),
    SettingField("buildx_builder", "Buildx builder", "the engine's own", "BuildKit builds with this one"),
    SettingField("build_network", "Build network", "such as host", "The network of the commands of a Dockerfile"),
    SettingField(
        "insecure_registries", "Insecure registries", "such as registry.example:5000", "Contacted without TLS"
    ),
)
PACKAGES = (
    SettingField("max_file_size", "Largest file", "8 GiB", "Of a package when unpacked; larger ones are rejected"),
    SettingField("max_archive_size", "Largest package", "32 GiB", "When unpacked; larger ones are rejected"),
    SettingField("max_archive_members", "Most files", "1000000", "In one package; one with more is rejected"),
)
NETWORK = (
    SettingField("index", "Package index", "such as https://index.example/simple", "Empty is the usual one"),
    SettingField("http_proxy", "HTTP proxy", "such as http://proxy.example:3128"),
    SettingField("https_proxy", "HTTPS proxy", "such as http://proxy.example:3128"),
    SettingField("no_proxy", "No proxy for", "such as localhost,.example.org"),
    SettingField(
        "ca_certificates",
        "CA certificates",
        "such as company.pem",
        "A file that is trusted besides the system's",
    ),
)
TABLES = (
    SettingField("mirror_channels", "Channels", "such as conda-forge = https://mirror.example/conda-forge"),
    SettingField("mirror_indexes", "Indexes", "such as https://index.example/simple = https://mirror.example/simple"),
    SettingField("mirror_images", "Images", "such as docker.io/library = registry.example/library"),
)
NAMES = (
    SettingField("pip_names", "Names for pip", "such as pytorch = torch"),
    SettingField(
        "pip_names_file", "File of names", "such as names.json", "A path or URL of a JSON object of more names"
    ),
)
SECTIONS = (
    ("General", (*GENERAL, *FONTS)),
    ("New environments", NEW),
    ("Locking", LOCKING),
    ("Engine", ENGINE),
    ("Network", NETWORK),
    ("Limits of packages", PACKAGES),
    ("Mirrors", TABLES),
    ("Names", NAMES),
)
FIELDS = {item.key: item for _, group in SECTIONS for item in group}
