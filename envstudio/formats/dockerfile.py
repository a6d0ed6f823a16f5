"""A Dockerfile of the user's own. One that takes files in comes with its folder as build context, others as text.

Source: Dockerfile reference (directives, COPY, ADD, here-documents, `RUN --mount`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch

from envstudio.domain.environment import BuildContext, Environment, Image
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.errors import InvalidInput
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.source import refuse_conflict_markers

FILE_NAMES = ("Dockerfile", "Containerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile")
ESCAPE = re.compile(r"^\s*#\s*escape\s*=\s*(\S)\s*$", re.IGNORECASE | re.MULTILINE)
HERE_DOCUMENT = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")
REMOTE = re.compile(r"^(?:https?|git|ssh)://|^git@")
BOUND = re.compile(r"--mount=(?P<options>\S+)")


def _matches(source: Source) -> bool:
    return any(fnmatch(source.file_name.lower(), pattern.lower()) for pattern in FILE_NAMES)


def _read(source: Source, name: str) -> ReadResult:
    refuse_conflict_markers(source)
    found = list(instructions(source.text))
    if not any(word == "FROM" for word, _ in found):
        raise InvalidInput(
            f"{source.file_name} has no FROM, so it is no Dockerfile.", "Check that it is the file you meant."
        )
    name = name or cleaned_name(source.file_name.split(".", 1)[0].lower())
    if not any(takes_files(word, rest) for word, rest in found):
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
    told = Problem(
        "context-not-kept",
        Severity.INFO,
        "image.context",
        f"The Dockerfile takes in files of {source.folder}; they are read at each build, and are in no version.",
        "Put the folder into Git and name it by URL and commit, to have them in the version.",
    )
    context = BuildContext(str(source.folder), source.file_name)
    return ReadResult(Environment(name, image=Image(context=context)), (told,))


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the instructions of a Dockerfile, such as ("COPY", ". /app"), without comments and here-documents."""
    directive = ESCAPE.search(text.split("\n", 1)[0])
    escape = directive[1] if directive else "\\"
    waiting: list[str] = []
    begun = ""
    for line in text.split("\n"):
        if waiting:
            if line.strip() == waiting[0]:
                waiting.pop(0)
            continue
        if line.lstrip().startswith("#") or (begun and not line.strip()):
            continue
        stripped = line.rstrip()
        if stripped.endswith(escape):
            begun += stripped[: -len(escape)] + " "
            continue
        word, _, rest = (begun + stripped).strip().partition(" ")
        begun = ""
        if word:
            rest = rest.strip()
            waiting = HERE_DOCUMENT.findall(rest) if word.upper() in ("RUN", "COPY", "ADD") else []
            yield word.upper(), rest


def takes_files(word: str, rest: str) -> bool:
    """Tell whether an instruction takes in files of the build context."""
    if word == "ONBUILD":
        return False
    if word == "RUN":
        mounts = [found["options"] for found in BOUND.finditer(rest)]
        return any("type=bind" in text and "from=" not in text for text in mounts)
    if word not in ("COPY", "ADD"):
        return False
    words = [part.strip("[]\",'") for part in rest.split()]
    if any(part.startswith("--from=") for part in words):
        return False
    sources = [part for part in words if part and not part.startswith("--")][:-1]
    return any(not REMOTE.match(part) and not part.startswith("<<") for part in sources)


FORMAT = Format("dockerfile", "Dockerfile", FILE_NAMES, _matches, _read)
