"""The container engine, through the Docker SDK: everything that EnvStudio asks of Docker or Podman.

No other package imports the SDK. Its errors are turned into ours here.
"""

from __future__ import annotations

from envstudio.engine.engine import (
    TOKEN_USER,
    Engine,
    EngineImage,
    EngineInfo,
    archive_members,
    connect,
    docker_login,
)
from envstudio.engine.places import CONTEXT

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
