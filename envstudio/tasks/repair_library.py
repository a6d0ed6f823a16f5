"""library repair: what is whole of a damaged library, in a new file."""

from __future__ import annotations

from pathlib import Path

from envstudio.library.location import configured_location
from envstudio.library.repair import Repaired, repair
from envstudio.report import Report
from envstudio.settings import Settings


def repair_library(settings: Settings, location: str, target: Path, *, report: Report) -> Repaired:
    """Recover the library that the caller or the settings name into a new file. Raises `EnvStudioError`."""
    with report.stage("recover what is whole"):
        return repair(configured_location(settings, location), target)
