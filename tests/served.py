"""A folder served over HTTP on this machine, as companies serve channels and indexes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Handler(SimpleHTTPRequestHandler):
    """Serves files; `admits` sees each request's path and headers first and says which status it gets."""

    def __init__(self, *args: object, admits: Callable[[str, str], int], **kwargs: object) -> None:
        self._admits = admits
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        status = self._admits(self.path, self.headers.get("Authorization", ""))
        if status == 200:
            super().do_GET()
            return
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        if self._admits(self.path, self.headers.get("Authorization", "")) == 200:
            super().do_HEAD()
        else:
            self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path, admits: Callable[[str, str], int] = lambda _path, _login: 200) -> Iterator[str]:
    """Yield the address of a folder; `admits` gets path and Authorization header and returns the status to answer."""
    handler = partial(_Handler, directory=str(folder), admits=admits)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
