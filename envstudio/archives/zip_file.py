"""Zip files (wheels, and the outside of `.conda` packages), opened only if every reader sees the same members.

A zip file tells its members twice, at each and at its end. Readers that use one list and readers that use the other
must not unpack different files, so what lies between the members, or is named differently, is rejected.
Source: PKWARE's APPNOTE, 4.3.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from envstudio.archives.rules import Checker, Kind, Limits, Member, UnsafeArchive

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
ENCRYPTED, STREAMED = 0x1, 0x8
DESCRIPTOR_SIZES = (12, 16, 20, 24)
"""Of the sizes that may follow the data of a member that was written as a stream."""

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What reading a damaged zip file raises."""

DAMAGE_ADVICE = "Fetch it again, or choose another version."


@contextmanager
def opened(path: Path, name: str, limits: Limits, *, duplicates: bool = False) -> Iterator[zipfile.ZipFile]:
    """Open a zip file whose members all lie inside it. Raises `UnsafeArchive`; `name` is what its errors call it.

    With `duplicates` a file may come twice, which pip takes in wheels and source archives.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, Checker(name, limits, duplicates=duplicates))
            yield archive
    except DAMAGED as error:
        raise UnsafeArchive(name, f"it is damaged ({error})", DAMAGE_ADVICE) from error


def _check(archive: zipfile.ZipFile, checker: Checker) -> None:
    members = archive.infolist()
    for member in members:
        if member.flag_bits & ENCRYPTED:
            checker.reject(f"its member {member.filename!r} is encrypted")
        # A zip file has no way to tell links that every reader knows: to pip and to us they are files with a text.
        kind = Kind.DIRECTORY if member.is_dir() else Kind.FILE
        checker.add(Member(member.orig_filename, kind, member.file_size))
    _check_layout(archive, members, checker)
    checker.finish()


def _check_layout(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], checker: Checker) -> None:
    """Reject a file that holds anything before, between or behind the members that its directory lists."""
    file = archive.fp
    assert file is not None
    at, streamed = 0, False
    for member in sorted(members, key=lambda item: item.header_offset):
        gap = member.header_offset - at
        if gap and not (at and gap in DESCRIPTOR_SIZES and streamed):
            checker.reject("it holds data that its directory does not list")
        file.seek(member.header_offset)
        fields = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
        name = file.read(fields[9])
        if name != member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437"):
            checker.reject(f"its member {member.filename!r} has two names")
        streamed = bool(member.flag_bits & STREAMED)
        at = member.header_offset + LOCAL_HEADER.size + fields[9] + fields[10] + member.compress_size
    gap = archive.start_dir - at
    if gap and not (members and gap in DESCRIPTOR_SIZES and streamed):
        checker.reject("it holds data that its directory does not list")
