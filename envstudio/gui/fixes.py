"""What a button says that opens or runs what mends a failure. `BuildCommands.mend` does it."""

from __future__ import annotations

ACTIONS = {
    "relax": "Find what solves",
    "lock": "Lock",
    "build": "Build again",
    "prune": "Free space",
}


def fix_title(fix: str) -> str:
    """Return what a button for a fix says; empty where there is none."""
    kind, _, name = fix.partition(":")
    if kind == "setting":
        return "Open the setting"
    if kind == "login":
        return "Log in"
    if kind == "page":
        return "Check installation" if name == "doctor" else f"Open {name.capitalize()}"
    return ACTIONS.get(name, "")
