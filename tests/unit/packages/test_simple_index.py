"""Versions from a real index over HTTP: both forms of its pages, the cache, and being offline."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from envstudio.errors import Unavailable
from envstudio.packages import simple_index
from envstudio.packages.simple_index import FRESH_SECONDS, ProjectFile, project_files, versions
from envstudio.settings import Settings

FILES = [
    {"filename": "wheel_of_time-1.9-py3-none-any.whl", "url": "a", "hashes": {}},
    {"filename": "wheel_of_time-1.10-py3-none-any.whl", "url": "b", "hashes": {}, "requires-python": ">=3.9"},
    {"filename": "wheel_of_time-1.10.tar.gz", "url": "c", "hashes": {}, "requires-python": ">=3.9"},
    {"filename": "wheel_of_time-2.0rc1-py3-none-any.whl", "url": "d", "hashes": {}},
    {"filename": "wheel_of_time-1.11-py3-none-any.whl", "url": "e", "hashes": {}, "yanked": "broken"},
    {"filename": "wheel_of_time-1.12-py3-none-any.whl", "url": "f", "hashes": {}, "requires-python": ">=3.13"},
]
PAGE = {"meta": {"api-version": "1.1"}, "name": "wheel-of-time", "files": FILES, "versions": []}
HTML = """<html><body><a href="../f/old_one-0.1.tar.gz">old_one-0.1.tar.gz</a>
<a href="../f/old_one-0.2.tar.gz" data-requires-python="&gt;=3.12">old_one-0.2.tar.gz</a></body></html>"""


class _Index(BaseHTTPRequestHandler):
    requests: list[str]

    def do_GET(self) -> None:
        self.requests.append(self.path)
        pages = {
            "/simple/wheel-of-time/": ("application/vnd.pypi.simple.v1+json", json.dumps(PAGE)),
            "/simple/old-one/": ("text/html", HTML),
        }
        kind, text = pages.get(self.path, ("text/plain", "none"))
        self.send_response(200 if self.path in pages else 500 if "broken" in self.path else 404)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def index() -> Iterator[tuple[str, list[str]]]:
    """Serve an index; yield its address and the list of what it was asked."""
    requests: list[str] = []
    handler = type("Handler", (_Index,), {"requests": requests})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple", requests
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))


def test_json_page() -> None:
    with index() as (address, _):
        files = project_files(address, "Wheel_of.Time", Settings())
    assert versions(files) == ("1.12", "1.10", "1.9", "2.0rc1")
    assert versions(files, "3.12.7") == ("1.10", "1.9", "2.0rc1")


def test_html_page() -> None:
    with index() as (address, _):
        files = project_files(address, "old-one", Settings())
    assert versions(files) == ("0.2", "0.1")
    assert versions(files, "3.11") == ("0.1",)


def test_cache_is_used_while_fresh_and_refreshed_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    with index() as (address, requests):
        project_files(address, "old-one", Settings())
        project_files(address, "old-one", Settings())
        assert requests == ["/simple/old-one/"]
        (file,) = tmp_path.rglob("old-one.json")
        old = file.stat().st_mtime - FRESH_SECONDS - 1
        os.utime(file, (old, old))
        project_files(address, "old-one", Settings())
        assert len(requests) == 2
        assert simple_index.cached_projects(address) == ("old-one",)
        os.utime(file, (old, old))
    assert len(project_files(address, "old-one", Settings())) == 2, "an old answer is better than none"


def test_nothing_known_and_no_answer() -> None:
    with index() as (address, _):
        assert project_files(address, "absent", Settings()) == ()
        with pytest.raises(Unavailable, match="does not answer"):
            project_files(address, "broken", Settings())
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
        project_files(address, "old-one", Settings())
    with pytest.raises(Unavailable, match="Nothing is known"):
        project_files(address, "old-one", Settings(), fetch=False)


def test_strange_versions_are_left_out() -> None:
    assert versions([ProjectFile("not a version"), ProjectFile("1.0", "nonsense")], "3.12") == ("1.0",)
