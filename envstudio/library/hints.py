"""What is said where a name is not found: the nearest one that exists, else where to look."""

from __future__ import annotations

from collections.abc import Iterable

NEAREST = 3


def did_you_mean(name: str, names: Iterable[str], otherwise: str) -> str:
    """Return the names that are nearest to a mistyped one as a question; `otherwise` where none is near."""
    from difflib import get_close_matches

    by_lower = {known.lower(): known for known in names}
    near = [by_lower[found] for found in get_close_matches(name.lower(), by_lower, NEAREST)]
    return f"Did you mean {' or '.join(near)}?" if near else otherwise
