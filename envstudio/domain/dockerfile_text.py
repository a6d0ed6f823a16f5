"""Dockerfiles by their grammar: instructions with what they say and where it stands, and the images that they name.

Sources: Dockerfile reference (parser directives, escape character, here-documents, variables in FROM, `COPY --from`,
`RUN --mount`) and BuildKit's parser, which joins continued lines without a space and skips comments among them.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

DIRECTIVE = re.compile(r"^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$")
HERE_DOCUMENT = re.compile(r"(?<!\S)\d*<<(-?)([\"']?)(\w+)\2(?!\S)")
"""A word of its own, so that neither `$((1<<3))` nor `<<< text` begins one."""

TAKE_HERE_DOCUMENTS = ("RUN", "COPY", "ADD")
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}]*))?\})")
TEMPLATE = re.compile(r"\{\{|\{%|<%")
"""What begins a placeholder of Jinja, Go's templates, or ERB."""

FLAG = re.compile(r"\s*(--[a-z][a-z-]*(?:=\S*)?)(?=\s|$)", re.IGNORECASE)
FROM_PARTS = re.compile(r"\s*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
SCRATCH = "scratch"


class Instruction(NamedTuple):
    """One instruction: its word in capitals, and what follows, with continued lines joined.

    `lines` are where the parts of it that are lines of the text begin: in what is joined, and in the text; `lead` is
    where `rest` begins in what is joined. `here_documents` are their bodies.
    """

    word: str
    rest: str
    lead: int
    lines: tuple[tuple[int, int], ...]
    here_documents: tuple[str, ...] = ()

    def place(self, index: int) -> int:
        """Return where a character of `rest` stands in the text."""
        joined, start = self.lines[bisect_right(self.lines, (self.lead + index, sys.maxsize)) - 1]
        return start + self.lead + index - joined

    def flags(self) -> tuple[list[re.Match[str]], int]:
        """Return the flags, such as `--from=build`, and where in `rest` the other words begin."""
        found: list[re.Match[str]] = []
        at = 0
        while match := FLAG.match(self.rest, at):
            found.append(match)
            at = match.end()
        return found, at


@dataclass(frozen=True, slots=True)
class ImageName:
    """A name of an image in a Dockerfile: as it is written, with variables expanded, and where it stands in the text.

    `name` is empty if it holds a variable of unknown value.
    """

    written: str
    name: str
    start: int
    end: int
    word: str = "FROM"


def directives(text: str) -> dict[str, re.Match[str]]:
    """Return the parser directives by their names in lower case; they stand before all else."""
    found: dict[str, re.Match[str]] = {}
    for match in re.finditer(r".*\n?", text.removeprefix("\ufeff")):
        directive = DIRECTIVE.match(match.group().rstrip("\r\n"))
        if directive is None or directive[1].lower() in found:
            break
        found[directive[1].lower()] = directive
    return found


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile, without comments."""
    directive = directives(text).get("escape")
    escape = directive[2] if directive is not None else "\\"
    continued = re.compile(rf"(?:^|(?<={_not(escape)})){re.escape(escape)}[ \t]*$")
    lines = _lines(text)
    for start, line in lines:
        if _says_nothing(line):
            continue
        if escape in line:
            joined, begins = _joined(start, line, lines, continued)
        else:
            joined, begins = line, ((0, start),)
        words = joined.split(None, 1)
        if not words:
            continue
        rest = words[1] if len(words) > 1 else ""
        found = Instruction(words[0].upper(), rest.rstrip(), len(joined) - len(rest), begins)
        yield found if "<<" not in rest else _with_here_documents(found, lines)


def _joined(
    start: int, line: str, lines: Iterator[tuple[int, str]], continued: re.Pattern[str]
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a line with those that continue it, and where each begins in that and in the text."""
    part, goes_on = _part(line, continued)
    parts, begins, length = [part], [(0, start)], len(part)
    while goes_on and (following := next(lines, None)) is not None:
        start, line = following
        if _says_nothing(line):
            continue
        part, goes_on = _part(line, continued)
        parts.append(part)
        begins.append((length, start))
        length += len(part)
    return "".join(parts), tuple(begins)


def _not(escape: str) -> str:
    return rf"[^{re.escape(escape)}]"


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each line begins, and the line without its end."""
    start = 1 if text.startswith("\ufeff") else 0
    for line in text[start:].split("\n"):
        yield start, line.rstrip("\r")
        start += len(line) + 1


def _says_nothing(line: str) -> bool:
    """Return whether a line is blank or a comment."""
    return line.lstrip()[:1] in ("", "#")


def _part(line: str, continued: re.Pattern[str]) -> tuple[str, bool]:
    """Return what a line says, and whether the next line continues it."""
    end = continued.search(line)
    return (line, False) if end is None else (line[: end.start()], True)


def _with_here_documents(instruction: Instruction, lines: Iterator[tuple[int, str]]) -> Instruction:
    if instruction.word not in TAKE_HERE_DOCUMENTS:
        return instruction
    bodies = []
    for found in HERE_DOCUMENT.finditer(instruction.rest):
        body = []
        for _, line in lines:
            if (line.lstrip("\t") if found[1] else line) == found[3]:
                break
            body.append(line)
        bodies.append("\n".join(body))
    return instruction._replace(here_documents=tuple(bodies)) if bodies else instruction


def image_names(text: str, arguments: Mapping[str, str] | None = None) -> Iterator[ImageName]:
    """Yield the images that a Dockerfile names: its syntax, and those of FROM, `COPY --from` and `RUN --mount`.

    Stages of its own and "scratch" are no images. `arguments` are the build's.
    """
    yield from _syntax(text)
    known = dict(arguments or {})
    values: dict[str, str] = {}
    stages: list[str] = []
    for item in instructions(text):
        if item.word == "ARG" and not stages:
            values |= _arguments(item.rest, values, known)
        elif item.word == "FROM":
            found, stage = _from(item, values)
            if found is not None and found.written.lower() not in (*stages, SCRATCH):
                yield found
            stages.append(stage)
        elif item.word in ("COPY", "RUN"):
            numbers = [str(number) for number in range(len(stages))]
            yield from (name for name in _borrowed(item) if name.written.lower() not in (*stages, *numbers))


def _syntax(text: str) -> Iterator[ImageName]:
    directive = directives(text).get("syntax")
    if directive is not None:
        start = text.index(directive.group()) + directive.start(2)
        name = directive[2].split()[0]
        yield ImageName(name, name, start, start + len(name), "syntax")


def _arguments(rest: str, values: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Return what an ARG before the first FROM gives its variables."""
    found = {}
    for word in re.findall(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""", rest):
        name, equals, value = word.partition("=")
        if name in known:
            found[name] = known[name]
        elif equals:
            expanded = expanded_text(value.replace('"', "").replace("'", ""), {**values, **found})
            if expanded is not None:
                found[name] = expanded
    return found


def expanded_text(text: str, values: Mapping[str, str]) -> str | None:
    """Return a text with its variables expanded; None if one has no value."""
    unknown = False

    def value_of(found: re.Match[str]) -> str:
        nonlocal unknown
        value = values.get(found[1] or found[2])
        operator, word = found[3] or "", found[4] or ""
        if operator.endswith("-"):
            return value if value or (value is not None and operator == "-") else word
        if operator.endswith("+"):
            return word if value or (value is not None and operator == "+") else ""
        unknown = unknown or value is None
        return value or ""

    expanded = VARIABLE.sub(value_of, text)
    return None if unknown or "$" in expanded else expanded


def _from(item: Instruction, values: Mapping[str, str]) -> tuple[ImageName | None, str]:
    """Return the image that a FROM starts from, and the name of the stage that it begins."""
    _, at = item.flags()
    found = FROM_PARTS.match(item.rest, at)
    if found is None:
        return None, ""
    name = expanded_text(found[1].strip("\"'"), values)
    image = _at(item, found.start(1), found.end(1), name or "")
    return image, (found[2] or "").lower()


def _borrowed(item: Instruction) -> Iterator[ImageName]:
    """Yield what `--from=` of a COPY and `from=` of a mount name."""
    for flag in item.flags()[0]:
        for found in re.finditer(r"(?<=[=,-])from=([^,\s]+)", flag[1]):
            mount = flag[1].lower().startswith("--mount=")
            if (item.word == "RUN") == mount:
                start = flag.start(1) + found.start(1)
                yield _at(item, start, flag.start(1) + found.end(1), found[1])


def _at(item: Instruction, start: int, end: int, name: str) -> ImageName:
    return ImageName(item.rest[start:end], name, item.place(start), item.place(end - 1) + 1, item.word)


def with_images(text: str, replaced: Callable[[str], str], arguments: Mapping[str, str] | None = None) -> str:
    """Return a Dockerfile with the names of its images replaced; those that stay the same stay as they are written."""
    parts, at = [], 0
    for item in image_names(text, arguments):
        name = replaced(item.name) if item.name else ""
        if name and name != item.name:
            parts += [text[at : item.start], name]
            at = item.end
    return "".join([*parts, text[at:]])


def has_here_documents(text: str) -> bool:
    """Return whether an instruction has a here-document."""
    return any(item.here_documents for item in instructions(text))


def templates(text: str) -> Sequence[str]:
    """Return the names of images that hold a placeholder of a template, so that the text is no Dockerfile yet."""
    return [item.written for item in image_names(text) if TEMPLATE.search(item.written)]
