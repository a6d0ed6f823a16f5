"""A Dockerfile of the user's own. One that takes files in comes with its folder as build context, others as text.

Source: Dockerfile reference (directives, COPY, ADD, here-documents, `RUN --mount`).
"""

from __future__ import annotations

import re
from fnmatch import fnmatch

from envstudio.domain.dockerfile_text import instructions
from envstudio.domain.environment import BuildContext, Environment, Image
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.errors import InvalidInput
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.source import refuse_conflict_markers

FILE_NAMES = ("Dockerfile", "Containerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile")
REMOTE = re.compile(r"^(?:https?|git|ssh)://|^git@")
BOUND = re.compile(r"--mount=(?P<options>\S+)")


def _matches(source: Source) -> bool:
    name = source.file_name.lower()
    return any(fnmatch(name, pattern.lower()) for pattern in FILE_NAMES) and not name.endswith(".dockerignore")


def _read(source: Source, name: str) -> ReadResult:
    refuse_conflict_markers(source)
    if not any(item.word == "FROM" for item in instructions(source.text)):
        raise InvalidInput(
            f"{source.file_name} has no FROM, so it is not a Dockerfile.", "Check that it is the file you meant."
        )
    name = name or _telling_name(source.file_name)
    if not any(takes_files(item.word, item.rest) for item in instructions(source.text)):
        return ReadResult(Environment(name, image=Image(dockerfile=source.text)))
    if source.folder is None:
        lone = Problem(
            "context-missing",
            Severity.WARNING,
            "image.dockerfile",
            "The Dockerfile takes in files, but it came without a folder to take them from.",
            "Import it as a file.",
        )
        return ReadResult(Environment(name, image=Image(dockerfile=source.text)), (lone,))
    return ReadResult(Environment(name, image=Image(context=BuildContext(str(source.folder), source.file_name))))


def _telling_name(file_name: str) -> str:
    """Return the part of a file name that tells one Dockerfile of a folder from the others: "gpu" of Dockerfile.gpu."""
    first, _, second = file_name.partition(".")
    telling = second if second and first.lower() == "dockerfile" else first
    return cleaned_name(telling.lower())


def takes_files(word: str, rest: str) -> bool:
    """Return whether an instruction takes in files of the build context."""
    if word == "ONBUILD":
        return False
    if word == "RUN":
        mounts = [found["options"] for found in BOUND.finditer(rest)]
        return any(_binds(options.split(",")) for options in mounts)
    if word not in ("COPY", "ADD"):
        return False
    words = [part.strip("[]\",'") for part in rest.split()]
    if any(part.startswith("--from=") for part in words):
        return False
    sources = [part for part in words if part and not part.startswith("--")][:-1]
    return any(not REMOTE.match(part) and not part.startswith("<<") for part in sources)


def _binds(options: list[str]) -> bool:
    """Return whether a mount is of the build context: bind is what one without a type is, and from= names another."""
    kinds = [option for option in options if option.startswith("type=")]
    return kinds in ([], ["type=bind"]) and not any(option.startswith("from=") for option in options)


FORMAT = Format("dockerfile", "Dockerfile", FILE_NAMES, _matches, _read)
