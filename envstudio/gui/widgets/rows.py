"""Finds the rows in which two sequences differ, so that a model changes those and leaves the others alone."""

from __future__ import annotations

from collections.abc import Sequence


def changed_span(before: Sequence[object], after: Sequence[object]) -> tuple[int, int, int]:
    """Return where the first difference is, how many rows of `before` go there, and how many of `after` come."""
    limit = min(len(before), len(after))
    top = 0
    while top < limit and (before[top] is after[top] or before[top] == after[top]):
        top += 1
    bottom = 0
    while bottom < limit - top and before[-1 - bottom] == after[-1 - bottom]:
        bottom += 1
    return top, len(before) - bottom - top, len(after) - bottom - top
