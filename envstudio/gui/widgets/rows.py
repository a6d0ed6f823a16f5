"""Finds the rows in which two sequences differ, so that a model changes those and leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from PySide6.QtCore import QAbstractItemModel, QModelIndex

ROOT = QModelIndex()
Row = TypeVar("Row")


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


def take_over(
    model: QAbstractItemModel,
    before: Sequence[Row],
    after: Sequence[Row],
    put: Callable[[list[Row]], None],
    columns: int = 1,
) -> None:
    """Let a model show other rows, which it takes by `put`; the view is notified of the span in which they differ.

    Rows that replace others change first, because none may change while others go or come.
    """
    top, gone, come = changed_span(before, after)
    shared = min(gone, come)
    position = top + shared
    if shared:
        put([*before[:top], *after[top:position], *before[position:]])
        model.dataChanged.emit(model.index(top, 0), model.index(position - 1, columns - 1))
    if gone > come:
        model.beginRemoveRows(ROOT, position, top + gone - 1)
        put(list(after))
        model.endRemoveRows()
    elif come > gone:
        model.beginInsertRows(ROOT, position, top + come - 1)
        put(list(after))
        model.endInsertRows()
    else:
        put(list(after))


Step = tuple[int, int, int, int]


def changed_runs(before: Sequence[Hashable], after: Sequence[Hashable], most: int) -> list[Step] | None:
    """Return the runs that go and come, as (first row, end) of `before` and (first row, end) of `after`, last first.

    None if keys that stay change their order, or where there are more than `most` runs.
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
