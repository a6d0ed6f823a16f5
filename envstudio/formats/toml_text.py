"""TOML as tables that know their place; nesting is limited before the parser, which recurses, sees the text."""

from __future__ import annotations

import re
import tomllib

from envstudio.domain.plain_data import ADVICE, Table
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import MAX_NESTING, located, refuse_nesting
from envstudio.formats.format import Source

PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
DOTTED = re.compile(rf"""(?<![A-Za-z0-9_."'-]){PART}(?:[ \t]*+\.[ \t]*+{PART}){{{MAX_NESTING}}}""")
"""A key of more parts than the limit; tomllib takes a time that grows with the square of their number."""

LOCATION = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)


def load_toml(source: Source, advice: str = ADVICE) -> Table:
    """Return the table that a TOML file is. Raises `InvalidInput` naming file and line."""
    refuse_nesting(source)
    _refuse_long_keys(source)
    try:
        return Table(tomllib.loads(source.text), source.file_name, advice=advice)
    except tomllib.TOMLDecodeError as error:
        raise _malformed(source, error) from error
    except ValueError as error:
        # Python converts no number of more than 4,300 digits.
        raise located(source.file_name, 1, "a number in it is too long.", advice, str(error)) from error


def _refuse_long_keys(source: Source) -> None:
    if source.text.count(".") <= MAX_NESTING:
        return
    if found := DOTTED.search(source.text):
        line = source.text.count("\n", 0, found.start()) + 1
        raise located(source.file_name, line, f"a key has more than {MAX_NESTING} parts.", "Flatten the key.")


def _malformed(source: Source, error: tomllib.TOMLDecodeError) -> InvalidInput:
    found = LOCATION.fullmatch(str(error))
    reason = found.group(1) if found else str(error)
    line = int(found.group(2)) if found and found.group(2) else source.text.count("\n") + 1
    return located(source.file_name, line, f"this is not valid TOML: {reason}.", "Fix that line.")
