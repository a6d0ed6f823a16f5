"""The only door to stored things: domain values in, domain values out.

What is named here is loaded when it is first needed: the window paints its first rows without the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envstudio.on_demand import loaded_on_demand

if TYPE_CHECKING:
    from envstudio.library.environment_info import EnvironmentInfo
    from envstudio.library.library import Library
    from envstudio.library.records import (
        BuildRecord,
        Draft,
        Event,
        LockRecord,
        LockSummary,
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
    "LockSummary",
    "Registered",
    "RunRecord",
    "Snapshot",
    "WorkspaceInfo",
]

__getattr__ = loaded_on_demand(
    __name__,
    {
        "environment_info": ["EnvironmentInfo"],
        "library": ["Library"],
        "records": [
            "BuildRecord",
            "Draft",
            "Event",
            "LockRecord",
            "LockSummary",
            "Registered",
            "RunRecord",
            "Snapshot",
            "WorkspaceInfo",
        ],
    },
)
