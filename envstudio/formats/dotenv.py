"""Variables as the lines of a `.env` file: read as python-dotenv does, and written so that they are read again."""

from __future__ import annotations

import re

from envstudio.domain.environment import Variable
from envstudio.errors import InvalidInput

LINE_END = re.compile(r"\r\n|\r|\n")
COMMENT = re.compile(r"\s+#.*$")
SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'\s*(?:#.*)?", re.DOTALL)
DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?', re.DOTALL)
CLOSED = {
    "'": re.compile(r"'(?:[^'\\]|\\.)*'[^\S\n]*(?:#[^\n]*)?(?=\n|\Z)", re.DOTALL),
    '"': re.compile(r'"(?:[^"\\]|\\.)*"[^\S\n]*(?:#[^\n]*)?(?=\n|\Z)', re.DOTALL),
}
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "$": "$"}
PLAIN = re.compile(r"(?![\s'\"])[^\n\r]*(?<!\s)|")


def entries(text: str) -> list[str]:
    """Return what stands in a file for each variable; a value in quotes may go over several lines."""
    # Not splitlines(), which ends a line at signs that a value may hold.
    lines, found, number = LINE_END.split(text), [], 0
    while number < len(lines):
        last = _last_line(lines, number)
        entry = "\n".join(lines[number : last + 1]).strip()
        if entry and not entry.startswith("#"):
            found.append(entry)
        number = last + 1
    return found


def _last_line(lines: list[str], first: int) -> int:
    """Return the line on which the value that begins on a line ends; a quote that is never closed is none."""
    name, _, value = lines[first].partition("=")
    value = value.lstrip()
    if name.lstrip().startswith("#") or value[:1] not in CLOSED:
        return first
    closed = CLOSED[value[0]]
    found = closed.match(value) or closed.match("\n".join([value, *lines[first + 1 :]]))
    return first + found.group().count("\n") if found else first


def parse_entry(entry: str) -> Variable:
    """Read NAME=value. Raises `InvalidInput`."""
    name, equals, value = entry.removeprefix("export ").partition("=")
    if not equals:
        raise InvalidInput(f"{entry!r} is not a variable.", "Write NAME=value.")
    return Variable(name.strip(), _value(value.strip()))


def _value(text: str) -> str:
    """Return a value without its quotes, or without the comment after it."""
    if found := DOUBLE.fullmatch(text):
        return ESCAPED.sub(lambda sign: ESCAPES.get(sign.group(1), sign.group()), found.group(1))
    if found := SINGLE.fullmatch(text):
        return re.sub(r"\\(['\\])", r"\1", found.group(1))
    return COMMENT.sub("", text)


def entry_of(variable: Variable) -> str:
    """Return a variable as an entry that is read as it again; a secret without its value."""
    value = variable.value
    if PLAIN.fullmatch(value) and _value(value) == value:
        return f"{variable.name}={value}"
    quoted = re.sub(r'["\\]', r"\\\g<0>", value).replace("\r", "\\r")
    return f'{variable.name}="{quoted}"'
