"""A folder as a build context: what Docker would send of it, as a list, a tar, or another folder."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from envstudio.archives.rules import UnsafeArchive, safe_path
from envstudio.builders.dockerfiles.dockerignore import FILE_NAME, sent_paths
from envstudio.disk import writing
from envstudio.domain.context_content import ContextContent, ContextFile, MemberKind
from envstudio.errors import Act, InvalidInput, Remedy
from envstudio.report import Report

CHUNK = 1 << 20
BLOCK = 512
Facts = tuple[int, int, int]
"""Size, time and inode of a file, by which it is known to be the one that was read."""


@dataclass(frozen=True, slots=True)
class ContextFolder:
    """A folder and what Docker would send of it. `facts` tell whether a file was changed since then."""

    path: Path
    content: ContextContent
    facts: Mapping[str, Facts]

    @property
    def dockerfile(self) -> Path:
        """The file that holds the Dockerfile, links followed."""
        return (self.path / self.content.dockerfile).resolve()

    def read(self, item: ContextFile) -> Iterator[bytes]:
        """Yield the bytes of a file. Raises `InvalidInput` if it is not the one that was listed."""
        left = item.size
        digest = hashlib.sha256()
        with _explained(item.path):
            with (self.path / item.path).open("rb") as file:
                while left and (chunk := file.read(min(left, CHUNK))):
                    left -= len(chunk)
                    digest.update(chunk)
                    yield chunk
            if left or digest.hexdigest() != item.content:
                raise changed_meanwhile(item.path)

    def refuse_changes(self) -> None:
        """Raise `InvalidInput` if a file was changed since it was listed."""
        for path, facts in self.facts.items():
            with _explained(path):
                if _facts(self.path / path) != facts:
                    raise changed_meanwhile(path)

    def tar(self, replaced: Mapping[str, bytes]) -> Iterator[bytes]:
        """Yield the context as a tar while it is read; `replaced` are files that say something else than on disk.

        Raises `InvalidInput` for what cannot be read, and for a file that was changed since it was listed.
        """
        listed = {item.path: item for item in self.content.files}
        for path in sorted({*listed, *replaced}):
            item = listed.get(path) or ContextFile(path, MemberKind.FILE, 0o644)
            yield from self._member(item, replaced.get(path))
        yield b"\0" * (2 * BLOCK)

    def _member(self, item: ContextFile, given: bytes | None) -> Iterator[bytes]:
        """Yield one member of a tar: header and content, which is `given` or the file's own."""
        member = tarfile.TarInfo(item.path)
        member.mode, member.mtime = item.mode, self._time(item.path)
        member.size = item.size if given is None else len(given)
        if given is None and item.kind is MemberKind.LINK:
            member.type, member.linkname = tarfile.SYMTYPE, item.content
        elif given is None and item.kind is MemberKind.FOLDER:
            member.type = tarfile.DIRTYPE
        yield member.tobuf(tarfile.PAX_FORMAT)
        if given is not None:
            yield given
        elif item.kind is MemberKind.FILE:
            yield from self.read(item)
        yield b"\0" * (-member.size % BLOCK)

    def _time(self, path: str) -> int:
        with _explained(path):
            file = self.path / path
            return int(file.lstat().st_mtime) if os.path.lexists(file) else 0


def read_folder(folder: Path, dockerfile_path: str, report: Report) -> ContextFolder:
    """List and hash what Docker would send of a folder. Raises `InvalidInput`, `Cancelled`."""
    dockerfile = checked_dockerfile(folder, dockerfile_path)
    name = dockerfile.relative_to(folder.resolve()).as_posix()
    with _explained("the folder"):
        paths = sent_paths(folder, name)
    files, facts = [], {}
    for path in paths:
        report.raise_if_cancelled()
        with _explained(path):
            files.append(_listed(folder, path))
            facts[path] = _facts(folder / path)
    with _explained(name):
        text = _sha256(dockerfile)
    return ContextFolder(folder, ContextContent(name, text, tuple(files)), facts)


def checked_dockerfile(folder: Path, dockerfile_path: str) -> Path:
    """Return the path of a context's Dockerfile. Raises `InvalidInput` if it is missing or leads outside."""
    dockerfile = (folder / dockerfile_path).resolve()
    if not dockerfile.is_relative_to(folder.resolve()):
        raise InvalidInput(f"{dockerfile_path} lies outside the build context.", "Name a path inside the context.")
    if not dockerfile.is_file():
        raise InvalidInput(
            f"The build context has no {dockerfile_path}.",
            "Check the path of the Dockerfile.",
            code="context-missing",
            remedy=Remedy(Act.EDIT_IMAGE),
        )
    return dockerfile


def write_folder(content: ContextContent, read: Callable[[ContextFile], Iterator[bytes]], target: Path) -> None:
    """Write the members of a context into a folder, its parents first. Raises `EnvStudioError`.

    No member of a `ContextContent` lies outside or below a link, so that nothing is written elsewhere.
    """
    for item in content.files:
        if safe_path(item.path) != item.path:
            raise UnsafeArchive("the build context", f"its member {item.path!r} leads outside on some system")
        path = target / item.path
        with writing(path):
            if item.kind is MemberKind.FOLDER:
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            if item.kind is MemberKind.LINK:
                path.symlink_to(item.content)
                continue
            with path.open("xb") as file:
                for chunk in read(item):
                    file.write(chunk)
            path.chmod(item.mode)
    for item in reversed(content.files):
        if item.kind is MemberKind.FOLDER:
            (target / item.path).chmod(item.mode)


def ignored_dockerfile(content: ContextContent) -> dict[str, bytes]:
    """Return what makes an engine leave out the Dockerfile of a tar that a .dockerignore leaves out of the context."""
    paths = {item.path for item in content.files}
    if content.dockerfile in paths or FILE_NAME in paths:
        return {}
    return {FILE_NAME: f"{content.dockerfile}\n{FILE_NAME}\n".encode()}


def sent_mode(mode: int, *, windows: bool) -> int:
    """Return the permissions that a file gets in an image; Windows keeps none, and Docker makes all executable then."""
    return 0o755 if windows else mode & 0o777


def changed_meanwhile(path: str) -> InvalidInput:
    """Return the error for a file that is not what it was when the context was listed."""
    return InvalidInput(
        f"{path} of the build context was changed while it was read.",
        "Build again when nothing writes into the folder.",
        code="context-changed",
        subject=path,
    )


def _listed(folder: Path, path: str) -> ContextFile:
    file = folder / path
    status = file.lstat()
    mode = sent_mode(status.st_mode, windows=os.name == "nt")
    if file.is_symlink():
        # Links have no permissions of their own.
        return ContextFile(path, MemberKind.LINK, 0o777, file.readlink().as_posix())
    if file.is_dir():
        return ContextFile(path, MemberKind.FOLDER, mode)
    return ContextFile(path, MemberKind.FILE, mode, _sha256(file), status.st_size)


def _facts(path: Path) -> Facts:
    status = path.lstat()
    return (0 if path.is_dir() else status.st_size, 0 if path.is_dir() else status.st_mtime_ns, status.st_ino)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Raise `InvalidInput` for an error of the disk in reading a file of a context."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(
            f"{path} of the build context cannot be read.",
            "Check its permissions, or leave it out with .dockerignore.",
            str(error),
        ) from error
