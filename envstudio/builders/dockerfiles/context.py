"""Build contexts: a folder or a Git commit of the user's own, or files that are generated. They are streamed.

Sources: Docker's build context and .dockerignore; buildx's syntax of Git contexts (URL#REF:FOLDER).
"""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from envstudio import process
from envstudio.builders.assembly.layers import EPOCH
from envstudio.domain.environment import BuildContext
from envstudio.engine import sent_paths
from envstudio.errors import Act, InvalidInput, Remedy, Unavailable
from envstudio.report import Report

LARGE_BYTES = 100_000_000
GIT = re.compile(r"^(?:git@|(?:https?|ssh|git|file)://)[^#]+(?:\.git)?(?:#(?P<ref>[^:]*)(?::(?P<folder>.+))?)?$")
COMMIT = re.compile(r"[0-9a-f]{40}")
SIZE_UNIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Context:
    """A context that is at hand: its Dockerfile's path in it, and a function that yields it as a tar."""

    dockerfile: str
    chunks: Callable[[], Iterator[bytes]]
    text: str
    """What the Dockerfile says."""


def of_files(files: Mapping[str, bytes], dockerfile: str) -> Context:
    """Return the context of some small files."""
    return Context(dockerfile, lambda: tar_of_files(files), files[dockerfile].decode())


@contextmanager
def of_environment(context: BuildContext, rewritten: Callable[[str], str], report: Report) -> Iterator[Context]:
    """Yield the context that a definition names, cloned first if it is in Git. Raises `EnvStudioError`.

    `rewritten` gets the Dockerfile's text and returns the one to build.
    """
    with _folder(context, report) as folder:
        dockerfile = checked_dockerfile(folder, context.dockerfile_path)
        text = rewritten(dockerfile.read_text("utf-8", "replace"))
        name = dockerfile.relative_to(folder.resolve()).as_posix()
        # As Docker has it: what Git itself keeps is not a part of a context that was cloned.
        members = context_paths(folder, name, (".git",) if context.is_remote else ())
        _warn_of_size(folder, members, report)
        yield Context(name, lambda: tar_of_folder(folder, members, {name: text.encode()}), text)


@contextmanager
def _folder(context: BuildContext, report: Report) -> Iterator[Path]:
    """Yield a context's folder, checked. Raises `InvalidInput`, `Unavailable`."""
    if context.is_remote:
        with _clone(context.location, report) as cloned:
            yield cloned
        return
    folder = Path(context.location).expanduser()
    if not folder.is_dir():
        raise InvalidInput(
            f"The build context {folder} is not a folder.",
            "Check the path of the context.",
            code="context-missing",
            remedy=Remedy(Act.EDIT_IMAGE),
        )
    yield folder


@contextmanager
def _clone(location: str, report: Report) -> Iterator[Path]:
    """Yield a folder of a Git repository at a branch, tag or commit. Raises `InvalidInput`, `Unavailable`."""
    found = GIT.match(location)
    if found is None:
        raise InvalidInput(
            f"The build context {location} is not a Git repository.",
            "Write https://HOST/REPOSITORY.git#COMMIT:FOLDER, or name a folder.",
        )
    url, ref, inside = location.partition("#")[0], found["ref"] or "HEAD", found["folder"] or ""
    if ref.startswith("-") or url.startswith("-"):
        raise InvalidInput(f"The build context {location} is not a Git repository.", "Check its address.")
    with TemporaryDirectory(prefix="envstudio-git-") as temporary:
        root = Path(temporary)
        # Without a terminal Git would request a password for ever.
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        for words in (
            ("init", "--quiet", temporary),
            ("-C", temporary, "fetch", "--quiet", "--depth=1", url, ref),
            ("-C", temporary, "checkout", "--quiet", "--detach", "FETCH_HEAD"),
        ):
            done = process.run(["git", *words], report, env=environment)
            if done.exit_code != 0:
                raise Unavailable(
                    f"{url} at {ref} cannot be fetched.",
                    "Check the address, the commit and your login.",
                    done.stderr,
                    code="context-missing",
                    subject=url,
                )
        folder = (root / inside).resolve()
        if not folder.is_relative_to(root.resolve()) or not folder.is_dir():
            raise InvalidInput(f"{url} has no folder {inside}.", "Check the path behind the colon.")
        yield folder


def commit_of(location: str) -> str:
    """Return the commit that a Git context names in full; empty for a branch, a tag, or a folder."""
    ref = location.partition("#")[2].partition(":")[0]
    return ref if BuildContext(location).is_remote and COMMIT.fullmatch(ref) else ""


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


def context_paths(folder: Path, dockerfile: str = "", also_ignored: Sequence[str] = ()) -> list[str]:
    """Return the paths of a context, relative and sorted, without what the Dockerfile's .dockerignore leaves out.

    Sockets, pipes and devices are left out too: reading one would wait for ever.
    """
    return sorted(name for name in sent_paths(folder, dockerfile, also_ignored) if _can_be_sent(folder / name))


def _can_be_sent(path: Path) -> bool:
    return path.is_symlink() or path.is_dir() or path.is_file()


def _warn_of_size(folder: Path, members: list[str], report: Report) -> None:
    size = sum((folder / name).lstat().st_size for name in members)
    if size > LARGE_BYTES:
        report.line(
            f"warning: the build context has {size / SIZE_UNIT:.0f} MB; leave files out with .dockerignore", "err"
        )


def tar_of_files(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """Yield a tar of some small files, always the same for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(files[name]), 0o644, EPOCH
            archive.addfile(member, io.BytesIO(files[name]))
    yield buffer.getvalue()


def tar_of_folder(folder: Path, members: list[str], replaced: Mapping[str, bytes]) -> Iterator[bytes]:
    """Yield a tar of a folder while it is read; `replaced` are files that say something else than on disk.

    Raises `InvalidInput` for what cannot be read.
    """
    # Paths are distinguished as they stand in the tar: on Windows the members come with backslashes.
    for name in sorted({*(PurePath(member).as_posix() for member in members), *replaced}):
        try:
            yield from _member(folder / name, name, replaced.get(name))
        except OSError as error:
            raise InvalidInput(
                f"{name} of the build context cannot be read.",
                "Check its permissions, or leave it out with .dockerignore.",
                str(error),
            ) from error
    yield b"\0" * 1024


def _member(path: Path, name: str, given: bytes | None) -> Iterator[bytes]:
    """Yield one member of a tar: header and content, which is `given` or the file's own."""
    member = tarfile.TarInfo(name)
    status = path.lstat()
    member.mtime, member.mode = int(status.st_mtime), sent_mode(status.st_mode, windows=os.name == "nt")
    if given is not None:
        member.size = len(given)
    elif path.is_symlink():
        member.type, member.linkname = tarfile.SYMTYPE, path.readlink().as_posix()
    elif path.is_dir():
        member.type = tarfile.DIRTYPE
    else:
        member.size = status.st_size
    yield member.tobuf(tarfile.PAX_FORMAT)
    if given is not None:
        yield given + b"\0" * (-len(given) % 512)
    elif member.isreg():
        yield from _padded(path, member.size)


def sent_mode(mode: int, *, windows: bool) -> int:
    """Return the permissions that a file gets in an image; Windows keeps none, and Docker makes all executable then."""
    return 0o755 if windows else mode & 0o777


def _padded(path: Path, size: int) -> Iterator[bytes]:
    """Yield exactly `size` bytes of a file and the padding to a tar block, even if the file changes meanwhile."""
    left = size
    with path.open("rb") as file:
        while left and (chunk := file.read(min(left, 1 << 20))):
            left -= len(chunk)
            yield chunk
    yield b"\0" * (left + -size % 512)
