"""Wheels, unpacked by PyPA's `installer` into tar fragments."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from envstudio.builders.layers import CHUNK, Fragment, FragmentCache, FragmentWriter, spooled
from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError

if TYPE_CHECKING:
    from installer.records import RecordEntry
    from installer.utils import Scheme

RECIPE = "wheel-2"
"""Changes whenever the same wheel would be unpacked to other bytes."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Where Python packages go inside an image: "/opt/env", its interpreter, and Python's "3.11"."""

    path: str
    python: str

    @property
    def interpreter(self) -> str:
        return f"{self.path}/bin/python"

    @property
    def site_packages(self) -> str:
        return f"{self.path}/lib/python{self.python}/site-packages"


def fragment(package: LockedPackage, wheel: Path, prefix: Prefix, cache: FragmentCache) -> tuple[Fragment, bool]:
    """Return the tar fragment of an installed wheel, and whether it was in the cache."""
    key = f"{RECIPE}\n{package.sha256}\n{prefix.path}\n{prefix.python}"
    known = cache.find(key, package.name)
    if known is not None:
        return known, True
    session = cache.write(key, package.name)
    with session as writer:
        _unpack(wheel, prefix, writer)
    return session.fragment, False


def _unpack(wheel: Path, prefix: Prefix, writer: FragmentWriter) -> None:
    """Install a wheel into a fragment."""
    from installer import install
    from installer.exceptions import InstallerError
    from installer.sources import WheelFile

    try:
        with WheelFile.open(wheel) as source:
            install(
                source,
                TarDestination(prefix, source.distribution, writer),
                additional_metadata={"INSTALLER": b"envstudio\n"},
            )
    except (InstallerError, KeyError) as error:
        raise EnvStudioError(
            f"{wheel.name} is not a valid wheel.", "Ask for another version of the package.", str(error)
        ) from error


class TarDestination:
    """A destination for `installer` that writes a fragment instead of a file tree (its WheelDestination protocol)."""

    def __init__(self, prefix: Prefix, distribution: str, writer: FragmentWriter) -> None:
        self._prefix, self._writer = prefix, writer
        self._schemes = {
            "purelib": prefix.site_packages,
            "platlib": prefix.site_packages,
            "scripts": f"{prefix.path}/bin",
            "headers": f"{prefix.path}/include/site/python{prefix.python}/{distribution}",
            "data": prefix.path,
        }

    def write_file(
        self, scheme: Scheme, path: str | os.PathLike[str], stream: IO[bytes], is_executable: bool
    ) -> RecordEntry:
        """Write one file of the wheel and return its RECORD entry."""
        from installer.utils import fix_shebang

        if scheme == "scripts":
            with fix_shebang(stream, self._prefix.interpreter) as fixed:
                return self._add(scheme, os.fspath(path), fixed, True)
        return self._add(scheme, os.fspath(path), stream, is_executable)

    def write_script(self, name: str, module: str, attr: str, section: str) -> RecordEntry:
        """Write the launcher of an entry point and return its RECORD entry."""
        import io

        from installer.scripts import Script

        script = Script(name, module, attr, section)
        script_name, data = script.generate(self._prefix.interpreter, "posix")
        return self._add("scripts", script_name, io.BytesIO(data), True)

    def finalize_installation(
        self, scheme: Scheme, record_file_path: str, records: Iterable[tuple[Scheme, RecordEntry]]
    ) -> None:
        """Write RECORD itself."""
        from installer.utils import construct_record_file

        with construct_record_file(records, self._record_prefix) as stream:
            self._add(scheme, record_file_path, stream, False)

    def _record_prefix(self, scheme: Scheme) -> str | None:
        """Return the path from site-packages to a scheme's folder, as RECORD wants it."""
        target = self._schemes[scheme]
        if target == self._prefix.site_packages:
            return None
        return os.path.relpath(target, self._prefix.site_packages).replace(os.sep, "/") + "/"

    def _add(self, scheme: str, path: str, stream: IO[bytes], executable: bool) -> RecordEntry:
        import base64

        from installer.records import Hash, RecordEntry

        spool, size = spooled(stream)
        digest = hashlib.sha256()
        while chunk := spool.read(CHUNK):
            digest.update(chunk)
        spool.seek(0)
        full = f"{self._schemes[scheme]}/{path}".lstrip("/")
        self._writer.add_file(full, spool, size, executable=executable)
        spool.close()
        encoded = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
        return RecordEntry(path, Hash("sha256", encoded), size)
