"""Wheels, checked before anything unpacks them (PyPA's binary distribution format, and its entry points)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

from envstudio.archives import zip_file
from envstudio.archives.rules import Limits, UnsafeArchive, is_plain_name, safe_path
from envstudio.errors import InvalidInput

ENTRY_POINTS_BYTES = 4 << 20
METADATA_BYTES = 16 << 20
"""Of METADATA, which holds the project's whole description; real ones stay below 1 MB."""

SECTION = re.compile(r"\s*\[(.+)\]")
SCRIPT_SECTIONS = ("console_scripts", "gui_scripts", "default")
"""Those whose entries become programs; what stands in DEFAULT is in every other section too (configparser)."""

EMPTY_WHEEL = "Wheel-Version: 1.0\nGenerator: envstudio\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
SCHEMES = ("purelib", "platlib", "headers", "scripts", "data")


def check(path: Path, limits: Limits) -> None:
    """Check a wheel whole. Raises `UnsafeArchive`; nothing is unpacked."""
    with zip_file.opened(path, path.name, limits, duplicates=True) as archive:
        for member in archive.infolist():
            folder, _, rest = (safe_path(member.filename) or "").partition("/")
            scheme, inside, _ = rest.partition("/")
            is_odd = scheme not in SCHEMES or not (inside or member.is_dir())
            if folder.endswith(".data") and rest and is_odd:
                raise UnsafeArchive(path.name, f"its member {member.filename!r} belongs to no installation scheme")
            if rest == "entry_points.txt" and folder.endswith(".dist-info"):
                if member.file_size > ENTRY_POINTS_BYTES:
                    raise UnsafeArchive(path.name, f"its {member.filename} has {member.file_size:,} bytes")
                _check_entry_points(path.name, archive.read(member).decode("utf-8", "replace"))


def opened(path: Path) -> zipfile.ZipFile:
    """Return a wheel as an open archive, for an installer; `check` it first. Raises `zipfile.BadZipFile`, `OSError`."""
    return zipfile.ZipFile(path)


def metadata_text(wheel: Path | IO[bytes], name: str) -> str:
    """Return the text of a wheel's METADATA, and read nothing else of it; `name` names the wheel in errors.

    Raises `InvalidInput` for a file that is not a wheel or is damaged.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = [item for item in archive.infolist() if item.filename.endswith(".dist-info/METADATA")]
            if not found:
                raise _unreadable(name, "it has no METADATA")
            with archive.open(found[0]) as stream:
                data = stream.read(METADATA_BYTES + 1)
    except zip_file.DAMAGED as error:
        raise _unreadable(name, str(error)) from error
    if len(data) > METADATA_BYTES:
        raise _unreadable(name, f"its METADATA has more than {METADATA_BYTES >> 20} MiB")
    return data.decode("utf-8", "replace")


def _unreadable(name: str, reason: str) -> InvalidInput:
    return InvalidInput(f"{name} is not a wheel that can be read.", "Lock again and retry.", reason)


def _check_entry_points(wheel: str, text: str) -> None:
    """Reject a script whose name is a path: an installer writes a program of that name.

    Installers differ in what begins a section, what ends a line, and what stands between a name and its value, so that
    a name which leads outside is rejected in every section and in either way of reading it.
    """
    is_script = False
    for line in text.splitlines():
        if header := SECTION.match(line):
            is_script = header[1].strip().lower() in SCRIPT_SECTIONS
            continue
        if line.strip()[:1] in ("", "#", ";"):
            continue
        names = [line.partition(sign)[0].strip() for sign in "=:" if sign in line]
        if is_script and "=" in line and not is_plain_name(names[0]):
            raise UnsafeArchive(wheel, f"its script {names[0]!r} is not a plain name")
        if outside := [name for name in names if safe_path(name) is None]:
            raise UnsafeArchive(wheel, f"its entry point {outside[0]!r} leads outside")


def write_empty_wheel(folder: Path, name: str, version: str) -> Path:
    """Write the least that is a wheel: a project's name and version, no files, no requirements. Return its path."""
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", EMPTY_WHEEL)
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
    return path
