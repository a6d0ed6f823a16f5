"""The cache of downloaded wheels."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import self_signed

from envstudio.archives.rules import UnsafeArchive
from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError, Unavailable
from envstudio.packages.wheels import download
from envstudio.report import silent
from envstudio.settings import Settings


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "tidy-1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    package = LockedPackage("tidy", "1.0", "pip", wheel.as_uri(), hashlib.sha256(b"a wheel").hexdigest())
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file where the folder should be")
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(in_the_way))
    with pytest.raises(EnvStudioError, match="cannot be written"):
        download([package], Settings(), silent())


def test_a_file_beyond_the_limit_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "tidy-1.0-py3-none-any.whl"
    wheel.write_bytes(b"x" * 2000)
    package = LockedPackage("tidy", "1.0", "pip", wheel.as_uri(), hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UnsafeArchive, match="has more than 1,024 bytes"):
        download([package], Settings(max_archive_size="1K"), silent())
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@pytest.fixture
def broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of a server whose TLS breaks in the middle of a file."""
    certificate, context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(4096)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 1000)
            os.write(secured.fileno(), b"no record of TLS at all")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        yield f"https://localhost:{server.getsockname()[1]}"
        thread.join()


def test_a_connection_that_breaks_is_no_matter_of_the_disk(broken_off: str) -> None:
    package = LockedPackage("tidy", "1.0", "pip", f"{broken_off}/tidy-1.0-py3-none-any.whl", "0" * 64)
    with pytest.raises(Unavailable, match="cannot be downloaded") as caught:
        download([package], Settings(), silent())
    assert "network" in caught.value.advice
