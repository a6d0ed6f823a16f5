"""Compile what comes in on standard input, for as long as it comes: run by an interpreter of the image's Python.

Each request is two lengths (big-endian, 4 bytes each), a path and a source; each answer is a length and a `.pyc` of it,
or the length 0 if the source is not valid. The `.pyc` is never checked against its source (PEP 552), so that it
neither holds a time nor depends on one. Runs on any Python 3.7 or newer, with nothing but its standard library.
"""

import sys

if __name__ == "__main__" and sys.path:
    # Beside this file are modules that must not hide the standard library's.
    del sys.path[0]

import importlib.util
import marshal
import struct

UNCHECKED_HASH = 1


def compiled(path: str, source: bytes) -> bytes:
    """Return the `.pyc` of a source, or nothing if it is not valid (templates, Python 2)."""
    try:
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
        data = marshal.dumps(code)
    except Exception:  # noqa: BLE001 - whatever a source does to the compiler, it has no bytecode then
        return b""
    head = importlib.util.MAGIC_NUMBER + struct.pack("<I", UNCHECKED_HASH)
    return head + importlib.util.source_hash(source) + data


def main() -> None:
    """Answer until the input ends."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        head = source.read(8)
        if len(head) < 8:
            return
        path_length, length = struct.unpack(">II", head)
        path = source.read(path_length).decode("utf-8", "surrogateescape")
        data = compiled(path, source.read(length))
        target.write(struct.pack(">I", len(data)) + data)
        target.flush()


if __name__ == "__main__":
    main()
