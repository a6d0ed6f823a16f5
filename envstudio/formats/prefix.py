"""A folder of installed packages: a conda prefix or a virtual environment, taken over as it is.

Sources: conda's conda-meta records; PEP 405 (pyvenv.cfg); the dist-info folders of PyPA's core metadata, their
INSTALLER and direct_url.json (PEP 610).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from envstudio.domain.environment import Environment, Python
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import CondaRequirement, PipRequirement, conda_requirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats import native
from envstudio.formats.format import Source

META = "conda-meta"
HIDDEN_NAMES = ("venv", ".venv", "env", ".env", "envs", ".conda")
VERSION_IN_CONFIG = re.compile(r"^version(?:_info)?\s*=\s*(\d+\.\d+(?:\.\d+)?)", re.MULTILINE)
SEEDS = ("pip", "setuptools", "wheel")
"""What a new virtual environment may hold before anything is asked for."""


def is_prefix(path: Path) -> bool:
    """Tell whether a folder holds installed packages."""
    return (path / META).is_dir() or (path / "pyvenv.cfg").is_file()


def read_prefix(path: Path) -> Source:
    """Return the definition of what is installed in a folder, as native text. Raises `InvalidInput`."""
    name = cleaned_name(_name(path))
    environment = Environment(name, _of_conda(path) if (path / META).is_dir() else _of_venv(path))
    if not environment.python.conda and not environment.python.pip:
        raise InvalidInput(f"Nothing is installed in {path}.", "Name a conda environment or a virtual environment.")
    return Source(str(path if path.name else path.resolve()), native.to_text(environment), path)


def _name(path: Path) -> str:
    """Return what an environment is called: its folder, or the project's where that says nothing."""
    whole = path.resolve()
    return whole.parent.name if whole.name in HIDDEN_NAMES else whole.name


def _of_conda(path: Path) -> Python:
    """Return what was asked of conda, else all that it installed, and what pip put on top."""
    records = [json.loads(file.read_text("utf-8")) for file in sorted((path / META).glob("*.json"))]
    asked = [item for item in records if _was_asked(item)] or records
    own = {str(canonicalize_name(item["name"])) for item in records}
    channels = {_channel(str(item.get("channel") or "")): None for item in records}
    return Python(
        channels=tuple(filter(None, channels)) or ("conda-forge",),
        conda=tuple(_conda_pin(item) for item in asked),
        pip=tuple(_pip_pin(item) for item in _by_pip(path) if canonicalize_name(item.name) not in own),
    )


def _was_asked(record: dict[str, Any]) -> bool:
    # conda wrote the word None for what nobody asked for.
    return record.get("requested_spec") not in (None, "", "None") or any(record.get("requested_specs") or ())


def _channel(text: str) -> str:
    """Return a channel's name out of the address that a record keeps, which ends with the platform."""
    bare = re.sub(r"/(?:noarch|linux-\w+|osx-\w+|win-\w+)/?$", "", text.rstrip("/"))
    found = re.fullmatch(r"https?://conda\.anaconda\.org/(.+)", bare)
    return found.group(1) if found else bare


def _conda_pin(record: dict[str, Any]) -> CondaRequirement:
    return conda_requirement(f"{record['name']}={record['version']}")


def _of_venv(path: Path) -> Python:
    """Return what is installed in a virtual environment."""
    found = VERSION_IN_CONFIG.search((path / "pyvenv.cfg").read_text("utf-8", "replace"))
    version = ".".join(found.group(1).split(".")[:2]) if found else ""
    return Python(version=version, pip=tuple(_pip_pin(item) for item in _installed(path) if item.name not in SEEDS))


def _installed(path: Path) -> Iterator[Distribution]:
    """Yield what lies in a prefix's site-packages, sorted by name."""
    places = [*path.glob("lib/python3*/site-packages"), path / "Lib" / "site-packages"]
    found = {item.name: item for item in distributions(path=[str(place) for place in places if place.is_dir()])}
    yield from (found[name] for name in sorted(found, key=str.lower))


def _by_pip(path: Path) -> Iterator[Distribution]:
    return (item for item in _installed(path) if (item.read_text("INSTALLER") or "").strip() != "conda")


def _pip_pin(item: Distribution) -> PipRequirement:
    """Return the exact requirement: a Git commit or an address where it came from one, else the version."""
    origin = json.loads(item.read_text("direct_url.json") or "{}")
    url, vcs = str(origin.get("url", "")), origin.get("vcs_info")
    if vcs:
        return pip_requirement(f"{item.name} @ {vcs['vcs']}+{url}@{vcs['commit_id']}")
    if url.startswith(("http://", "https://")):
        return pip_requirement(f"{item.name} @ {url}")
    return pip_requirement(f"{item.name}=={item.version}")
