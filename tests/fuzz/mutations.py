"""Damages real files: pieces of text are moved, dropped and replaced, and values of a document become others."""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import tomlkit
import yaml

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
WORDS = (
    "", " ", "\t", "\n", "\\\n", "#", "'", '"', ":", ": ", "- ", "[", "]", "{", "}", ",", "=", "==", "===", "~=",
    "!=", ">=", "@", " @ ", ";", "::", "*", "&a ", "*a", "<<: ", "!!str ", "---\n", "null", "true", "1", "-1", "0",
    "1e999", "1.10", "2024-01-01", "0x", "{{ x }}", "${X}", "../../x", "/", "file:///x",
    "git+https://host.example/a.git@v1", "https://host.example", "https://u:p@host.example/x", "://", "http://[",
    "https://host.example:port/x", "pip", "name", "version", "-e .", "-r x.txt", "--hash=sha256:0", "--index-url",
    "FROM", "FROM scratch", "COPY . .", "RUN <<EOF\n", "\x1b[31m", "\x00", "\x85", "\u2028", "\u202e", "\ufeff", "é",
    "😀", "\ud800", "9" * 40, "sha256:" + "a" * 64, "A" * 5000, " " * 500, "python_version === '3.12'",
    "python_version < 'x'", "extra == 'a'", "os_name", "'linux' in 'x'", "1.0.dev", "a b c", "numpy[", "numpy[]",
    "conda-forge::numpy",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**20, 1.5, "", "x", " ", "1", [], ["x"], [None], [[]], {}, {"x": 1}, {"x": {}}, [{}],
    "linux-64", "noarch", "win-64", "no-platform", "pip", "python_version === '3.12'", "python_version > 'x'",
    "https://host.example/a-1-0.conda", "https://host.example", "git", "a\nb", "\x1b[31m", "é", "sha256:x", "a" * 64,
    "A" * 4000, "===", "file:///", "a/b", "://", "http://[::1", "1.*", "==1", ">=3", "3", "3.x", "٣.1", "--", "-e",
    "$", "{{ x }}",
)  # fmt: skip


def mutated(rng: random.Random, text: str, others: Sequence[str]) -> str:
    """Return a text with one to four things wrong in it."""
    if rng.random() < 0.4:
        with suppress(ValueError, TypeError, yaml.YAMLError, RecursionError):
            text = _document(rng, text)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 4))):
        text = rng.choice(TEXT_CHANGES)(rng, text, others)
    return text


def _document(rng: random.Random, text: str) -> str:
    """Change values of a document of JSON, TOML or YAML and write it again."""
    load, dump = _codec(text)
    root = load(text)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        root = _changed(rng, root)
    return dump(root)


def _codec(text: str) -> tuple[Callable[[str], Any], Callable[[Any], str]]:
    head = text.lstrip()[:1]
    if head == "{":
        return json.loads, json.dumps
    with suppress(tomllib.TOMLDecodeError):
        tomllib.loads(text)
        return tomllib.loads, lambda root: tomlkit.dumps(_without_null(root))
    return partial(yaml.load, Loader=Loader), partial(yaml.dump, Dumper=Dumper, sort_keys=False)


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value if item is not None] if isinstance(value, list) else value


def _changed(rng: random.Random, root: Any) -> Any:
    """Return a document with one value dropped, doubled, renamed or replaced."""
    locations: list[tuple[Any, Any]] = []
    waiting = [root]
    while waiting and len(locations) < 2000:
        value = waiting.pop(rng.randrange(len(waiting)))
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in pairs:
            locations.append((value, key))
            waiting.append(item)
    if not locations:
        return rng.choice(VALUES)
    parent, key = rng.choice(locations)
    act = rng.randrange(6)
    if act == 0:
        del parent[key]
    elif act == 1 and isinstance(parent, dict):
        parent[rng.choice(("x", "", "name", "url", "version", 1, None))] = parent.pop(key)
    elif act == 2:
        other, at = rng.choice(locations)
        with suppress(KeyError, IndexError):
            parent[key] = json.loads(json.dumps(other[at], default=str))
    elif act == 3 and isinstance(parent, list):
        parent.insert(key, rng.choice(VALUES))
    else:
        parent[key] = rng.choice(VALUES)
    return root


def _drop(rng: random.Random, text: str, _: Sequence[str]) -> str:
    start = rng.randrange(len(text) + 1)
    return text[:start] + text[start + rng.choice((1, 1, 2, 5, 20, 200)) :]


def _insert(rng: random.Random, text: str, _: Sequence[str]) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(WORDS) + text[at:]


def _replace_word(rng: random.Random, text: str, _: Sequence[str]) -> str:
    start = rng.randrange(len(text) + 1)
    end = start
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[:start] + rng.choice(WORDS) + text[end:]


def _lines(rng: random.Random, text: str, _: Sequence[str]) -> str:
    lines = text.split("\n")
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    act = rng.randrange(4)
    if act == 0:
        del lines[one]
    elif act == 1:
        lines.insert(one, lines[two])
    elif act == 2:
        lines[one], lines[two] = lines[two], lines[one]
    else:
        lines[one] = rng.choice(("  ", " ", "\t", "- ", "")) + lines[one].lstrip()
    return "\n".join(lines)


def _truncate(rng: random.Random, text: str, _: Sequence[str]) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _splice(rng: random.Random, text: str, others: Sequence[str]) -> str:
    other = rng.choice(others) if others else text
    at, start = rng.randrange(len(text) + 1), rng.randrange(len(other) + 1)
    return text[:at] + other[start : start + 200] + text[at:]


TEXT_CHANGES = (_drop, _insert, _insert, _replace_word, _replace_word, _lines, _lines, _truncate, _splice)
