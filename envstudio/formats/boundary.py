"""The one way into the readers of files: limits first, then the reader, and every error with the name of its file.

Parsers of other projects have limits of their own, or none: some recurse, some take time that grows with the square of
a line. What no real file comes near is refused here, before any of them sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol, TypeVar

from envstudio.errors import EnvStudioError, InvalidInput

MAX_CHARACTERS = 20 * 1024 * 1024
"""The largest lock in wide use, of several platforms, has 2 MB."""

MAX_LINE = 100_000
"""Characters. The longest line of a thousand real definitions has 1,300; a file inlined as base64 has some 10,000."""

MAX_ENTRIES = 10_000
"""Requirements, variables or other entries of one definition. The largest of a thousand real ones has 700."""

MAX_NESTING = 100
"""Brackets in brackets. Real files stay below 15, and parsers that recurse fail at a few hundred."""

AT_LINE = re.compile(r", line \d+: ")
BRACKET = re.compile(r"[\[\]{}]")
OPENING = frozenset("[{")

Result = TypeVar("Result")


class Text(Protocol):
    """What is read: its file's name, and its text with plain line ends."""

    @property
    def file_name(self) -> str: ...

    @property
    def text(self) -> str: ...


AnyText = TypeVar("AnyText", bound=Text)


def located(file: str, line: int, reason: str, advice: str = "", details: str = "") -> InvalidInput:
    """Return the error for one line of a file, all of them worded alike."""
    return InvalidInput(f"{file}, line {line}: {reason}", advice, details, code="malformed-file", subject=file)


def reading(read: Callable[[AnyText, str], Result]) -> Callable[[AnyText, str], Result]:
    """Return a reader that keeps the limits, and whose errors name the file."""

    def limited(source: AnyText, name: str) -> Result:
        refuse_beyond_limits(source)
        try:
            return read(source, name)
        except EnvStudioError as error:
            # A file that this one includes is named already.
            if source.file_name in error.summary or AT_LINE.search(error.summary):
                raise
            raise type(error)(
                f"{source.file_name}: {error.summary}",
                error.advice,
                error.details,
                code=error.code,
                subject=error.subject,
                remedy=error.remedy,
            ) from error
        except BaseException as error:
            if not is_panic(error):
                raise
            raise InvalidInput(
                f"{source.file_name}: the library that reads this format stopped at something in it.",
                "Write it again with the tool that it is from.",
                str(error),
            ) from error

    return limited


def is_panic(error: BaseException) -> bool:
    """Return whether native code written in Rust stopped at what it holds to be impossible.

    Each such library has an exception type of that name of its own, which is not an `Exception` and which none exports.
    """
    return type(error).__name__ == "PanicException"


def refuse_beyond_limits(source: Text) -> None:
    """Raise `InvalidInput` for a text that is larger, longer or deeper than any that a reader is given."""
    text, file = source.text, source.file_name
    if len(text) > MAX_CHARACTERS:
        raise located(file, 1, f"the text is larger than {MAX_CHARACTERS // 1024 // 1024} MB.", "Make it smaller.")
    if len(text) > MAX_LINE:
        _refuse_long_lines(file, text)
    if not text.isascii():
        _refuse_surrogates(file, text)


def _refuse_long_lines(file: str, text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            reason = f"this line has {len(line):,} characters; the most that is read is {MAX_LINE:,}."
            raise located(file, number, reason, "Check that it is the file you meant, or break the line.")


def refuse_nesting(source: Text) -> None:
    """Raise `InvalidInput` for brackets that are nested deeper than any parser is asked to follow."""
    text = source.text
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return
    depth = 0
    for found in BRACKET.finditer(text):
        depth = depth + 1 if found.group() in OPENING else max(0, depth - 1)
        if depth > MAX_NESTING:
            line = text.count("\n", 0, found.start()) + 1
            raise located(
                source.file_name, line, f"brackets are nested more than {MAX_NESTING} deep.", "Flatten the value."
            )


def _refuse_surrogates(file: str, text: str) -> None:
    """A paste can hold half of a surrogate pair, which no file and no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise located(file, line, "this is half a surrogate pair.", "Remove it.", str(error)) from error
