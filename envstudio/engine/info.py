"""What an engine says of itself, asked without the Docker SDK if it listens on this machine.

The window asks every few seconds, whether or not anyone builds. Loading the SDK for that takes eight megabytes.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from envstudio.engine.endpoints import NO_ENGINE, endpoints
from envstudio.errors import Act, Remedy, Unavailable

SECONDS = 5
PORT = 2375
PLAIN = ("unix", "tcp") if hasattr(socket, "AF_UNIX") else ("tcp",)
"""Ways to an engine that need no SDK; Python on Windows has no Unix sockets."""
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine says of itself. `platform` is its own, such as "linux/amd64"."""

    name: str
    version: str
    storage: str
    containerd_store: bool
    platform: str


def engine_info(facts: Mapping[str, Any]) -> EngineInfo:
    """Read the answer of the Engine API's `GET /info`."""
    status = dict(item for item in facts.get("DriverStatus") or [] if len(item) == 2)
    architecture = ARCHITECTURES.get(facts.get("Architecture", ""), "amd64")
    return EngineInfo(
        facts.get("Name", ""),
        facts.get("ServerVersion", ""),
        facts.get("Driver", ""),
        "containerd" in status.get("driver-type", ""),
        f"{facts.get('OSType', 'linux')}/{architecture}",
    )


def probe(address: str = "") -> EngineInfo | None:
    """Return what the first engine on a plain socket says; None if the SDK has to ask.

    `address` is as `connect` takes it. The SDK has to for ssh, TLS, Windows' pipes and answers that are none. Raises
    `Unavailable` if no one listens, `NotFound` for an unknown context.
    """
    for endpoint in endpoints(address):
        try:
            parts = urlsplit(endpoint.address or _plain_docker_host())
            if endpoint.tls or parts.scheme not in PLAIN:
                return None
            return engine_info(_info_at(parts.scheme, parts.path, parts.hostname or "", parts.port))
        except OSError as error:
            if endpoint.named:
                raise Unavailable(
                    "The container engine does not answer.",
                    NO_ENGINE,
                    f"{endpoint.origin}: {error}",
                    code="engine-stopped",
                    remedy=Remedy(Act.SET_SETTING, "engine"),
                ) from error
        except (HTTPException, ValueError):
            return None
    raise Unavailable(
        "No container engine was found.", NO_ENGINE, code="engine-stopped", remedy=Remedy(Act.SET_SETTING, "engine")
    )


def _plain_docker_host() -> str:
    return "" if os.environ.get("DOCKER_TLS_VERIFY") else os.environ.get("DOCKER_HOST", "")


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self._path)


def _info_at(scheme: str, path: str, host: str, port: int | None) -> dict[str, Any]:
    """Raise `OSError` if no one answers, `HTTPException` or `ValueError` if it is not an engine that does."""
    connection = _UnixConnection(path) if scheme == "unix" else HTTPConnection(host, port or PORT, timeout=SECONDS)
    try:
        connection.request("GET", "/info")
        answer = connection.getresponse()
        found = json.loads(answer.read()) if answer.status == 200 else None
    finally:
        connection.close()
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found
