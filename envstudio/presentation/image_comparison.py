"""A comparison of two images as Markdown."""

from __future__ import annotations

from envstudio.domain.amounts import size_text
from envstudio.domain.image_comparison import ImageComparison
from envstudio.presentation.markdown import cell


def grown_text(grown: int) -> str:
    """Return a difference of sizes as users read it."""
    return "" if not grown else f"{'+' if grown > 0 else '−'}{size_text(abs(grown))}"


def images_markdown(comparison: ImageComparison) -> str:
    """Return what differs as a table in Markdown."""
    rows = [row for row in comparison.rows if not row.same]
    if not rows:
        return ""
    lines = ["**Image**", "", "| what | name | from | to | grown |", "|---|---|---|---|---|"]
    cells = ((row.part, row.name, row.old, row.new, grown_text(row.grown)) for row in rows)
    lines += ["| " + " | ".join(map(cell, row)) + " |" for row in cells]
    return "\n".join([*lines, ""])
