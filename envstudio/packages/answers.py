"""What a server of packages answers: read whole within a limit, and refused if it is shorter than it says."""

from __future__ import annotations

import http.client
from typing import Protocol


class Response(Protocol):
    """What of an open answer is needed to read it."""

    @property
    def headers(self) -> http.client.HTTPMessage: ...

    def read(self, amount: int, /) -> bytes: ...


def expected_length(response: Response) -> int | None:
    """Return how many bytes an answer says that it has; None if it does not. Raises `HTTPException`."""
    length = response.headers.get("Content-Length")
    if length is None:
        return None
    if not (length.isascii() and length.isdigit()):
        raise http.client.HTTPException(f"the header Content-Length is {length[:40]!r}")
    return int(length)


def read_whole(response: Response, limit: int) -> bytes:
    """Return the bytes of an answer, `limit` at most. Raises `HTTPException` for one that is longer, or cut off."""
    body = response.read(limit + 1)
    if len(body) > limit:
        raise http.client.HTTPException(f"the answer has more than {limit >> 20} MB")
    expected = expected_length(response)
    if expected is not None and len(body) < expected:
        raise http.client.IncompleteRead(body, expected - len(body))
    return body
