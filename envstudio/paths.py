"""Where EnvStudio's files are: its own resources, and the user's configuration, data, cache and log folders."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import platformdirs

APP = "envstudio"


def resource(*parts: str) -> Path:
    """Return the path of a file that ships with the program."""
    return _resources().joinpath(*parts)


@cache
def _resources() -> Path:
    """Return the folder of the resources: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def config_file() -> Path:
    """Return the settings file: `ENVSTUDIO_CONFIG`, else one in the user's configuration folder."""
    given = os.environ.get("ENVSTUDIO_CONFIG")
    return Path(given) if given else Path(platformdirs.user_config_dir(APP, False)) / "settings.toml"


def data_dir() -> Path:
    """Return the folder of the default library: `ENVSTUDIO_DATA`, else the user's data folder."""
    given = os.environ.get("ENVSTUDIO_DATA")
    return Path(given) if given else Path(platformdirs.user_data_dir(APP, False))


def cache_dir(*parts: str) -> Path:
    """Return a folder in the cache: `ENVSTUDIO_CACHE`, else the user's cache folder. All of it may be deleted."""
    given = os.environ.get("ENVSTUDIO_CACHE")
    root = Path(given) if given else Path(platformdirs.user_cache_dir(APP, False))
    return root.joinpath(*parts)
