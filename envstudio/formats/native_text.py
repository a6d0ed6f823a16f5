"""The native text of a definition, as the user wrote an earlier text of it: only what is changed is written anew."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from functools import lru_cache

from envstudio.domain.environment import Environment
from envstudio.errors import InvalidInput
from envstudio.formats import native
from envstudio.formats.native_document import to_document
from envstudio.formats.yaml_merge import merged, repeats_much

COMMENT = re.compile(r"(?:^|\s)#.*$")
NAME = re.compile(r"^name:.*\n?", re.MULTILINE)
PLAIN = re.compile(r"[\s'\"]+")


def written(environment: Environment, before: str, meant: Environment) -> str:
    """Return the text of a definition, written as an earlier text is, which means the definition `meant`.

    Where that is written in a way that cannot be kept, its comments stay with the lines that they stood at.
    """
    fresh = native.to_text(environment)
    before = before.replace("\r\n", "\n")
    if _is_plain(before, meant):
        return fresh
    kept = merged(before, to_document(meant), to_document(environment))
    if kept is not None and _means(kept, environment):
        return kept
    if "#" not in before:
        return fresh
    commented = _with_comments(fresh, before)
    return commented if _means(commented, environment) else fresh


def without_name(text: str) -> str:
    """Return a text without the line that names the environment, which stays as it is when that is renamed."""
    return NAME.sub("", text, count=1)


@lru_cache(maxsize=8)
def _is_plain(text: str, meant: Environment) -> bool:
    """Return whether no one wrote a text but this program; asked again for each edit of the same text."""
    return text == native.to_text(meant)


def _means(text: str, environment: Environment) -> bool:
    """Return whether a text says a definition; the order of tags says nothing."""
    try:
        found = native.from_text(text, environment.name).environment
    except InvalidInput:
        # Such as an alias whose anchor went, or a line of a longer text that looked like a comment.
        return False
    return dict(found.tags) == dict(environment.tags) and replace(found, tags=environment.tags) == environment


def _with_comments(fresh: str, before: str) -> str:
    lines = fresh.splitlines()
    heads, tails, codes = _comments(before)
    keys = [_key(line) for line in lines]
    if repeats_much(codes, keys):
        return fresh
    matcher = difflib.SequenceMatcher(None, codes, keys, autojunk=False)
    counterpart = {old + step: new + step for old, new, size in matcher.get_matching_blocks() for step in range(size)}
    result = []
    for position, old in sorted((new, old) for old, new in counterpart.items()):
        if tails.get(old) and "#" not in lines[position]:
            lines[position] += f"  {tails[old]}"
    back = {new: old for old, new in counterpart.items()}
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
