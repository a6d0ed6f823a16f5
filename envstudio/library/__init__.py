"""The only door to stored things: domain values in, domain values out."""

from __future__ import annotations

from envstudio.library.library import Library
from envstudio.library.records import (
    BuildRecord,
    Draft,
    EnvironmentInfo,
    Event,
    LockRecord,
    Registered,
    RunRecord,
    Snapshot,
    WorkspaceInfo,
)

__all__ = [
    "BuildRecord",
    "Draft",
    "EnvironmentInfo",
    "Event",
    "Library",
    "LockRecord",
    "Registered",
    "RunRecord",
    "Snapshot",
    "WorkspaceInfo",
]
