"""Source archives (sdists), checked before a build unpacks them: tar files, compressed or not, and zip files.

Source: PEP 706, which lets links in an sdist lead to its own files only.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from envstudio.archives import tar_file, zip_file
from envstudio.archives.rules import Checker, Limits, UnsafeArchive

OPENERS: dict[str, Callable[[Path], Any]] = {
    ".tar.gz": gzip.GzipFile,
    ".tgz": gzip.GzipFile,
    ".tar.bz2": bz2.BZ2File,
    ".tbz": bz2.BZ2File,
    ".tar.xz": lzma.LZMAFile,
    ".txz": lzma.LZMAFile,
    ".tar": lambda path: path.open("rb"),
}
DAMAGED = (tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError)


def check(path: Path, limits: Limits) -> None:
    """Check a source archive whole. Raises `UnsafeArchive`; nothing is unpacked."""
    name = path.name
    if name.endswith(".zip"):
        with zip_file.opened(path, name, limits, duplicates=True):
            return
    opener = next((opener for ending, opener in OPENERS.items() if name.endswith(ending)), None)
    if opener is None:
        raise UnsafeArchive(name, f"it is in no format of source archives ({', '.join((*OPENERS, '.zip'))})")
    # Some packers write a file twice; whichever is taken, it is a file of the package.
    checker = Checker(name, limits, duplicates=True)
    try:
        with opener(path) as stream:
            for member, _, _ in tar_file.members(stream):
                checker.add(member)
    except DAMAGED as error:
        raise UnsafeArchive(name, f"it is damaged ({error})", zip_file.DAMAGE_ADVICE) from error
    checker.finish()
