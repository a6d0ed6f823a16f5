"""Text in columns, for terminals and logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from envstudio.presentation.visible import visible_line


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line for each row, its cells padded to the width of their column."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Return lines of aligned columns under their headings; what would act on a terminal is shown as an escape."""
    texts = [[visible_line(str(cell)) for cell in row] for row in rows]
    return aligned([[heading.upper() for heading in headings], *texts])
