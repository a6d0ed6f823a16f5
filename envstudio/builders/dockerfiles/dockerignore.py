"""Which files of a folder BuildKit sends: the rules of .dockerignore, as moby/patternmatcher and fsutil apply them.

Sources: Docker's documentation of .dockerignore files; Go's path/filepath.Match, whose syntax patterns have; the
behaviour of buildx, beside which `tests/oracles/test_dockerignore.py` runs this.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from envstudio.errors import Act, InvalidInput, Remedy

FILE_NAME = ".dockerignore"
BYTE_ORDER_MARK = "\ufeff"
BLANK = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go takes for white space."""

LITERAL = ".+()$"
"""What moby/patternmatcher escapes of what has a meaning in regular expressions; "|" and "{}" keep theirs."""

ESCAPES = re.compile(r"[AbBdDsSwWafnrtv\W_]", re.ASCII)
"""What may follow a backslash and means the same to Go and Python; Docker takes a few more, such as `\\pL`."""

TREE, STAR, ALL = "(?:.*/)?", "[^/]*", ".*"
PART = re.compile(
    rf"{re.escape(TREE)}|{re.escape(STAR)}|{re.escape(ALL)}|\[\^?\]?(?:\\.|[^\]\\])*\]|\\[dDsSwWafnrtv\W_]|[^\\|{{}}]",
    re.ASCII | re.DOTALL,
)
MOST_LOOPS = 3
"""How many of these Python's regular expressions get; each multiplies the time of a path that does not match."""


@dataclass(frozen=True)
class Pattern:
    """One line of a .dockerignore: a cleaned path pattern, and whether it brings back what earlier lines left out."""

    text: str
    brings_back: bool

    @cached_property
    def matches(self) -> Callable[[str], bool]:
        """The function that says whether a path matches. Raises `InvalidInput` for a pattern that is malformed."""
        text = self.text
        refuse_malformed(text)
        expression, kind = _translated(text)
        if kind == "exact":
            return lambda path: path == text
        if kind == "prefix":
            return lambda path: path.startswith(text[:-2])
        if kind == "suffix":
            ending = text[2:]
            return lambda path: path.endswith(ending) or (ending.startswith("/") and path == ending[1:])
        if expression.count(TREE) + expression.count(STAR) + expression.count(ALL) > MOST_LOOPS:
            return partial(_matches_slowly, _steps(text, expression))
        compiled = _compiled(f"^{expression}", text)
        return lambda path: compiled.search(path) is not None


def _compiled(expression: str, pattern: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "[[" means something else in a later Python
            return re.compile(expression, re.ASCII)
    except re.error as error:
        raise _malformed(pattern) from error


def patterns_of(text: str) -> tuple[Pattern, ...]:
    """Return the patterns of a .dockerignore's text. Raises `InvalidInput` for a malformed one."""
    found = []
    for line in text.removeprefix(BYTE_ORDER_MARK).split("\n"):
        if line.startswith("#"):
            continue
        word = line.strip(BLANK)
        brings_back = word.startswith("!")
        if brings_back:
            word = word[1:].strip(BLANK)
            if not word:
                raise _malformed("!")
        if not word:
            continue
        word = posixpath.normpath(word)
        word = word.replace("//", "/", 1) if word.startswith("//") else word  # Python keeps two slashes
        if len(word) > 1 and word.startswith("/"):
            word = word[1:]
        if brings_back and word == "/":
            raise _malformed("!")
        found.append(Pattern(word, brings_back))
    return tuple(found)


def sent_paths(folder: Path, dockerfile: str = "") -> list[str]:
    """Return the paths of the files, links and folders that BuildKit sends, sorted, relative, with slashes.

    An ignore file of the Dockerfile's own name, such as gpu.Dockerfile.dockerignore, goes before .dockerignore.
    Sockets, pipes and devices are left out: reading one would wait for ever. Raises `InvalidInput`.
    """
    patterns = patterns_of(ignore_text(folder, dockerfile))
    for pattern in patterns:
        _ = pattern.matches
    return sorted(_walk(folder, "", patterns, (False,) * len(patterns), can_come_back=_comes_back(patterns)))


def ignore_text(folder: Path, dockerfile: str) -> str:
    """Return the text that says what is left out of a folder; empty if there is none."""
    for path in (folder / f"{dockerfile}{FILE_NAME}", folder / FILE_NAME):
        if path.is_file():
            return path.read_text("utf-8", "surrogateescape")
    return ""


def _comes_back(patterns: Sequence[Pattern]) -> bool:
    return any(item.brings_back for item in patterns)


def _walk(
    folder: Path, inside: str, patterns: Sequence[Pattern], parent: Sequence[bool], *, can_come_back: bool
) -> Iterator[str]:
    """Yield what is sent of a folder. One that is left out itself comes for the sake of what is not."""
    with os.scandir(folder / inside) as found:
        entries = list(found)
    for entry in entries:
        path = f"{inside}/{entry.name}" if inside else entry.name
        left_out, matched = _judged(path, patterns, parent)
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder:
            if not left_out and (entry.is_symlink() or stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)):
                yield path
            continue
        below: tuple[str, ...] = ()
        if not left_out or can_come_back:
            below = tuple(_walk(folder, path, patterns, matched, can_come_back=can_come_back))
        if below or not left_out:
            yield path
        yield from below


def _judged(path: str, patterns: Sequence[Pattern], parent: Sequence[bool]) -> tuple[bool, tuple[bool, ...]]:
    """Return whether a path is left out, and which patterns matched it or a folder that it lies in."""
    left_out, matched = False, []
    for pattern, of_parent in zip(patterns, parent, strict=True):
        match = of_parent
        if not match and pattern.brings_back == left_out:
            match = pattern.matches(path)
        matched.append(match)
        if match:
            left_out = not pattern.brings_back
    return left_out, tuple(matched)


def _translated(pattern: str) -> tuple[str, str]:
    """Return the regular expression of a pattern, and how it is compared: "exact", "prefix", "suffix" or "regexp"."""
    expression, kind, at = "", "exact", 0
    while at < len(pattern):
        character, begins = pattern[at], at == 0
        at += 1
        if character == "*" and pattern.startswith("*", at):
            at += 1 + pattern.startswith("/", at + 1)
            if at == len(pattern):
                kind = "prefix" if kind == "exact" else "regexp"
                expression += ALL
            else:
                expression += TREE
                kind = "regexp"
            if begins:
                kind = "suffix"
        elif character in "*?":
            expression += STAR if character == "*" else "[^/]"
            kind = "regexp"
        elif character in LITERAL:
            expression += f"\\{character}"
        elif character == "\\":
            if at == len(pattern):
                # Docker escapes the end of its expression by this.
                return f"{expression}\\$", kind
            expression += _escaped(pattern, at)
            kind = "regexp"
            at += 1
        else:
            expression += character
            kind = "regexp" if character in "[]" else kind
    return f"{expression}\\Z", kind


def _escaped(pattern: str, at: int) -> str:
    """Return what a character means behind a backslash. Raises `InvalidInput` for what has no meaning."""
    if pattern[at] == "z":
        return "\\Z"
    if not ESCAPES.match(pattern[at]):
        raise _malformed(pattern)
    return f"\\{pattern[at]}"


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of an expression: one character that fits, or a loop."""

    loop: str
    fits: Callable[[str], object]


def _steps(pattern: str, expression: str) -> tuple[_Step, ...]:
    """Split an expression into its parts. Raises `InvalidInput` for one that has more than loops and characters."""
    steps = []
    at, end = 0, len(expression) - len("\\Z")
    while at < end:
        found = PART.match(expression, at)
        if found is None or not expression.endswith("\\Z"):
            raise _malformed(pattern)
        loop = found.group() if found.group() in (TREE, STAR, ALL) else ""
        one = {TREE: ".", STAR: "[^/]", ALL: "."}.get(loop, found.group())
        steps.append(_Step(loop, _compiled(one, pattern).fullmatch))
        at = found.end()
    return tuple(steps)


def _matches_slowly(steps: Sequence[_Step], path: str) -> bool:
    """Return whether a path matches, following all ways at once: the time grows with both lengths and no faster.

    A place is the number of a step, and whether a loop over folders has begun, which then has to end with a slash.
    """
    places = _with_skipped(steps, {(0, False)})
    for character in path:
        reached = set()
        for number, inside in places:
            step = steps[number] if number < len(steps) else None
            if step is None or not step.fits(character):
                continue
            if not step.loop or (step.loop == TREE and character == "/"):
                reached.add((number + 1, False))
            if step.loop:
                reached.add((number, inside or step.loop == TREE))
        places = _with_skipped(steps, reached)
        if not places:
            return False
    return (len(steps), False) in places


def _with_skipped(steps: Sequence[_Step], places: set[tuple[int, bool]]) -> set[tuple[int, bool]]:
    """Add the places that are reached by leaving loops, which may be empty."""
    waiting = list(places)
    while waiting:
        number, inside = waiting.pop()
        after = (number + 1, False)
        if number < len(steps) and steps[number].loop and not inside and after not in places:
            places.add(after)
            waiting.append(after)
    return places


def refuse_malformed(pattern: str) -> None:
    """Raise `InvalidInput` for what Go's filepath.Match finds malformed when it compares a pattern with "."."""
    name, rest = ".", pattern
    while rest:
        star, chunk, rest = _chunk(rest)
        if star and not chunk:
            return
        _check(chunk)
        left = _left_of(chunk, name)
        if left is None or (left and not rest):
            if not (star and name):
                return
            left = _left_of(chunk, "")
            if left is None:
                return
        name = left


def _chunk(pattern: str) -> tuple[bool, str, str]:
    """Split a pattern into whether it begins with stars, what comes until the next one, and the rest."""
    stripped = pattern.lstrip("*")
    at, inside = 0, False
    while at < len(stripped) and (inside or stripped[at] != "*"):
        if stripped[at] == "\\" and at + 1 < len(stripped):
            at += 1
        elif stripped[at] in "[]":
            inside = stripped[at] == "["
        at += 1
    return stripped != pattern, stripped[:at], stripped[at:]


def _left_of(chunk: str, name: str) -> str | None:
    """Return what is left of a name behind a chunk without stars; None if it does not match."""
    found = _compiled(f"^{_translated(chunk)[0].removesuffix(chr(92) + 'Z')}", chunk).match(name)
    return None if found is None else name[found.end() :]


def _check(chunk: str) -> None:
    """Raise `InvalidInput` for a chunk whose brackets or backslashes are left open."""
    at = 0
    while at < len(chunk):
        character = chunk[at]
        at += 1
        if character == "\\":
            at = _character(chunk, at - 1)
        elif character == "[":
            at = _class(chunk, at)


def _class(pattern: str, at: int) -> int:
    """Return where a class such as [a-z] ends that begins before a position. Raises `InvalidInput`."""
    at += pattern.startswith("^", at)
    ranges = 0
    while True:
        if ranges and pattern.startswith("]", at):
            return at + 1
        at = _class_character(pattern, at)
        if pattern.startswith("-", at):
            at = _class_character(pattern, at + 1)
        ranges += 1


def _class_character(pattern: str, at: int) -> int:
    if at >= len(pattern) or pattern[at] in "-]":
        raise _malformed(pattern)
    after = _character(pattern, at)
    if after >= len(pattern):
        raise _malformed(pattern)
    return after


def _character(pattern: str, at: int) -> int:
    """Return where a character ends that may be escaped. Raises `InvalidInput` if there is none."""
    at += pattern.startswith("\\", at)
    if at >= len(pattern):
        raise _malformed(pattern)
    return at + 1


def _malformed(pattern: str) -> InvalidInput:
    return InvalidInput(
        f"{FILE_NAME} has a pattern that Docker does not take: {pattern}",
        "Correct the pattern.",
        code="invalid-ignore-pattern",
        subject=pattern,
        remedy=Remedy(Act.EDIT_IMAGE),
    )
