"""What a wheel says of itself: its licence and size, from the file where it is cached, else from the index.

Most indexes serve a wheel's METADATA beside it (PEP 658); from others, it is read out of the remote archive by ranges.
Nothing large is fetched for it.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import IO, Any

from envstudio import paths
from envstudio.archives.wheel import metadata_text
from envstudio.domain.lock import LockedPackage
from envstudio.errors import InvalidInput, Unavailable
from envstudio.packages import wheels
from envstudio.report import Report
from envstudio.settings import Settings, mirrored

PARALLEL = 8
RANGE_BYTES = 32 << 10

LONGEST_LICENSE = 60
"""Some put the whole text of their licence into the field for its name."""


@dataclass(frozen=True, slots=True)
class WheelFacts:
    """Licence (an SPDX expression if the wheel has one; empty if unknown) and size in bytes (0: unknown)."""

    license: str = ""
    size: int = 0


def facts_of(packages: Iterable[LockedPackage], settings: Settings, report: Report) -> dict[str, WheelFacts]:
    """Return what is known of some wheels by sha256; what cannot be reached or read is left out. Raises `Cancelled`."""
    wanted = [item for item in packages if item.sha256 and item.file_name.endswith(".whl")]
    found: dict[str, WheelFacts] = {}
    with ThreadPoolExecutor(PARALLEL) as pool:
        for number, (item, facts) in enumerate(
            zip(wanted, pool.map(lambda item: _facts(item, settings, report), wanted), strict=True), 1
        ):
            report.progress(number, len(wanted), "packages")
            if facts is not None:
                found[item.sha256] = facts
    report.raise_if_cancelled()
    return found


def _facts(package: LockedPackage, settings: Settings, report: Report) -> WheelFacts | None:
    known = paths.cache_dir("wheel-facts", package.sha256[:2], f"{package.sha256}.json")
    with contextlib.suppress(OSError, ValueError, TypeError):
        return WheelFacts(**json.loads(known.read_text("utf-8")))
    if report.cancelled:
        return None
    try:
        found = read(package, settings)
    except (Unavailable, InvalidInput):
        return None
    # A cache that cannot be written costs time only.
    with contextlib.suppress(OSError):
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(asdict(found)), "utf-8")
    return found


def read(package: LockedPackage, settings: Settings) -> WheelFacts:
    """Return what a wheel says of itself. Raises `Unavailable`, and `InvalidInput` for one that is damaged."""
    cached = wheels.cached(package)
    if cached.exists():
        return WheelFacts(license_of(metadata_in(cached, str(cached))), cached.stat().st_size)
    url = mirrored(package.url, settings.mirror_indexes)
    size = package.size or wheels.size_of(url, settings)
    return WheelFacts(license_of(_remote_metadata(url, size, settings)), size)


def _remote_metadata(url: str, size: int, settings: Settings) -> Message:
    """Return the METADATA of a wheel on an index. Raises `Unavailable`."""
    try:
        beside = Parser().parsestr(wheels.fetch_range(f"{url}.metadata", settings).decode("utf-8", "replace"), True)
    except Unavailable:
        beside = Message()
    if "Name" in beside:
        return beside
    return metadata_in(io.BufferedReader(_RemoteFile(url, size, settings), RANGE_BYTES), url)


class _RemoteFile(io.RawIOBase):
    """A file on a server, read by ranges (RFC 9110, section 14)."""

    def __init__(self, url: str, size: int, settings: Settings) -> None:
        self._url, self._size, self._settings, self._at = url, size, settings, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._size)
        if end <= self._at:
            return 0
        data = wheels.fetch_range(self._url, self._settings, self._at, end)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def metadata_in(wheel: Path | IO[bytes], name: str) -> Message:
    """Return a wheel's METADATA; `name` names it in errors.

    Raises `InvalidInput` for a file that is not a wheel or is damaged, and `Unavailable` for a remote one.
    """
    return Parser().parsestr(metadata_text(wheel, name), headersonly=True)


def license_of(metadata: Message) -> str:
    """Return the licence of core metadata: the SPDX expression, else the field, else the classifiers."""
    expression, field = str(metadata["License-Expression"] or ""), str(metadata["License"] or "").strip()
    if expression:
        return expression
    if field and "\n" not in field and len(field) <= LONGEST_LICENSE and field.lower() != "unknown":
        return field
    classifiers = (str(text) for text in metadata.get_all("Classifier", []))
    names = [text.rsplit("::", 1)[-1].strip() for text in classifiers if text.startswith("License ::")]
    return ", ".join(name for name in names if name != "OSI Approved")
