"""conda packages, checked before anything links them: the archive, its own list of files, and its entry points.

Sources: conda's package format (`.tar.bz2`, and `.conda`, a zip of two zstandard tars), `info/paths.json`,
`info/files` of older packages, and `info/link.json` of noarch ones.
"""

from __future__ import annotations

import bz2
import json
import re
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from envstudio.archives import tar_file, zip_file
from envstudio.archives.rules import Checker, Kind, Limits, UnsafeArchive, is_plain_name

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RULES = 2
"""Changes whenever a package that passed before may not pass any more, or more is kept of what it holds."""

INFO = "info/"
LISTS = ("info/paths.json", "info/files", "info/link.json")
COPIED = ("info/recipe/", "info/test/")
"""Folders that the author of a package filled: nothing reads them, so links there may be any that stay inside."""
LIST_BYTES = 256 << 20
"""The longest list of a package that is read; that of a package with a million files has about as much."""

LINK_TYPES = {"softlink": Kind.SYMLINK, "hardlink": Kind.FILE}
LINK_SCRIPT = re.compile(r"(?:bin/\.|Scripts/\.)(.+)-(pre-link|post-link|pre-unlink)\.(?:sh|bat)")
DAMAGED = (tarfile.TarError, zstd.ZstdError, OSError, EOFError, ValueError)
"""What reading a damaged archive raises."""


@dataclass(frozen=True, slots=True)
class CondaContents:
    """What a checked package holds: its files, its links with their targets, and its scripts for linking.

    `programs` are the names of the entry points of a noarch package, for which a linker writes launchers.
    """

    files: tuple[str, ...]
    links: dict[str, str]
    scripts: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


def checked(path: Path, name: str, limits: Limits) -> CondaContents:
    """Return the contents of a package after checking all of it. Raises `UnsafeArchive`; nothing is unpacked.

    `name` is what errors call the package.
    """
    payload, info = Checker(name, limits), Checker(name, limits)
    lists: dict[str, bytes] = {}
    try:
        if path.name.endswith(".conda"):
            with zip_file.opened(path, name, limits) as archive:
                _read(_part(archive, "info", name), info, None, lists)
                _read(_part(archive, "pkg", name), None, payload, lists)
        elif path.name.endswith(".tar.bz2"):
            with bz2.open(path) as stream:
                _read(stream, info, payload, lists)
        else:
            raise UnsafeArchive(name, "it is neither a .conda nor a .tar.bz2 file")
    except DAMAGED as error:
        raise UnsafeArchive(name, f"it is damaged ({error})", zip_file.DAMAGE_ADVICE) from error
    payload.finish()
    info.finish()
    _compare(payload, lists)
    programs = _entry_points(payload, lists.get("info/link.json"))
    scripts = tuple(sorted(path for path in payload.files if LINK_SCRIPT.fullmatch(path)))
    return CondaContents(tuple(sorted(payload.files)), dict(sorted(payload.links.items())), scripts, programs)


def _part(archive: Any, kind: str, name: str) -> IO[bytes]:
    """Return one of the two tars inside a `.conda` package, unpacked as it is read."""
    found = [item for item in archive.infolist() if item.filename.startswith(f"{kind}-")]
    if len(found) != 1 or not found[0].filename.endswith(".tar.zst"):
        raise UnsafeArchive(name, f"it has {len(found)} parts called {kind}-….tar.zst instead of one")
    return cast("IO[bytes]", zstd.ZstdFile(archive.open(found[0])))


def _read(stream: IO[bytes], info: Checker | None, payload: Checker | None, lists: dict[str, bytes]) -> None:
    """Check the members of one tar, and keep the lists. A part that holds what belongs to the other is rejected."""
    for member, archive, item in tar_file.members(stream):
        is_info = f"{member.path.removeprefix('./')}/".lower().startswith(INFO)
        checker = info if is_info else payload
        if checker is None:
            other = info or payload
            assert other is not None
            if member.kind is Kind.DIRECTORY and not other.inside(member.path):
                continue
            other.reject(f"its member {member.path!r} is in the wrong part of the package")
        path = checker.add(member)
        if path in LISTS:
            if member.kind is not Kind.FILE or member.size > LIST_BYTES:
                checker.reject(f"its {path} is not a file of a usual size")
            data = archive.extractfile(item)
            assert data is not None
            lists[path] = data.read()
        if is_info and member.kind in (Kind.SYMLINK, Kind.HARD_LINK) and not path.startswith(COPIED):
            checker.reject(f"its member {member.path!r} is a {member.kind.value}, which information about it never is")


def _compare(payload: Checker, lists: dict[str, bytes]) -> None:
    """Reject a package whose list of files is not what its archive holds: a linker goes by the list alone."""
    held = {**dict.fromkeys(payload.files, Kind.FILE), **dict.fromkeys(payload.links, Kind.SYMLINK)}
    listed: dict[str, Kind | None] = {}
    for path, kind in _listed(payload, lists):
        clean = payload.inside(path)
        if kind is Kind.DIRECTORY:
            continue
        if clean in listed:
            payload.reject(f"its list of files has {path!r} twice")
        listed[clean] = kind
    if missing := sorted(listed.keys() - held.keys()):
        payload.reject(f"its list of files has {missing[0]!r}, which its archive lacks")
    if extra := sorted(held.keys() - listed.keys()):
        payload.reject(f"its archive has {extra[0]!r}, which its list of files lacks")
    for path, wanted in listed.items():
        if wanted is not None and held[path] is not wanted:
            payload.reject(f"{path!r} is a {held[path].value} in its archive and a {wanted.value} in its list of files")
    records = [path for path in held if re.fullmatch(r"conda-meta/[^/]*\.json", path, re.IGNORECASE)]
    if records:
        payload.reject(f"its member {records[0]!r} is the record of an installed package")


def _listed(payload: Checker, lists: dict[str, bytes]) -> Iterator[tuple[str, Kind | None]]:
    """Yield the paths of the package's own list, with the kind of each (None: the list does not say)."""
    if "info/paths.json" in lists:
        try:
            for entry in json.loads(lists["info/paths.json"])["paths"]:
                kind = Kind.DIRECTORY if entry["path_type"] == "directory" else LINK_TYPES[entry["path_type"]]
                yield _text(entry["_path"]), kind
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            payload.reject(f"its info/paths.json cannot be read ({error!r})")
    elif "info/files" in lists:
        for line in lists["info/files"].decode("utf-8", "surrogateescape").splitlines():
            if line.strip():
                yield line.strip(), None
    else:
        payload.reject("it has no list of its files")


def _entry_points(payload: Checker, link: bytes | None) -> tuple[str, ...]:
    """Return the names of entry points. One that is a path is rejected: a linker writes a program of that name."""
    if link is None:
        return ()
    try:
        document = json.loads(link)
        points = [_text(text) for text in (document.get("noarch") or {}).get("entry_points") or ()]
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        payload.reject(f"its info/link.json cannot be read ({error!r})")
    for text in points:
        if not is_plain_name(text.partition("=")[0].strip()):
            payload.reject(f"its entry point {text!r} is not a plain name")
    return tuple(text.partition("=")[0].strip() for text in points)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value
