"""The only door to stored things: domain values in, domain values out.

What is named here is loaded when it is first asked for: the window paints its first rows without the database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envstudio.library.environment_info import EnvironmentInfo
    from envstudio.library.library import Library
    from envstudio.library.records import (
        BuildRecord,
        Draft,
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

FILES = {"Library": "library", "EnvironmentInfo": "environment_info"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{FILES.get(name, 'records')}"), name)
    globals()[name] = found
    return found
