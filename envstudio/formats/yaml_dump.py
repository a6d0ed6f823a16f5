"""Plain data as YAML text: block style only, no line folded, so that a file reads and diffs well line by line.

PyYAML's own writer is not used, because it turns any text with a space at a line's end, such as most Dockerfiles have,
into one long quoted line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

STR = "tag:yaml.org,2002:str"
PLAIN = re.compile(r"(?:[\w./(+<=~]|--?[A-Za-z])(?:[\w./()+<=>~!@$%^&*?;,\[\]{}|'\" -]|:(?=\S)|(?<=\S)#)*")
OTHER_YAMLS = re.compile(
    r"[-+]?(?:\.\d[\d_]*|\d[\d_]*\.?[\d_]*)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+|[yYnN]|true|false|yes|no|on|off|null",
    re.IGNORECASE,
)
UNPRINTABLE = re.compile(
    "[^\\t\\n\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
MAX_SIMPLE_KEY = 120
_RESOLVER = yaml.resolver.Resolver()


def dump_yaml(document: Mapping[str, Any]) -> str:
    """Return the YAML text of dicts, lists and scalars: keys in the order given, line by line, no line folded."""
    return "".join(_mapping(document, 0)) if document else "{}\n"


def _mapping(value: Mapping[str, Any], indent: int) -> Iterator[str]:
    for key, item in value.items():
        name = yaml_scalar(key)
        if len(name) > MAX_SIMPLE_KEY:  # libyaml reads no simple key beyond 1,024 characters
            yield f"{' ' * indent}? {name}\n{' ' * indent}:"
        else:
            yield f"{' ' * indent}{name}:"
        yield from _after(item, indent)


def _sequence(value: Iterable[Any], indent: int) -> Iterator[str]:
    for item in value:
        yield " " * indent + "-"
        if isinstance(item, Mapping) and item:
            yield " " + "".join(_mapping(item, indent + 2)).lstrip(" ")
        else:
            yield from _after(item, indent)


def _after(value: Any, indent: int) -> Iterator[str]:
    """Yield what stands after the colon of a key or the dash of an item, which is `indent` columns in."""
    if isinstance(value, (Mapping, list, tuple)) and value:
        yield "\n"
        yield from _mapping(value, indent + 2) if isinstance(value, Mapping) else _sequence(value, indent + 2)
    elif isinstance(value, str) and "\n" in value.rstrip("\n") and not UNPRINTABLE.search(value):
        yield _literal(value, indent + 2)
    else:
        yield f" {yaml_scalar(value)}\n"


def _literal(text: str, indent: int) -> str:
    """Return a text of several lines as a literal block; the indent is stated if it could not be guessed."""
    stated = "2" if text[0] in " \t\n" else ""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    chomping = {0: "-", 1: ""}.get(ends, "+")
    lines = "".join(f"{' ' * indent if line else ''}{line}\n" for line in body.split("\n"))
    return f" |{stated}{chomping}\n{lines}" + "\n" * max(0, ends - 1)


def yaml_scalar(value: Any) -> str:
    """Return a scalar on one line; a text is quoted if any YAML reader could take it for something else."""
    if isinstance(value, (Mapping, list, tuple)):
        return "{}" if isinstance(value, Mapping) else "[]"
    if isinstance(value, str):
        return value if _is_plain(value) else _quoted(value)
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value)


def _is_plain(text: str) -> bool:
    if not PLAIN.fullmatch(text) or text.endswith(" ") or OTHER_YAMLS.fullmatch(text):
        return False
    return bool(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == STR)  # type: ignore[no-untyped-call]


def _float(value: float) -> str:
    text = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(repr(value), repr(value))
    mantissa, e, exponent = text.partition("e")
    # YAML 1.1 takes a number without a point for text.
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}{e}{exponent}"


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")
    return UNPRINTABLE.sub(lambda found: f"\\U{ord(found.group()):08x}", quoted)
