"""A server that answers every request with the same bytes, and bytes that no server should answer with."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: str | None = None) -> bytes:
    """Return an answer of HTTP; `length` is stated instead of the true one."""
    messages = str(len(body)) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {messages}", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


JSON = "Content-Type: application/vnd.pypi.simple.v1+json"
HTML = "Content-Type: text/html; charset=utf-8"
PAGE = b"<!DOCTYPE html><html><body><form action='/login'>Welcome to the network</form></body></html>"
MOVED = "302 Found"
ANSWERS = {
    "web page": answer(PAGE, HTML),
    "web page after a mark": answer(b"\xef\xbb\xbf" + PAGE, HTML),
    "web page called JSON": answer(PAGE, JSON),
    "web page in an unknown charset": answer(PAGE, "Content-Type: text/html; charset=no-such"),
    "nothing": answer(b"", JSON),
    "cut-off JSON": answer(b'{"meta": {"api-version": "1.0"}, "files": [', JSON),
    "a list": answer(b"[]", JSON),
    "null": answer(b"null", JSON),
    "text": answer(b'"x"', JSON),
    "wrong types": answer(b'{"meta": 1, "name": [], "files": {}, "manifests": 3, "layers": "x", "config": 1}', JSON),
    "nested JSON": answer(b"[" * 200_000, JSON),
    "nested objects": answer(b'{"a":' * 100_000, JSON),
    "a long number": answer(b'{"a": ' + b"1" * 5_000 + b"}", JSON),
    "no UTF-8": answer(b'{"a": "\xff\xfe\xfd"}', JSON),
    "more than it sends": answer(b'{"files": []}', JSON, length="5000"),
    "a page cut off": answer(b'<a href="x-1.0.tar.gz">x-1.0.tar.gz</a>', HTML, length="5000"),
    "a length that is none": answer(b"{}", JSON, length="many"),
    "a negative length": answer(b"{}", JSON, length="-5"),
    "a redirection to itself": answer(b"", "Location: /v2/", status=MOVED),
    "a redirection to nowhere": answer(b"", "Location: http://[", status=MOVED),
    "a redirection to a file": answer(b"", "Location: file:///no/such/file", status=MOVED),
    "a redirection to a port": answer(b"", "Location: http://127.0.0.1:99999999/", status=MOVED),
    "a redirection to no place": answer(b"", status=MOVED),
    "many headers": answer(b"{}", JSON, *(f"X-{number}: 1" for number in range(200))),
    "a long header": answer(b"{}", JSON, f"X: {'a' * 70_000}"),
    "a bad status": b"HTTP/1.1 abc\r\n\r\n",
    "a greeting": b"220 mail.example ESMTP\r\n",
    "silence": b"",
    "chunks that are none": answer(b"zz\r\n{}\r\n", "Transfer-Encoding: chunked").replace(b"Content-Length", b"X"),
    "gzip that is none": answer(b"{}" * 20, JSON, "Content-Encoding: gzip"),
    "an error page": answer(PAGE, HTML, status="500 Internal Server Error"),
    "a long challenge": answer(b"", f"WWW-Authenticate: Bearer {'a' * 60_000}", status="401 Unauthorized"),
    "a challenge without realm": answer(b"", "WWW-Authenticate: Bearer", status="401 Unauthorized"),
    "a challenge to nowhere": answer(b"", 'WWW-Authenticate: Bearer realm="http://["', status="401 Unauthorized"),
    "a challenge to a file": answer(b"", 'WWW-Authenticate: Bearer realm="file:///x"', status="401 Unauthorized"),
}


@contextmanager
def always(messages: bytes) -> Iterator[str]:
    """Yield the host and port of a server that answers with some bytes, whatever it is asked."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline() not in (b"\r\n", b"\n", b""):
                pass
            self.wfile.write(messages)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, *_: object) -> None:
            """Say nothing if a client went before it read all."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
