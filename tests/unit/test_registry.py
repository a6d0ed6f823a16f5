"""The registry client against answers that a real registry seldom gives, from servers of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from envstudio.credentials import Login, keep_login
from envstudio.errors import EnvStudioError
from envstudio.registry import Registry
from envstudio.settings import Settings

Answer = tuple[int, dict[str, str], bytes]
NOWHERE = "http://127.0.0.1:9"


@contextmanager
def answering(answer: Callable[[str, str], Answer]) -> Iterator[str]:
    """Yield the host of a server; `answer` gets a request's path and Authorization header."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_host_that_the_settings_except_is_asked_without_the_proxy() -> None:
    with answering(lambda _path, _login: (200, {}, b"{}")) as host:
        settings = Settings(http_proxy=NOWHERE)
        with pytest.raises(EnvStudioError, match="cannot be reached"):
            Registry(host, settings).check()
        Registry(host, Settings(http_proxy=NOWHERE, no_proxy="registry.example,127.0.0.1")).check()


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[]", b"{}"])
def test_a_token_service_without_a_token_is_told(body: bytes) -> None:
    def answer(path: str, _login: str) -> Answer:
        if path.startswith("/token"):
            return 200, {}, body
        return 401, {"WWW-Authenticate": f'Bearer realm="http://{hosts[0]}/token",service="test"'}, b""

    hosts: list[str] = []
    with answering(answer) as host:
        hosts.append(host)
        with pytest.raises(EnvStudioError) as caught:
            Registry(host, Settings()).check()
    assert "its token service answers without a token" in caught.value.details


@pytest.mark.usefixtures("kept_secrets")
def test_a_host_that_was_redirected_to_gets_no_login() -> None:
    seen: list[str] = []

    def thief(path: str, login: str) -> Answer:
        seen.append(login)
        if path.startswith("/token"):
            return 200, {}, b'{"token": "stolen"}'
        return 401, {"WWW-Authenticate": f'Bearer realm="http://{hosts[0]}/token",service="test"'}, b""

    hosts: list[str] = []
    with ExitStack() as stack:
        hosts.append(stack.enter_context(answering(thief)))
        location = f"http://{hosts[0]}/blob"
        host = stack.enter_context(answering(lambda _path, _login: (307, {"Location": location}, b"")))
        keep_login(host, Login("basic", "s3cret", "ana"))
        with pytest.raises(EnvStudioError):
            list(Registry(host, Settings()).blob("team/image", "sha256:" + "0" * 64))
    assert seen == [""]
