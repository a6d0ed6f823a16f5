"""Licence and size of wheels: from the file, from beside it, by ranges, and kept."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from served import served

from envstudio.archives import wheel as wheel_archive
from envstudio.domain.lock import LockedPackage
from envstudio.errors import InvalidInput
from envstudio.packages.wheel_metadata import WheelFacts, facts_of, license_of, metadata_in
from envstudio.report import silent
from envstudio.settings import Settings

NAME = "tiny-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("text", "license_"),
    [
        ("License-Expression: MIT\nLicense: something else\n", "MIT"),
        ("License: BSD-3-Clause\n", "BSD-3-Clause"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n", "MIT License"),
        (f"License: {'long ' * 40}\nClassifier: License :: OSI Approved\n", ""),
        ("Classifier: Topic :: Software\n", ""),
    ],
)
def test_the_licence_of_core_metadata(text: str, license_: str) -> None:
    assert license_of(Parser().parsestr(text)) == license_


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "index" / NAME
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny/data.bin", bytes(200_000))
        archive.writestr("tiny-1.0.dist-info/METADATA", "Name: tiny\nLicense-Expression: MIT\n")
    return path


def _package(wheel: Path, address: str) -> LockedPackage:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return LockedPackage("tiny", "1.0", "pip", f"{address}/{NAME}", digest)


def test_metadata_beside_the_wheel_is_read_and_kept(wheel: Path) -> None:
    wheel.with_name(f"{NAME}.metadata").write_text("Name: tiny\nLicense-Expression: Apache-2.0\n")
    with served(wheel.parent) as address:
        package = _package(wheel, address)
        found = facts_of([package], Settings(), silent())
    assert found == {package.sha256: WheelFacts("Apache-2.0", wheel.stat().st_size)}
    assert facts_of([package], Settings(), silent()) == found  # no one serves it any more


def test_a_server_without_metadata_and_ranges_leaves_it_unknown(wheel: Path) -> None:
    with served(wheel.parent) as address:
        assert facts_of([_package(wheel, address)], Settings(), silent()) == {}


@pytest.fixture
def ranges(wheel: Path) -> Iterator[tuple[str, list[int]]]:
    """Serve the wheel by ranges, and count the bytes that were requested."""
    sent: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(wheel.stat().st_size))
            self.end_headers()

        def do_GET(self) -> None:
            requests = self.headers.get("Range", "")
            if not requests:
                self.send_error(404)
                return
            start, end = map(int, requests.removeprefix("bytes=").split("-"))
            data = wheel.read_bytes()[start : end + 1]
            sent.append(len(data))
            self.send_response(206)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()


def test_ranges_of_the_remote_wheel_suffice(wheel: Path, ranges: tuple[str, list[int]]) -> None:
    address, sent = ranges
    package = _package(wheel, address)
    assert facts_of([package], Settings(), silent()) == {package.sha256: WheelFacts("MIT", wheel.stat().st_size)}
    assert sum(sent) < wheel.stat().st_size


def _packed(path: Path, method: int = zipfile.ZIP_DEFLATED, member: str = "tiny-1.0.dist-info/METADATA") -> bytes:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(member, "Name: tiny\nLicense-Expression: MIT\n" + "Classifier: x\n" * 50)
    return path.read_bytes()


def _with(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new)


BROKEN = {
    "no archive": lambda path: b"<html>Welcome</html>",
    "nothing": lambda path: b"",
    "cut off": lambda path: _packed(path)[:-30],
    "without METADATA": lambda path: _packed(path, member="tiny/__init__.py"),
    "bad data": lambda path: _with(_packed(path), _packed(path)[60:70], b"\xff" * 10),
    "unknown packing": lambda path: _with(_packed(path), b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x00\x00\x63\x00"),
    "encrypted": lambda path: _with(_packed(path), b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x01\x00\x08\x00"),
    "a name twice over": lambda path: _with(_packed(path, zipfile.ZIP_STORED), b"PK\x03\x04", b"PK\x03\x05"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_wheel_is_named_with_the_reason(tmp_path: Path, name: str) -> None:
    path = tmp_path / NAME
    path.write_bytes(BROKEN[name](tmp_path / "made.whl"))
    with pytest.raises(InvalidInput) as caught:
        metadata_in(path, str(path))
    assert str(path) in caught.value.summary
    assert caught.value.details


def test_metadata_that_unpacks_to_more_than_any_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel_archive, "METADATA_BYTES", 100)
    _packed(tmp_path / NAME)
    with pytest.raises(InvalidInput) as caught:
        metadata_in(tmp_path / NAME, NAME)
    assert "METADATA has more than" in caught.value.details
