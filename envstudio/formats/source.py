"""Reads a file to text, so that every format meets the same decoding, limits and line ends, and the same refusals."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from envstudio.errors import InvalidInput, NotFound
from envstudio.formats.boundary import located
from envstudio.formats.format import Source

MAX_BYTES = 20 * 1024 * 1024
# UTF-32's little-endian mark begins with UTF-16's, so it has to be requested first.
UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
# PEP 263's declaration, which pip honours in the first two lines of a requirements file.
CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
TEMPLATE = re.compile(r"\{\{|\{%")
SAVE_AS_UTF8 = "Save the file as UTF-8 in your editor and read it again."


def read_source(path: Path) -> Source:
    """Read a text file of at most 20 MB in UTF-8, or in UTF-16 with a byte order mark.

    Raises `NotFound` if there is no file, `InvalidInput` if it cannot be read or is no such text.
    """
    return Source(str(path), _decoded(_bytes(path), path.name), path.absolute().parent)


def bytes_source(name: str, data: bytes, folder: Path | None = None) -> Source:
    """Return bytes that did not come from a file, such as standard input, as a source. Raises `InvalidInput`."""
    _refuse_size(data, name)
    return Source(name, _decoded(data, name), folder)


def text_source(name: str, text: str, folder: Path | None = None) -> Source:
    """Return text that did not come from a file, such as a paste or a download, as a source."""
    return Source(name, _with_plain_line_ends(text), folder)


def refuse_conflict_markers(source: Source) -> None:
    """Raise `InvalidInput` if an unfinished merge left Git's conflict markers in the text."""
    found = CONFLICT.search(source.text)
    if found and source.text.count("\n<<<<<<<") + source.text.startswith("<<<<<<<"):
        raise located(
            source.file_name,
            source.text.count("\n", 0, found.start()) + 1,
            "this is a Git conflict marker.",
            "Finish the merge, then read the file again.",
        )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(
            f"There is no file {path}.", "Check the path.", code="file-missing", subject=str(path)
        ) from error
    except IsADirectoryError as error:
        raise InvalidInput(
            f"{path} is a folder.", "Name a file in it.", code="not-a-file", subject=str(path)
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput(
            f"{path} cannot be read: {reason}.", "Check its permissions.", code="file-unreadable", subject=str(path)
        ) from error
    _refuse_size(data, path.name)
    return data


def _refuse_size(data: bytes, name: str) -> None:
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"{name} is larger than {MAX_BYTES // 1024 // 1024} MB.",
            "No environment needs that much; check that it is the file you meant.",
        )


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte {error.start} (0x{data[error.start]:02x}) is not {error.encoding.upper().removesuffix('-SIG')}."
        raise located(name, line, what, SAVE_AS_UTF8) from error
    if "\0" in text:
        offset = text.index("\0")
        line = text.count("\n", 0, offset) + 1
        raise located(name, line, f"character {offset} is NUL, so this is not a text file.", SAVE_AS_UTF8)
    return _with_plain_line_ends(text)


def _encoding(data: bytes) -> str:
    if data.startswith(UTF16_MARKS) and not data.startswith(UTF32_MARKS):
        return "utf-16"
    for line in data[:400].splitlines()[:2]:
        found = CODING.match(line)
        if found and (name := _known_encoding(found.group(1).decode("ascii", "replace"))):
            return name
    return "utf-8-sig"


def _known_encoding(name: str) -> str:
    """Return the encoding's own name; nothing for one that Python does not know, and for UTF-8 and its like."""
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return ""
    return known if known.startswith(("iso8859", "cp", "latin", "mac", "koi8", "gb", "big5", "euc", "shift")) else ""


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
