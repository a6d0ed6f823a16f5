"""The container engine, through the Docker SDK: everything that EnvStudio asks of Docker or Podman.

No other package imports the SDK. Its errors are turned into ours here. What is named here is loaded when it is first
requested: the window looks for an engine (`info`) without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envstudio.on_demand import loaded_on_demand

if TYPE_CHECKING:
    from envstudio.engine.endpoints import CONTEXT
    from envstudio.engine.engine import TOKEN_USER, Engine, EngineImage, connect, connected_if_running, docker_login
    from envstudio.engine.info import EngineInfo
    from envstudio.engine.streams import archive_members

__all__ = [
    "CONTEXT",
    "TOKEN_USER",
    "Engine",
    "EngineImage",
    "EngineInfo",
    "archive_members",
    "connect",
    "connected_if_running",
    "docker_login",
]

__getattr__ = loaded_on_demand(
    __name__,
    {
        "engine": ["TOKEN_USER", "Engine", "EngineImage", "connect", "connected_if_running", "docker_login"],
        "info": ["EngineInfo"],
        "endpoints": ["CONTEXT"],
        "streams": ["archive_members"],
    },
)
