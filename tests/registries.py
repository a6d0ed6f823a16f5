"""A registry of images (the CNCF distribution project's, Debian's docker-registry), started for a test."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

CONFIG = """version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
AUTH = """auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}
"""
LOGIN = ("ana", "hunter2")
HASH = "$2y$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8."
"""bcrypt of the password."""


def free_port() -> int:
    """Return a port of this machine that no one listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def registry(folder: Path, *, password: bool = False) -> Iterator[str]:
    """Yield the host of a registry, one that requests `LOGIN` if wanted."""
    program = shutil.which("docker-registry") or "docker-registry"
    port = free_port()
    text = CONFIG + (AUTH if password else "")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yml").write_text(text.format(folder=folder, port=port))
    (folder / "htpasswd").write_text(f"{LOGIN[0]}:{HASH}\n")
    with subprocess.Popen([program, "serve", str(folder / "config.yml")], stderr=subprocess.DEVNULL) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/v2/")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            requests.get(url, timeout=1)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise TimeoutError(url)


class BreakingProxy:
    """Hands connections on to a host, and breaks the first one on which more than some bytes were sent."""

    def __init__(self, host: str, after: int) -> None:
        name, _, port = host.partition(":")
        self._target, self._after, self.broken = (name, int(port)), after, 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            target = socket.create_connection(self._target)
            threading.Thread(target=self._pump, args=(client, target, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(target, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, upload: bool) -> None:
        sent = 0
        try:
            while data := source.recv(65536):
                sent += len(data)
                if upload and not self.broken and sent > self._after:
                    self.broken = sent
                    break
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
