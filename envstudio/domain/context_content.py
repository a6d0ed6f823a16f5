"""What a build context holds, as Docker would send it: a list of its files, and the digest that stands for all of them.

Neither where the folder lies nor when its files were written is a part of it, as neither decides what is built.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from envstudio.domain.canonical import canonical_dump, sha256
from envstudio.domain.diff import Kind
from envstudio.domain.hashes import is_sha256
from envstudio.domain.plain_data import Table, json_table

PREFIX = "sha256:"
TITLE = "the stored list of a build context"


class MemberKind(StrEnum):
    FILE = "file"
    LINK = "link"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class ContextFile:
    """One member of a context. `path` is relative, with slashes; `mode` holds the nine bits of permissions.

    `content` is the sha256 of a file in hexadecimal digits, or where a link leads; `size` is in bytes.
    """

    path: str
    kind: MemberKind
    mode: int
    content: str = ""
    size: int = 0


@dataclass(frozen=True)
class ContextContent:
    """The members of a context, sorted by path; the path of its Dockerfile, and the sha256 of that.

    The Dockerfile is no member if a .dockerignore leaves it out.
    """

    dockerfile: str
    text: str
    files: tuple[ContextFile, ...]

    @cached_property
    def digest(self) -> str:
        """The digest, "sha256:" and the sha256 of the canonical form."""
        return PREFIX + sha256(self.to_bytes())

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(item.size for item in self.files)

    @property
    def all_files(self) -> tuple[ContextFile, ...]:
        """The members, and the Dockerfile if it is none."""
        if any(item.path == self.dockerfile for item in self.files):
            return self.files
        return (*self.files, ContextFile(self.dockerfile, MemberKind.FILE, 0o644, self.text))

    @property
    def hashes(self) -> set[str]:
        """The sha256 of all files, the Dockerfile's among them."""
        return {self.text, *(item.content for item in self.files if item.kind is MemberKind.FILE)}

    def to_bytes(self) -> bytes:
        """Return the canonical form; names that are not UTF-8 keep their bytes."""
        files = [
            {
                "path": item.path,
                "kind": str(item.kind),
                "mode": item.mode,
                "content": item.content,
                "size": item.size,
            }
            for item in self.files
        ]
        form = {"dockerfile": self.dockerfile, "text": self.text, "files": files}
        return canonical_dump(form).encode("utf-8", "surrogateescape")

    @classmethod
    def from_bytes(cls, data: bytes) -> ContextContent:
        """Read the canonical form. Raises `InvalidInput` for anything else, and for a path that leads outside."""
        table = json_table(data.decode("utf-8", "surrogateescape"), TITLE)
        links: set[str] = set()
        files = []
        for row in table.tables("files"):
            item = _file(row)
            if item.kind is MemberKind.LINK:
                links.add(item.path)
            files.append(item)
        if len({item.path for item in files}) != len(files):
            raise table.error("has a path twice")
        if below := next((item.path for item in files if _lies_below(item.path, links)), ""):
            raise table.error(f"has {below!r} below a link")
        dockerfile = table.needed("dockerfile")
        outside = _leads_outside(dockerfile) or dockerfile in links or _lies_below(dockerfile, links)
        if outside or not is_sha256(table.text("text")):
            raise table.error("has no Dockerfile inside")
        return cls(dockerfile, table.text("text"), tuple(sorted(files, key=lambda item: item.path)))


def _file(row: Table) -> ContextFile:
    path = row.needed("path")
    if _leads_outside(path):
        raise row.error("leads outside the context")
    try:
        kind = MemberKind(row.needed("kind"))
    except ValueError as error:
        raise row.error("is of no known kind") from error
    content = row.text("content")
    if kind is MemberKind.FILE and not is_sha256(content):
        raise row.error("has no sha256")
    return ContextFile(path, kind, row.number("mode") & 0o777, content, row.number("size"))


def _leads_outside(path: str) -> bool:
    return "\0" in path or any(step in ("", ".", "..") for step in path.split("/"))


def _lies_below(path: str, links: set[str]) -> bool:
    return any(str(folder) in links for folder in PurePosixPath(path).parents)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of a build context that differs. `lines` are those of a unified diff, if both texts are known."""

    path: str
    kind: Kind
    old: ContextFile | None
    new: ContextFile | None
    lines: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the change as the document that `--json` prints."""
        return {"path": self.path, "kind": str(self.kind), "lines": list(self.lines)}


def changed_files(old: ContextContent, new: ContextContent) -> tuple[FileChange, ...]:
    """Return the files by which two contexts differ, by path."""
    before, after = ({item.path: item for item in content.all_files} for content in (old, new))
    return tuple(
        FileChange(path, _kind(before.get(path), after.get(path)), before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    )


def _kind(old: ContextFile | None, new: ContextFile | None) -> Kind:
    return Kind.ADDED if old is None else Kind.REMOVED if new is None else Kind.CHANGED


def changed_lines(old: str, new: str) -> tuple[str, ...]:
    """Return the lines by which two texts differ, as a unified diff without its heading."""
    found = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=1)
    return tuple(found)[2:]


@dataclass(frozen=True, slots=True)
class KeptContext:
    """What the library keeps of a context: its list, and a function that returns a file's bytes by their sha256.

    If it is not `complete`, the bytes of only some files are there.
    """

    content: ContextContent
    read: Callable[[str], bytes]
    complete: bool
