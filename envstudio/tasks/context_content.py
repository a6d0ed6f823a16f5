"""What the build context of a definition holds: found when it is registered, and kept with the version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from envstudio.builders.dockerfiles.context import local_folder
from envstudio.builders.dockerfiles.context_folder import ContextFolder, read_folder
from envstudio.domain.amounts import parse_size, size_text
from envstudio.domain.context_content import KeptContext, MemberKind
from envstudio.domain.environment import Environment
from envstudio.domain.policy import KEPT_CONTEXT
from envstudio.domain.problem import Problem, Severity
from envstudio.errors import InvalidInput
from envstudio.library import Library
from envstudio.report import Report
from envstudio.secret_text import has_secret
from envstudio.tasks.policy import policies

MAX_SEARCHED_BYTES = 1 << 20
"""Of a file in which secrets are looked for; what users write themselves is smaller."""


@dataclass(frozen=True, slots=True)
class FoundContext:
    """A definition with the digest of its build context, and the folder, if there is one to read."""

    environment: Environment
    folder: ContextFolder | None = None


def with_context_digest(environment: Environment, report: Report) -> FoundContext:
    """Return the definition with the digest of what its build context holds now.

    One whose folder is not there keeps the digest that it has. Raises `InvalidInput` for a folder that cannot be read.
    """
    context = environment.image.context
    if context is None or context.is_remote or context.is_relative:
        return FoundContext(environment)
    try:
        with report.stage("read the build context"):
            folder = read_folder(local_folder(context), context.dockerfile_path, report)
    except InvalidInput as error:
        if error.code != "context-missing":
            raise
        return FoundContext(environment)
    context = replace(context, digest=folder.content.digest)
    return FoundContext(replace(environment, image=replace(environment.image, context=context)), folder)


def keep_context(library: Library, folder: ContextFolder | None) -> Problem | None:
    """Keep what a build context holds in the library, and return what was not kept of it.

    The list of its files and the Dockerfile are kept of every context; the other files of those that are not larger
    than the workspace allows, but for files with secrets.
    """
    if folder is None:
        return None
    content, allowed = folder.content, policies(library)[KEPT_CONTEXT]
    fits = content.size <= parse_size(allowed)
    missing = library.contexts.missing(content.hashes)
    files, secrets = {}, []
    for path, digest, chunks in _readable(folder, all_files=fits):
        if digest in missing:
            data = b"".join(chunks)
            if _holds_secret(data):
                secrets.append(path)
            else:
                files[digest] = data
    library.contexts.keep(content, files)
    if secrets:
        return _not_kept(folder, f"{secrets[0]} holds a secret")
    return None if fits else _not_kept(folder, f"it has {size_text(content.size)}, and {allowed} are kept at most")


def _readable(folder: ContextFolder, *, all_files: bool) -> Iterator[tuple[str, str, Iterator[bytes]]]:
    """Yield path, sha256 and bytes of the Dockerfile, and of all other files if they are wanted."""
    content = folder.content
    yield content.dockerfile, content.text, iter([folder.dockerfile.read_bytes()])
    for item in content.files if all_files else ():
        if item.kind is MemberKind.FILE and item.content != content.text:
            yield item.path, item.content, folder.read(item)


def _holds_secret(data: bytes) -> bool:
    return len(data) <= MAX_SEARCHED_BYTES and b"\0" not in data and has_secret(data.decode("utf-8", "replace"))


def _not_kept(folder: ContextFolder, reason: str) -> Problem:
    return Problem(
        "context-not-kept",
        Severity.INFO,
        "image.context",
        f"The files of {folder.path} are not all kept with the version: {reason}.",
        "A version whose folder has changed cannot be built again then.",
    )


def read_context(library: Library, environment: Environment, *, report: Report) -> Environment:
    """Return the definition with the digest of what its build context holds, and keep that. Raises `InvalidInput`."""
    found = with_context_digest(environment, report)
    keep_context(library, found.folder)
    return found.environment


def kept_context(library: Library, environment: Environment) -> KeptContext | None:
    """Return what the library keeps of the build context that a version was registered with."""
    context = environment.image.context
    return library.contexts.find(context.digest) if context is not None and context.digest else None
