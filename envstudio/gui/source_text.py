"""The native text of a definition, with the comments that a person wrote in an earlier text of it."""

from __future__ import annotations

import difflib
import re

from envstudio.domain.environment import Environment
from envstudio.errors import InvalidInput
from envstudio.formats import native

COMMENT = re.compile(r"(?:^|\s)#.*$")
PLAIN = re.compile(r"[\s'\"]+")


def written(environment: Environment, before: str) -> str:
    """Return the text of a definition; comments of the text before stay with the lines that they stood at."""
    fresh = native.to_text(environment)
    if "#" not in before:
        return fresh
    commented = _with_comments(fresh, before)
    try:
        same = native.from_text(commented, environment.name).environment == environment
    except InvalidInput:
        # A line of a longer text may look like a comment and be none.
        same = False
    return commented if same else fresh


def _with_comments(fresh: str, before: str) -> str:
    lines = fresh.splitlines()
    heads, tails, codes = _comments(before)
    matcher = difflib.SequenceMatcher(None, codes, [_key(line) for line in lines], autojunk=False)
    place = {old + step: new + step for old, new, size in matcher.get_matching_blocks() for step in range(size)}
    result = []
    for position, old in sorted((new, old) for old, new in place.items()):
        if tails.get(old) and "#" not in lines[position]:
            lines[position] += f"  {tails[old]}"
    back = {new: old for old, new in place.items()}
    for position, line in enumerate(lines):
        result += heads.get(back.get(position, -1), [])
        result.append(line)
    result += heads.get(len(codes), [])
    return "\n".join(result) + "\n"


def _comments(text: str) -> tuple[dict[int, list[str]], dict[int, str], list[str]]:
    """Return whole comment lines and ends of lines by the number of their code line, and the code lines' keys."""
    heads: dict[int, list[str]] = {}
    tails: dict[int, str] = {}
    codes: list[str] = []
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            heads.setdefault(len(codes), []).append(line)
        elif line.strip():
            found = COMMENT.search(line)
            if found and found.start():
                tails[len(codes)] = found.group().strip()
            codes.append(_key(line))
    return heads, tails, codes


def _key(line: str) -> str:
    """Return what makes a line the same whatever its quotes and blanks."""
    return PLAIN.sub("", COMMENT.sub("", line))
