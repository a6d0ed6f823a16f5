"""Wheels, unpacked by PyPA's `installer` into tar fragments."""

from __future__ import annotations

import configparser
import hashlib
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from envstudio.builders.assembly.bytecode import Compilers, cached_path, is_compiled
from envstudio.builders.assembly.bytecode_store import Compiler
from envstudio.builders.assembly.installation import Installation, Prefix
from envstudio.builders.assembly.layers import CHUNK, Fragment, FragmentWriter, spooled
from envstudio.builders.assembly.wheel_source import opened
from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError
from envstudio.report import Report

if TYPE_CHECKING:
    from installer.records import RecordEntry
    from installer.utils import Scheme

RECIPE = "wheel-4"
"""Changes whenever the same wheel would be unpacked to other bytes."""


def key(package: LockedPackage, prefix: Prefix, compilers: Compilers) -> str:
    """Return what decides the bytes of an installed wheel."""
    return f"{RECIPE}\n{package.sha256}\n{prefix.path}\n{prefix.python}\n{compilers.key}"


def fragment(package: LockedPackage, wheel: Path, installation: Installation) -> Fragment:
    """Return the tar fragment of an installed wheel, made if the cache lacks it. Raises `EnvStudioError`."""
    prefix, compilers, cache = installation.prefix, installation.compilers, installation.cache
    cache_key = key(package, prefix, compilers)
    known = cache.find(cache_key, package.name)
    if known is not None:
        return known
    session = cache.write(cache_key, package.name, installation.report.raise_if_cancelled)
    identity = f"{package.sha256}\n{prefix.path}\n{prefix.python}"
    with session as writer, compilers.of_package(identity) as compiler:
        _unpack(wheel, prefix, writer, compiler, installation.report)
    return session.fragment


def _unpack(wheel: Path, prefix: Prefix, writer: FragmentWriter, compiler: Compiler | None, report: Report) -> None:
    """Install a wheel into a fragment."""
    from installer import install
    from installer.exceptions import InstallerError
    from installer.records import InvalidRecordEntry

    # installer asserts the form of entry points, and lets through what configparser and decoding raise.
    malformed = (InstallerError, InvalidRecordEntry, configparser.Error, AssertionError, UnicodeDecodeError, KeyError)

    try:
        with opened(wheel, lambda text: report.line(f"warning: {text}", "err")) as source:
            install(
                source,
                TarDestination(prefix, source.distribution, writer, compiler),
                additional_metadata={"INSTALLER": b"envstudio\n"},
            )
    except malformed as error:
        raise EnvStudioError(
            f"{wheel.name} is not a valid wheel.",
            "Choose another version of the package.",
            str(error) or "an entry point of it names no function",
            code="unsafe-archive",
            subject=wheel.name,
        ) from error


class TarDestination:
    """A destination for `installer` that writes a fragment instead of a file tree (its WheelDestination protocol)."""

    def __init__(
        self, prefix: Prefix, distribution: str, writer: FragmentWriter, compiler: Compiler | None = None
    ) -> None:
        self._prefix, self._writer, self._compiler = prefix, writer, compiler
        self._bytecode: list[tuple[Scheme, RecordEntry]] = []
        self._programs: dict[str, RecordEntry] = {}
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

        name = os.fspath(path)
        if scheme == "scripts" and name in self._programs:
            # As with pip, whose launchers replace a script of the wheel's own.
            return self._programs[name]
        if scheme == "scripts":
            with fix_shebang(stream, self._prefix.interpreter) as fixed:
                return self._add(scheme, name, fixed, True)
        if scheme in ("purelib", "platlib") and is_compiled(name) and self._compiler is not None:
            source = stream.read()
            entry = self._add(scheme, name, io.BytesIO(source), is_executable)
            self._compile(self._compiler, scheme, name, source)
            return entry
        return self._add(scheme, name, stream, is_executable)

    def _compile(self, compiler: Compiler, scheme: Scheme, path: str, source: bytes) -> None:
        """Add the bytecode of a source; RECORD lists it without a hash, as pip does."""
        from installer.records import RecordEntry

        data = compiler.compiled(f"{self._schemes[scheme]}/{path}", source)
        if data:
            name = cached_path(path, self._prefix.python)
            self._writer.add_bytes(f"{self._schemes[scheme]}/{name}".lstrip("/"), data)
            self._bytecode.append((scheme, RecordEntry(name, None, None)))

    def write_script(self, name: str, module: str, attr: str, section: str) -> RecordEntry:
        """Write the launcher of an entry point and return its RECORD entry."""
        from installer.scripts import Script

        script = Script(name, module, attr, section)
        script_name, data = script.generate(self._prefix.interpreter, "posix")
        self._programs[script_name] = self._add("scripts", script_name, io.BytesIO(data), True)
        return self._programs[script_name]

    def finalize_installation(
        self, scheme: Scheme, record_file_path: str, records: Iterable[tuple[Scheme, RecordEntry]]
    ) -> None:
        """Write RECORD itself."""
        from installer.utils import construct_record_file

        # A script that a launcher replaced has the launcher's line, which is to stand there once.
        listed = {(where, entry.path): (where, entry) for where, entry in records}
        with construct_record_file([*listed.values(), *self._bytecode], self._record_prefix) as stream:
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
