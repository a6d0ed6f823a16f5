"""Tar files, read as a stream: source archives, and the parts of conda packages."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO

from envstudio.archives.rules import Kind, Member

BUFFER = 1 << 20
KINDS = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.AREGTYPE: Kind.FILE,
    tarfile.CONTTYPE: Kind.FILE,
    tarfile.GNUTYPE_SPARSE: Kind.FILE,
    tarfile.DIRTYPE: Kind.DIRECTORY,
    tarfile.SYMTYPE: Kind.SYMLINK,
    tarfile.LNKTYPE: Kind.HARD_LINK,
    tarfile.FIFOTYPE: Kind.PIPE,
}


def members(stream: IO[bytes]) -> Iterator[tuple[Member, tarfile.TarFile, tarfile.TarInfo]]:
    """Yield the members of a tar stream in order, each with what reads it before the next is requested.

    Raises `tarfile.TarError`, and what the stream raises.
    """
    with tarfile.open(fileobj=stream, mode="r|", bufsize=BUFFER) as archive:
        for item in archive:
            if item.size < 0:
                # Readers go on at different places then, and see different members.
                raise tarfile.ReadError(f"{item.name!r} has a negative size")
            kind = KINDS.get(item.type, Kind.DEVICE)
            yield Member(item.name, kind, item.size if kind is Kind.FILE else 0, item.linkname), archive, item
