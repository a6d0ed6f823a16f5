"""What a conda package is called on the package index: what it provides satisfies pip's requirements.

The user's `pip_names` come first, then the package's own purls, then a table of packages of this field. Any other
package goes by its own name if it is a Python package: conda's graphviz and zstd are libraries that merely share a name
with projects of the index.
"""

from __future__ import annotations

import re
import urllib.error
from collections.abc import Mapping
from pathlib import Path

from packaging.utils import canonicalize_name, is_normalized_name

from envstudio.domain.lock import LockedPackage
from envstudio.domain.plain_data import json_table
from envstudio.errors import Act, InvalidInput, Remedy, Unavailable
from envstudio.packages.answers import read_whole
from envstudio.packages.wheels import opener, request_for
from envstudio.settings import Settings

MAX_BYTES = 16 << 20
TIMEOUT_SECONDS = 20
PYTHON = re.compile(r"(?:\S+::)?(?:python|python_abi|python-gil|pypy)(?![\w-])")
NO_NAMES: Mapping[str, str] = {}

DIFFERENT_NAMES = {
    # conda package: (project on the package index, the feedstock whose recipe builds it from that project)
    "brotli-python": ("brotli", "conda-forge/brotli-feedstock"),
    "dask-core": ("dask", "conda-forge/dask-core-feedstock"),
    "docker-py": ("docker", "conda-forge/docker-py-feedstock"),
    "matplotlib-base": ("matplotlib", "conda-forge/matplotlib-feedstock"),
    "msgpack-python": ("msgpack", "conda-forge/msgpack-python-feedstock"),
    "nbconvert-core": ("nbconvert", "conda-forge/nbconvert-feedstock"),
    "py-opencv": ("opencv-python", "conda-forge/opencv-feedstock"),
    "py-xgboost": ("xgboost", "conda-forge/xgboost-feedstock"),
    "pyarrow-core": ("pyarrow", "conda-forge/arrow-cpp-feedstock"),
    "pytables": ("tables", "conda-forge/pytables-feedstock"),
    "python-duckdb": ("duckdb", "conda-forge/python-duckdb-feedstock"),
    "python-flatbuffers": ("flatbuffers", "conda-forge/python-flatbuffers-feedstock"),
    "python-graphviz": ("graphviz", "conda-forge/python-graphviz-feedstock"),
    "python-kaleido": ("kaleido", "conda-forge/python-kaleido-feedstock"),
    "python-kubernetes": ("kubernetes", "conda-forge/python-kubernetes-feedstock"),
    "python-lmdb": ("lmdb", "conda-forge/python-lmdb-feedstock"),
    "python-tzdata": ("tzdata", "conda-forge/python-tzdata-feedstock"),
    "pytorch": ("torch", "conda-forge/pytorch-cpu-feedstock"),
    "ray-core": ("ray", "conda-forge/ray-packages-feedstock"),
    "seaborn-base": ("seaborn", "conda-forge/seaborn-feedstock"),
    "sentencepiece-python": ("sentencepiece", "conda-forge/sentencepiece-feedstock"),
    "tensorflow-base": ("tensorflow", "conda-forge/tensorflow-feedstock"),
}


def pypi_names(package: LockedPackage, stated: Mapping[str, str] = NO_NAMES) -> set[str]:
    """Return the normalized names by which pip knows a conda package; none if it is no Python package.

    `stated` are the user's own names for conda packages; an empty one says that the package satisfies nothing of pip's.
    """
    if package.name in stated:
        return _normalized(stated[package.name])
    purls = [purl.split("?", 1)[0].split("@", 1)[0] for purl in package.purls]
    if named := {
        name for purl in purls if purl.startswith("pkg:pypi/") for name in _normalized(purl.rsplit("/", 1)[-1])
    }:
        return named
    if package.name in DIFFERENT_NAMES:
        return {DIFFERENT_NAMES[package.name][0]}
    return _normalized(package.name) if is_python_package(package) else set()


def is_python_package(package: LockedPackage) -> bool:
    """Return whether a conda package installs modules of Python, which those that depend on Python do."""
    return any(PYTHON.match(item) for item in package.dependencies)


def stated_names(settings: Settings) -> Mapping[str, str]:
    """Return the user's names for conda packages: those of the settings, and below them those of their mapping file.

    Raises `InvalidInput` for a file that is no mapping, `Unavailable` if it cannot be read or fetched.
    """
    if not settings.pip_names_file:
        return settings.pip_names
    return {**_mapping(settings.pip_names_file, settings), **settings.pip_names}


def _mapping(source: str, settings: Settings) -> dict[str, str]:
    """Read a JSON object of conda names and the projects' names; null says that a package is no project."""
    data = json_table(_text(source, settings), source).data
    if wrong := [key for key, value in data.items() if value is not None and not isinstance(value, str)]:
        raise InvalidInput(
            f"{source} gives {wrong[0]} no name.",
            "Write a JSON object of conda names and names on the package index.",
            code="invalid-setting",
            subject="pip_names_file",
            remedy=Remedy(Act.SET_SETTING, "pip_names_file"),
        )
    return {key: value or "" for key, value in data.items()}


def _text(source: str, settings: Settings) -> bytes:
    try:
        if "://" not in source:
            return Path(source).expanduser().read_bytes()
        return _fetched(source, settings)
    except (OSError, urllib.error.URLError) as error:
        raise Unavailable(
            f"The names for pip cannot be read from {source}.",
            "Check the setting.",
            str(error),
            code="network",
            remedy=Remedy(Act.SET_SETTING, "pip_names_file"),
        ) from error


def _fetched(source: str, settings: Settings) -> bytes:
    with opener(settings).open(request_for(source), timeout=TIMEOUT_SECONDS) as response:
        return read_whole(response, MAX_BYTES)


def _normalized(name: str) -> set[str]:
    found = str(canonicalize_name(name)) if name else ""
    return {found} if found and is_normalized_name(found) else set()
