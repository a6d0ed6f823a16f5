"""What an engine says of itself is read without the Docker SDK, and the same as with it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from envstudio.engine.info import EngineInfo, probe
from envstudio.errors import NotFound, Unavailable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Engines listen on pipes on Windows.")

FACTS = {
    "Name": "build-7",
    "ServerVersion": "26.1.5",
    "Driver": "overlayfs",
    "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]],
    "OSType": "linux",
    "Architecture": "aarch64",
}
SAID = EngineInfo("build-7", "26.1.5", "overlayfs", True, "linux/arm64")


@pytest.fixture
def answers() -> list[bytes]:
    return [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + json.dumps(FACTS).encode()
    ]


@pytest.fixture
def engine(tmp_path: Path, answers: list[bytes]) -> Iterator[str]:
    """Something that answers like an engine, at a socket."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    location = os.path.relpath(tmp_path / "e.sock")
    server.bind(location)
    server.listen()

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.recv(4096)
                client.sendall(answers[0])

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"unix://{Path(location).absolute()}"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_an_engine_at_a_socket(engine: str) -> None:
    assert probe(engine) == SAID


def test_docker_host(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine)
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    assert probe() == SAID
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    assert probe() is None


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nno JSON",
        b"SSH-2.0-x\r\n",
    ],
    ids=["an error", "no JSON", "another protocol"],
)
def test_what_is_no_answer(engine: str, answers: list[bytes], answer: bytes) -> None:
    answers[0] = answer
    assert probe(engine) is None


@pytest.mark.parametrize("address", ["ssh://ana@far.example", "npipe:////./pipe/e", "tcp://[broken"])
def test_what_the_sdk_has_to_ask(address: str) -> None:
    assert probe(address) is None


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer") as caught:
        probe(f"unix://{tmp_path}/nobody.sock")
    assert "the settings" in caught.value.details
    with pytest.raises(NotFound, match="no context 'nowhere'"):
        probe("context:nowhere")


def test_the_sdk_is_not_loaded(engine: str) -> None:
    code = (
        "import sys; from envstudio.engine.info import probe; assert probe(sys.argv[1]); print('docker' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, engine], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_a_python_without_unix_sockets_leaves_them_to_the_sdk() -> None:
    code = "import socket; del socket.AF_UNIX\nfrom envstudio.engine.info import probe\nprint(probe('unix:///nowhere'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"
