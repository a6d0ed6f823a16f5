"""What keys and types two documents of --json have, and where they differ."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from offline_world import own_python

FREE = ("[].detail",)
"""Places whose keys depend on what stands beside them."""

Shape = dict[str, set[str]]
"""The types at each location of a document; the items of a list share one location."""


def shape(value: Any) -> Shape:
    """Return the types at each location of a document, null left out as it is any type that is not known."""
    found: Shape = defaultdict(set)
    _note(value, "", found)
    return {location: kinds - {"null"} for location, kinds in found.items()}


def _note(value: Any, location: str, found: Shape) -> None:
    kind = {dict: "object", list: "list", str: "text", bool: "boolean", int: "number", float: "number"}
    found[location].add(kind[type(value)] if value is not None else "null")
    if isinstance(value, dict) and location not in FREE:
        for key, inner in value.items():
            _note(inner, f"{location}.{own_python(key)}", found)
    if isinstance(value, list):
        for inner in value:
            _note(inner, f"{location}[]", found)


def differences(documented: Any, printed: Any) -> list[str]:
    """Return the places that only one of two documents has, or where both have another type."""
    left, right = shape(documented), shape(printed)
    found = [f"not printed: {location}" for location in left.keys() - right.keys()]
    found += [f"not documented: {location}" for location in right.keys() - left.keys()]
    found += [
        f"{location}: {left[location]}, printed {right[location]}"
        for location in left.keys() & right.keys()
        if left[location] and right[location] and left[location] != right[location]
    ]
    return sorted(found)
