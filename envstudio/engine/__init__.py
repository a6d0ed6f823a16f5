"""The container engine, through the Docker SDK: everything that EnvStudio asks of Docker or Podman.

No other package imports the SDK. Its errors are turned into ours here. What is named here is loaded when it is first
asked for: the window looks for an engine (`info`) without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envstudio.engine.engine import TOKEN_USER, Engine, EngineImage, connect, docker_login
    from envstudio.engine.info import EngineInfo
    from envstudio.engine.places import CONTEXT
    from envstudio.engine.streams import archive_members

__all__ = [
    "CONTEXT",
    "TOKEN_USER",
    "Engine",
    "EngineImage",
    "EngineInfo",
    "archive_members",
    "connect",
    "docker_login",
]

FILES = {"CONTEXT": "places", "EngineInfo": "info", "archive_members": "streams"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{FILES.get(name, 'engine')}"), name)
    globals()[name] = found
    return found
