"""Variables as the lines of a `.env` file: read as python-dotenv does, and written so that they are read again."""

from __future__ import annotations

import re

from envstudio.domain.environment import Variable
from envstudio.errors import InvalidInput

LINE_END = re.compile(r"\r\n|\r|\n")
COMMENT = re.compile(r"\s#.*$")
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
    text, found, start = LINE_END.sub("\n", text), [], 0
    while start < len(text):
        end = _end(text, start)
        entry = text[start:end].strip()
        if entry and not entry.startswith("#"):
            found.append(entry)
        start = end + 1
    return found


def _end(text: str, start: int) -> int:
    """Return where the entry ends whose line begins at `start`; a quote that is never closed is none."""
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    name, equals, value = text[start:line_end].partition("=")
    quote = value.lstrip()[:1]
    if not equals or name.lstrip().startswith("#") or quote not in CLOSED:
        return line_end
    found = CLOSED[quote].match(text, line_end - len(value.lstrip()))
    return found.end() if found else line_end


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
    return COMMENT.sub("", text).rstrip()


def entry_of(variable: Variable) -> str:
    """Return a variable as an entry that is read as it again; a secret without its value."""
    value = variable.value
    if PLAIN.fullmatch(value) and _value(value) == value:
        return f"{variable.name}={value}"
    quoted = re.sub(r'["\\]', r"\\\g<0>", value).replace("\r", "\\r")
    return f'{variable.name}="{quoted}"'
