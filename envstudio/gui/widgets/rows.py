"""Finds the rows in which two sequences differ, so that a model changes those and leaves the others alone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


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


Step = tuple[int, int, int, int]


def changed_runs(before: Sequence[Hashable], after: Sequence[Hashable], most: int) -> list[Step] | None:
    """Return the runs that go and come, as (first row, end) of `before` and (first row, end) of `after`, last first.

    None where keys that stay change their order, or where there are more than `most` runs.
    """
    kept = set(before) & set(after)
    if [key for key in before if key in kept] != [key for key in after if key in kept]:
        return None
    steps: list[Step] = []
    row = other = 0
    while row < len(before) or other < len(after):
        start, other_start = row, other
        while row < len(before) and before[row] not in kept:
            row += 1
        while other < len(after) and after[other] not in kept:
            other += 1
        if row > start or other > other_start:
            steps.append((start, row, other_start, other))
            if len(steps) > most:
                return None
        row, other = row + 1, other + 1
    return steps[::-1]
