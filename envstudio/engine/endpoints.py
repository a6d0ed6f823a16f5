"""Where a container engine may be: named by the user, by DOCKER_HOST, by Docker's context, or at a usual socket."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envstudio.errors import NotFound

NO_ENGINE = "Start Docker or Podman, or name its address (unix:///path/to/docker.sock) in the settings."
CONTEXT = "context:"
"""Before the name of a context of Docker's, in the setting `engine`."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to ask, and who says so. `named`: no one else is asked if it does not answer."""

    address: str
    origin: str
    named: bool = True
    tls: Any = None


def endpoints(address: str = "") -> Iterator[Endpoint]:
    """Yield the places to ask, first the one that was named. Raises `NotFound` for an unknown context."""
    if address.startswith(CONTEXT):
        yield _of_context(address.removeprefix(CONTEXT))
        return
    if address:
        yield Endpoint(address, "the settings")
        return
    if os.environ.get("DOCKER_HOST"):
        yield Endpoint("", "DOCKER_HOST")  # the SDK reads it, with the variables for TLS
        return
    current = _current_context()
    if current not in ("", "default"):
        yield _of_context(current)
        return
    for socket in usual_sockets():
        yield Endpoint(socket, "a usual socket", named=False)


def usual_sockets() -> list[str]:
    """Return the addresses at which engines listen on this kind of machine, those that exist."""
    if sys.platform == "win32":
        return ["npipe:////./pipe/docker_engine", "npipe:////./pipe/podman-machine-default"]
    home, runtime = Path.home(), Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    found = [
        Path("/var/run/docker.sock"),
        runtime / "docker.sock",
        home / ".docker" / "run" / "docker.sock",
        home / ".docker" / "desktop" / "docker.sock",
        home / ".orbstack" / "run" / "docker.sock",
        home / ".colima" / "default" / "docker.sock",
        home / ".rd" / "docker.sock",
        runtime / "podman" / "podman.sock",
        Path("/run/podman/podman.sock"),
        *sorted((home / ".local/share/containers/podman/machine").glob("**/podman*.sock")),
    ]
    return [f"unix://{path}" for path in found if _exists(path)]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _current_context() -> str:
    """Return the context in use, read from Docker's configuration without loading the SDK."""
    folder = os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker"
    try:
        configuration = json.loads(Path(folder, "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        configuration = {}
    chosen = configuration.get("currentContext", "") if isinstance(configuration, dict) else ""
    return str(os.environ.get("DOCKER_CONTEXT") or chosen)


def _of_context(name: str) -> Endpoint:
    from docker.context import ContextAPI

    found = ContextAPI.get_context(name)
    host = found.Host if found is not None else None
    if not host:
        raise NotFound(f"Docker has no context {name!r}.", "List them with: docker context ls")
    return Endpoint(str(host), f"Docker's context {name}", tls=found.TLSConfig)
