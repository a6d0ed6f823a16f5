"""One image being assembled, as the value that every step of it takes."""

from __future__ import annotations

from dataclasses import dataclass

from envstudio.builders.assembly.installation import Prefix
from envstudio.builders.assembly.layers import FragmentCache
from envstudio.builders.bases import Base
from envstudio.builders.builder import BuildRequest
from envstudio.domain.lock import PlatformLock
from envstudio.report import Report


@dataclass(frozen=True, slots=True)
class Inputs:
    """What decides an image, beside its configuration."""

    lock: PlatformLock
    lock_digest: str
    base: Base
    prefix: Prefix


@dataclass(frozen=True, slots=True)
class Assembly:
    """What was requested, what decides the image, where fragments are kept, and what reports on it."""

    request: BuildRequest
    inputs: Inputs
    cache: FragmentCache
    report: Report
