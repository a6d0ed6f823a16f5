"""Clients of registries, indexes and wheels against mutated answers of a server of the fuzzer's own."""

from __future__ import annotations

import base64
import io
import json
import random
import shutil
import socketserver
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

from envstudio import paths
from envstudio.builders.bases.from_registry import base_of
from envstudio.packages.simple_index import project_files
from envstudio.packages.wheel_metadata import metadata_in
from envstudio.packages.wheels import fetch_range, size_of
from envstudio.registry import Registry
from envstudio.report import Report
from envstudio.settings import Settings
from tests.fuzz.targets import Target

SETTINGS = Settings()
DIGEST = "sha256:" + "a" * 64
IMAGE = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": DIGEST, "size": 2},
    "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": DIGEST, "size": 5}],
}
INDEX = {
    "schemaVersion": 2,
    "manifests": [{"digest": DIGEST, "size": 2, "platform": {"os": "linux", "architecture": "amd64"}}],
}
PROJECT = {
    "meta": {"api-version": "1.1"},
    "name": "x",
    "versions": ["1.0"],
    "files": [
        {
            "filename": "x-1.0-py3-none-any.whl",
            "url": "https://files.example/x-1.0-py3-none-any.whl",
            "hashes": {"sha256": "a" * 64},
            "requires-python": ">=3.8",
            "yanked": False,
            "size": 10,
        }
    ],
}
PAGE = '<!DOCTYPE html>\n<html><body>\n<a href="x-1.0.tar.gz#sha256=0" data-requires-python="&gt;=3">x-1.0.tar.gz</a>\n'


def _answer(body: str, kind: str) -> str:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"


def client_targets(folder: Path) -> list[Target]:
    """Return the clients; each gets a whole answer of HTTP, its head too."""
    server = _Server()
    host = f"127.0.0.1:{server.server_address[1]}"
    manifests = tuple(_answer(json.dumps(item, indent=1), "application/json") for item in (IMAGE, INDEX))
    projects = (
        _answer(json.dumps(PROJECT, indent=1), "application/vnd.pypi.simple.v1+json"),
        _answer(PAGE, "text/html; charset=utf-8"),
    )

    def messages(ask: Callable[[], object]) -> Callable[[str], None]:
        def act(text: str) -> None:
            server.messages = text.encode("utf-8", "surrogatepass")
            ask()

        return act

    def project() -> object:
        shutil.rmtree(paths.cache_dir("index"), ignore_errors=True)
        return project_files(f"http://{host}/simple", "x", SETTINGS)

    def wheel(text: str) -> None:
        location = folder / "x-1.0-py3-none-any.whl"
        location.write_bytes(_wheel(text))
        metadata_in(location, str(location))

    return [
        Target("manifest", messages(lambda: Registry(host, SETTINGS).manifest("a/b", "1")), manifests),
        Target("base image", messages(lambda: base_of(f"{host}/a/b:1", "linux/amd64", SETTINGS, Report())), manifests),
        Target("index page", messages(project), projects),
        Target("file by ranges", messages(lambda: fetch_range(f"http://{host}/x.whl", SETTINGS, 0, 10)), projects),
        Target("file size", messages(lambda: size_of(f"http://{host}/x.whl", SETTINGS)), projects),
        Target("wheel", wheel, ("Name: x\nVersion: 1.0\nLicense: MIT\n",)),
    ]


def _wheel(text: str) -> bytes:
    """Return a wheel with a METADATA, damaged at one position that the text decides."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x-1.0.dist-info/METADATA", text.encode("utf-8", "surrogatepass"))
    data = bytearray(packed.getvalue())
    rng = random.Random(base64.b64encode(text.encode("utf-8", "surrogatepass")))
    at = rng.randrange(len(data))
    if rng.random() < 0.3:
        return bytes(data[:at])
    data[at] = rng.randrange(256)
    return bytes(data)


class _Server(socketserver.ThreadingTCPServer):
    """Answers each request with the same bytes and closes."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.messages = b""
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went before it read all."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            pass
        self.wfile.write(self.server.messages)
