"""Bytecode of packages, kept beside the packages, so that each is compiled once whatever layers are made of it.

A file holds the modules of one package: for each the lengths of path and bytecode (big-endian, 4 bytes each), then
both.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Protocol

from envstudio import paths
from envstudio.disk import writing
from envstudio.packages.cache_files import sweep

HEAD = struct.Struct(">II")


class Compiler(Protocol):
    """Whatever gives the `.pyc` of a source."""

    def compiled(self, path: str, source: bytes) -> bytes:
        """Return the `.pyc` of a source for that path inside the image; empty if it is not valid."""


def folder() -> Path:
    """Return where the files are."""
    return paths.cache_dir("bytecode")


class StoredBytecode:
    """The bytecode of a package that was compiled before."""

    def __init__(self, file: IO[bytes], positions: dict[str, tuple[int, int]]) -> None:
        self._file, self._positions = file, positions

    def compiled(self, path: str, source: bytes) -> bytes:
        """Return the `.pyc` that is kept for a path."""
        offset, length = self._positions.get(path, (0, 0))
        self._file.seek(offset)
        return self._file.read(length)


class _Recorder:
    """Hands on what a compiler answers, and writes it down."""

    def __init__(self, compiler: Compiler, file: IO[bytes]) -> None:
        self._compiler, self._file = compiler, file

    def compiled(self, path: str, source: bytes) -> bytes:
        data = self._compiler.compiled(path, source)
        name = path.encode("utf-8", "surrogateescape")
        self._file.write(HEAD.pack(len(name), len(data)) + name + data)
        return data


@contextmanager
def stored(file: Path) -> Iterator[StoredBytecode | None]:
    """Open the bytecode of a package; None if there is none, or where it is damaged."""
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        yield None
        return
    with stream:
        positions = _positions(stream, file.stat().st_size)
        yield None if positions is None else StoredBytecode(stream, positions)


@contextmanager
def recorded(compiler: Compiler, file: Path) -> Iterator[Compiler]:
    """Lend a compiler whose answers are kept in a file, if all goes well."""
    with writing(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        sweep(file.parent, "*.part")
        part = NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False)  # noqa: SIM115 - renamed when closed
        try:
            with part:
                yield _Recorder(compiler, part)
            Path(part.name).replace(file)
        finally:
            Path(part.name).unlink(missing_ok=True)


def _positions(stream: IO[bytes], size: int) -> dict[str, tuple[int, int]] | None:
    """Return where the bytecode of each path begins, and its length in bytes; None for a damaged file."""
    positions = {}
    at = 0
    while at + HEAD.size <= size:
        stream.seek(at)
        name_length, length = HEAD.unpack(stream.read(HEAD.size))
        name = stream.read(name_length).decode("utf-8", "surrogateescape")
        at += HEAD.size + name_length
        positions[name] = (at, length)
        at += length
    return positions if at == size else None
