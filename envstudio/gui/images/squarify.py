"""Rectangles whose areas are sizes, each as near to a square as may be.

The algorithm is that of Bruls, Huizing and van Wijk, "Squarified Treemaps" (Data Visualization 2000, Eurographics and
IEEE TCVG): a row grows along the shorter side of what is left for as long as that makes its worst rectangle no longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    def inner(self, margin: float, top: float) -> Box:
        """Return what is left of it inside margins, `top` above."""
        width, height = max(0.0, self.width - 2 * margin), max(0.0, self.height - top - margin)
        return Box(self.left + margin, self.top + top, width, height)


def squarify(sizes: Sequence[float], area: Box) -> list[Box]:
    """Return a rectangle for each size; sizes are positive, and largest first for the best result."""
    total = sum(sizes)
    if not sizes or total <= 0 or area.width <= 0 or area.height <= 0:
        return [Box(area.left, area.top, 0.0, 0.0) for _ in sizes]
    scale = area.width * area.height / total
    left = [size * scale for size in sizes]
    boxes: list[Box] = []
    while left:
        side = min(area.width, area.height)
        count = 1
        while count < len(left) and _worst(left[: count + 1], side) <= _worst(left[:count], side):
            count += 1
        placed, area = _row(left[:count], area)
        boxes += placed
        left = left[count:]
    return boxes


def _worst(row: Sequence[float], side: float) -> float:
    """Return the aspect ratio of the longest rectangle that a row has along a side."""
    total = sum(row)
    if total <= 0 or side <= 0:
        return 1.0
    smallest = max(min(row), 1e-9)
    return max(side * side * max(row) / (total * total), total * total / (side * side * smallest))


def _row(row: Sequence[float], area: Box) -> tuple[list[Box], Box]:
    """Lay a row along the shorter side; return its rectangles and what is left."""
    total = sum(row)
    boxes, offset = [], 0.0
    if area.width >= area.height:
        width = total / area.height if area.height else 0.0
        for size in row:
            height = size / width if width else 0.0
            boxes.append(Box(area.left, area.top + offset, width, height))
            offset += height
        return boxes, Box(area.left + width, area.top, max(0.0, area.width - width), area.height)
    height = total / area.width if area.width else 0.0
    for size in row:
        width = size / height if height else 0.0
        boxes.append(Box(area.left + offset, area.top, width, height))
        offset += width
    return boxes, Box(area.left, area.top + height, area.width, max(0.0, area.height - height))
