"""Build contexts: a folder or a Git commit of the user's own, what the library kept, or generated files.

Sources: Docker's build context and .dockerignore; buildx's syntax of Git contexts (URL#REF:FOLDER).
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from envstudio import process
from envstudio.builders.assembly.layers import EPOCH
from envstudio.builders.dockerfiles.context_folder import (
    ContextFolder,
    ignored_dockerfile,
    read_folder,
    write_folder,
)
from envstudio.domain.amounts import size_text
from envstudio.domain.context_content import KeptContext
from envstudio.domain.environment import BuildContext
from envstudio.errors import Act, InvalidInput, Remedy, Unavailable
from envstudio.report import Report

LARGE_BYTES = 100_000_000
GIT = re.compile(r"^(?:git@|(?:https?|ssh|git|file)://)[^#]+(?:\.git)?(?:#(?P<ref>[^:]*)(?::(?P<folder>.+))?)?$")
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Context:
    """A context that is at hand: its Dockerfile's path in it, and a function that yields it as a tar.

    `folder` is where its files lie, if they are not generated; `digest` stands for what they hold.
    """

    dockerfile: str
    chunks: Callable[[], Iterator[bytes]]
    text: str
    """What the Dockerfile says."""
    folder: ContextFolder | None = None
    digest: str = ""


def of_files(files: Mapping[str, bytes], dockerfile: str) -> Context:
    """Return the context of some small files."""
    return Context(dockerfile, lambda: tar_of_files(files), files[dockerfile].decode())


@contextmanager
def of_environment(
    context: BuildContext, kept: KeptContext | None, rewritten: Callable[[str], str], report: Report
) -> Iterator[Context]:
    """Yield the context that a definition names, cloned first if it is in Git. Raises `EnvStudioError`.

    If its folder does not hold what the definition was registered with, it is what the library `kept` of that.
    `rewritten` gets the Dockerfile's text and returns the one to build.
    """
    if context.is_remote:
        with _clone(context.location, report) as folder:
            yield _of_folder(read_folder(folder, context.dockerfile_path, report), rewritten, report)
        return
    found = _as_registered(context, kept, report)
    if found is not None:
        yield _of_folder(found, rewritten, report)
        return
    assert kept is not None
    with _unpacked(kept) as folder:
        yield _of_folder(read_folder(folder, kept.content.dockerfile, report), rewritten, report)


def _as_registered(context: BuildContext, kept: KeptContext | None, report: Report) -> ContextFolder | None:
    """Return the folder that holds what a definition was registered with; None if that has to come from the library.

    Raises `InvalidInput` if neither has it.
    """
    complete = kept is not None and kept.complete
    try:
        found = read_folder(local_folder(context), context.dockerfile_path, report)
    except InvalidInput as error:
        if not complete or error.code != "context-missing":
            raise
        report.line(f"{context.location} is not there; what the library kept of it is built")
        return None
    if context.digest in ("", found.content.digest):
        return found
    if not complete:
        raise InvalidInput(
            f"{context.location} has changed since this version was registered, and the files of then were not kept.",
            "Register the folder as it is now as a new version, or bring back what it held.",
            code="context-changed",
            subject=context.location,
        )
    report.line(f"{context.location} has changed since this version was registered; what was kept of it is built")
    return None


def _of_folder(folder: ContextFolder, rewritten: Callable[[str], str], report: Report) -> Context:
    content = folder.content
    if content.size > LARGE_BYTES:
        size = size_text(content.size)
        report.line(f"warning: the build context has {size}; leave files out with .dockerignore", "err")
    text = rewritten(folder.dockerfile.read_text("utf-8", "replace"))
    replaced = {**ignored_dockerfile(content), content.dockerfile: text.encode()}
    return Context(content.dockerfile, lambda: folder.tar(replaced), text, folder, content.digest)


def local_folder(context: BuildContext) -> Path:
    """Return the folder of a context that is none of Git's. Raises `InvalidInput` if it is not there."""
    folder = Path(context.location).expanduser()
    if not folder.is_dir():
        raise InvalidInput(
            f"The build context {folder} is not a folder.",
            "Check the path of the context.",
            code="context-missing",
            remedy=Remedy(Act.EDIT_IMAGE),
        )
    return folder


@contextmanager
def _unpacked(kept: KeptContext) -> Iterator[Path]:
    """Yield a temporary folder with what the library kept, the Dockerfile too if it is left out of the context."""
    with TemporaryDirectory(prefix="envstudio-context-", ignore_cleanup_errors=True) as temporary:
        folder, content = Path(temporary), kept.content
        write_folder(content, lambda item: iter([kept.read(item.content)]), folder)
        for path, data in {content.dockerfile: kept.read(content.text), **ignored_dockerfile(content)}.items():
            if not os.path.lexists(folder / path):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
        yield folder


@contextmanager
def _clone(location: str, report: Report) -> Iterator[Path]:
    """Yield a folder of a Git repository at a branch, tag or commit. Raises `InvalidInput`, `Unavailable`.

    As Docker has it, what Git itself keeps is not a part of it.
    """
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
        # Without a terminal Git would wait for a password forever.
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
        shutil.rmtree(root / ".git")
        yield folder


def commit_of(location: str) -> str:
    """Return the commit that a Git context names in full; empty for a branch, a tag, or a folder."""
    ref = location.partition("#")[2].partition(":")[0]
    return ref if BuildContext(location).is_remote and COMMIT.fullmatch(ref) else ""


def tar_of_files(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """Yield a tar of some small files, always the same for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(files[name]), 0o644, EPOCH
            archive.addfile(member, io.BytesIO(files[name]))
    yield buffer.getvalue()
