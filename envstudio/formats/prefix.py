"""A folder of installed packages: a conda prefix or a virtual environment, taken over as it is.

Sources: conda's conda-meta records; PEP 405 (pyvenv.cfg); the dist-info folders of PyPA's core metadata, their
INSTALLER and direct_url.json (PEP 610).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageMetadata, distributions
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.utils import canonicalize_name

from envstudio.domain.environment import Environment, Python
from envstudio.domain.plain_data import Table, json_table
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import CondaRequirement, PipRequirement, conda_requirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats import native
from envstudio.formats.format import Source

META = "conda-meta"
HIDDEN_NAMES = ("venv", ".venv", "env", ".env", "envs", ".conda")
VERSION_IN_CONFIG = re.compile(r"^version(?:_info)?\s*=\s*(\d+\.\d+(?:\.\d+)?)", re.MULTILINE)
ORIGIN = "direct_url.json"
REINSTALL = "Install the package again, or import the file that the environment was made from."
SEEDS = ("pip", "setuptools", "wheel")
"""What a new virtual environment may hold before anything is requested."""


def is_prefix(path: Path) -> bool:
    """Return whether a folder holds installed packages."""
    return (path / META).is_dir() or (path / "pyvenv.cfg").is_file()


def read_prefix(path: Path) -> Source:
    """Return the definition of what is installed in a folder, as native text. Raises `InvalidInput`."""
    name = cleaned_name(_name(path))
    environment = Environment(name, _of_conda(path) if (path / META).is_dir() else _of_venv(path))
    if not environment.python.conda and not environment.python.pip:
        raise InvalidInput(
            f"Nothing is installed in {path}.",
            "Name a conda environment or a virtual environment.",
            code="unrecognised-format",
            subject=str(path),
        )
    return Source(str(path if path.name else path.resolve()), native.to_text(environment), path)


def _name(path: Path) -> str:
    """Return what an environment is called: its folder, or the project's if that says nothing."""
    whole = path.resolve()
    return whole.parent.name if whole.name in HIDDEN_NAMES else whole.name


def _of_conda(path: Path) -> Python:
    """Return what was asked of conda, else all that it installed, and what pip put on top."""
    records = [_record(file) for file in sorted((path / META).glob("*.json"))]
    requested = [item for item in records if _was_requested(item)] or records
    own = {str(canonicalize_name(item.needed("name"))) for item in records}
    channels = {_channel(item.text("channel")): None for item in records}
    return Python(
        channels=tuple(filter(None, channels)) or ("conda-forge",),
        conda=tuple(_conda_pin(item) for item in requested),
        pip=tuple(_pip_pin(item) for item in _by_pip(path) if canonicalize_name(item.name) not in own),
    )


def _record(file: Path) -> Table:
    """Return conda's record of a package. Raises `InvalidInput`."""
    try:
        return json_table(file.read_bytes(), str(file), REINSTALL)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput(f"{file} cannot be read: {reason}.", "Check its permissions.") from error


def _was_requested(record: Table) -> bool:
    # conda wrote the word None for what no one requested.
    return record.text("requested_spec") not in ("", "None") or any(record.texts("requested_specs"))


def _channel(text: str) -> str:
    """Return a channel's name out of the address that a record keeps, which ends with the platform."""
    bare = re.sub(r"/(?:noarch|linux-\w+|osx-\w+|win-\w+)/?$", "", text.rstrip("/"))
    found = re.fullmatch(r"https?://conda\.anaconda\.org/(.+)", bare)
    return found.group(1) if found else bare


def _conda_pin(record: Table) -> CondaRequirement:
    text = f"{record.needed('name')}={record.needed('version')}"
    try:
        return conda_requirement(text)
    except InvalidInput as error:
        raise record.error(f"names no package: {text}", error.summary) from error


def _of_venv(path: Path) -> Python:
    """Return what is installed in a virtual environment."""
    found = VERSION_IN_CONFIG.search((path / "pyvenv.cfg").read_text("utf-8", "replace"))
    version = ".".join(found.group(1).split(".")[:2]) if found else ""
    return Python(version=version, pip=tuple(_pip_pin(item) for item in _installed(path) if item.name not in SEEDS))


def _installed(path: Path) -> Iterator[Distribution]:
    """Yield what lies in a prefix's site-packages, sorted by name."""
    folders = [*path.glob("lib/python3*/site-packages"), path / "Lib" / "site-packages"]
    there = distributions(path=[str(folder) for folder in folders if folder.is_dir()])
    found = {_named(item): item for item in there}
    yield from (found[name] for name in sorted(found, key=str.lower))


def _named(item: Distribution) -> str:
    """Return a distribution's name. Raises `InvalidInput` if its metadata has none, or no version."""
    metadata = _metadata(item)
    if "Name" not in metadata or "Version" not in metadata:
        raise _damaged(item, "METADATA names no package and version")
    return metadata["Name"]


def _metadata(item: Distribution) -> PackageMetadata:
    try:
        return item.metadata
    except UnicodeDecodeError as error:
        raise _damaged(item, "METADATA is not UTF-8") from error
    except FileNotFoundError as error:
        # The backport importlib_metadata, which takes over if it is loaded, raises this for an empty file too.
        raise _damaged(item, "METADATA is missing or empty") from error


def _text(item: Distribution, name: str) -> str:
    try:
        return item.read_text(name) or ""
    except UnicodeDecodeError as error:
        raise _damaged(item, f"{name} is not UTF-8") from error


def _damaged(item: Distribution, reason: str) -> InvalidInput:
    return InvalidInput(f"{item.locate_file('')}: a package in it is damaged: its {reason}.", REINSTALL)


def _by_pip(path: Path) -> Iterator[Distribution]:
    return (item for item in _installed(path) if _text(item, "INSTALLER").strip() != "conda")


def _pip_pin(item: Distribution) -> PipRequirement:
    """Return the exact requirement that `pip freeze` has: where a package came from, else its version."""
    origin = json_table(_text(item, ORIGIN) or "{}", f"{ORIGIN} of {item.name}", REINSTALL)
    url, vcs = origin.text("url"), origin.table("vcs_info")
    fragment = f"subdirectory={origin.text('subdirectory')}" if origin.text("subdirectory") else ""
    if vcs.data:
        text = f"{item.name} @ {vcs.needed('vcs')}+{url}@{vcs.needed('commit_id')}"
    elif origin.table("dir_info").data.get("editable") is True and url.startswith("file:"):
        text = f"-e {url2pathname(urlsplit(url).path)}"
    elif url.startswith(("http://", "https://", "file:")):
        digest = origin.table("archive_info").table("hashes").text("sha256")
        fragment = "&".join(filter(None, (f"sha256={digest}" if digest else "", fragment)))
        text = f"{item.name} @ {url}"
    else:
        text, fragment = f"{item.name}=={item.version}", ""
    text = f"{text}#{fragment}" if fragment else text
    try:
        return pip_requirement(text)
    except InvalidInput as error:
        raise _damaged(item, f"METADATA and {ORIGIN} make no requirement: {text}") from error
