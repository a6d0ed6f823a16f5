"""What goes to an engine and comes from it piece by piece: archives as chunks, and what it says while it works."""

from __future__ import annotations

import contextlib
import io
import queue
import socket
import tarfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envstudio.report import Report

POLL_SECONDS = 0.02


def events_of(api: Any, events: Iterator[Any], report: Report) -> Iterator[Any]:
    """Yield what an engine says; a cancel hangs up, however long the engine says nothing."""
    responses: list[Any] = []
    hook = api.hooks["response"]
    keep = lambda response, *_args, **_options: responses.append(response)  # noqa: E731 - requests' form
    hook.append(keep)
    arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        try:
            for event in events:
                arrived.put(event)
            arrived.put(None)
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            arrived.put(error)

    threading.Thread(target=listen, name="engine-build", daemon=True).start()
    try:
        while True:
            try:
                event = arrived.get(timeout=POLL_SECONDS)
            except queue.Empty:
                report.raise_if_cancelled()
                continue
            if event is None:
                return
            if isinstance(event, BaseException):
                raise event
            yield event
            report.raise_if_cancelled()
    finally:
        hook.remove(keep)
        for response in responses:
            _hang_up(api, response)


def _hang_up(api: Any, response: Any) -> None:
    """Close the connection of a response, whoever reads from it."""
    # A response that was read to its end has no socket any more.
    with contextlib.suppress(OSError, AttributeError):
        found = api._get_raw_response_socket(response)
        getattr(found, "_sock", found).shutdown(socket.SHUT_RDWR)


class ChunkReader(io.RawIOBase):
    """Chunks as a file object, which is what the SDK's `build` takes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """Return a tar of some files by their absolute paths, readable by everybody."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def archive_members(chunks: Iterable[bytes]) -> Iterator[tuple[tarfile.TarInfo, Any]]:
    """Yield the members of an archive that comes as chunks, with a file object for each."""
    with tarfile.open(fileobj=io.BufferedReader(ChunkReader(chunks)), mode="r|") as archive:
        for member in archive:
            yield member, archive.extractfile(member)
