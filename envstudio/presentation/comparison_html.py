"""A comparison as one HTML file that can be sent: its tables, and the texts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from envstudio.domain.comparison import Comparison
from envstudio.domain.context_content import FileChange
from envstudio.domain.diff import DefinitionChange
from envstudio.domain.image_comparison import ImageComparison
from envstudio.domain.lock_diff import ResolvedChange
from envstudio.presentation.comparison import SIGNS, sign, unlocked_text, word
from envstudio.presentation.image_comparison import grown_text
from envstudio.presentation.source_rows import Row, Side

STYLE = """
:root { color-scheme: light dark; }
body { font: 14px system-ui, sans-serif; margin: 2rem; max-width: 80rem; }
table { border-collapse: collapse; margin-bottom: 1.5rem; } td, th { padding: 3px 10px; text-align: left; }
td.code, pre { font-family: ui-monospace, monospace; white-space: pre-wrap; }
table.source { width: 100%; table-layout: fixed; } table.source td { vertical-align: top; padding: 0 6px; }
tr.gone td.old { background: #f8514922; } tr.come td.new { background: #3fb95022; }
tr.both td.old { background: #f8514922; } tr.both td.new { background: #3fb95022; }
mark.old { background: #f8514966; color: inherit; } mark.new { background: #3fb95066; color: inherit; }
"""


def comparison_html(comparison: Comparison, rows: Sequence[Row], images: ImageComparison) -> str:
    """Return a whole document."""
    title = escape(f"{comparison.old_title} → {comparison.new_title}")
    parts = [
        f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title><style>{STYLE}</style></head>",
        f"<body><h1>{title}</h1>",
        _table("Definition", [(str(row.section), row) for row in comparison.changes]),
        _table(
            "Resolved packages",
            [(f"{row.platform} {row.manager}", row) for row in comparison.resolved],
            "No differences." if comparison.both_locked else f"Not compared: {unlocked_text(comparison)}.",
        ),
        *_files(comparison.files),
        *_images(images),
        "<h2>Source</h2><table class='source'>",
        *(_source_row(row) for row in rows),
        "</table></body></html>\n",
    ]
    return "\n".join(parts)


def _table(
    title: str, rows: Sequence[tuple[str, DefinitionChange | ResolvedChange]], none: str = "No differences."
) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>{escape(none)}</p>"
    lines = [
        f"<tr><td>{sign(row)} {escape(word(row))}</td><td>{escape(where)}</td><td>{escape(row.name)}</td>"
        f"<td class='code'>{escape(row.old or '')}</td><td class='code'>{escape(row.new or '')}</td></tr>"
        for where, row in rows
    ]
    head = "<tr><th>Change</th><th>Where</th><th>Name</th><th>Old</th><th>New</th></tr>"
    return f"<h2>{title} · {len(rows)}</h2><table>{head}{''.join(lines)}</table>"


def _files(files: Sequence[FileChange]) -> list[str]:
    rows = [
        f"<tr><td>{SIGNS[item.kind]} {escape(item.kind)}</td><td>{escape(item.path)}</td>"
        f"<td class='code'>{escape(chr(10).join(item.lines))}</td></tr>"
        for item in files
    ]
    return [f"<h2>Build context · {len(rows)}</h2><table>{''.join(rows)}</table>"] if rows else []


def _images(images: ImageComparison) -> list[str]:
    rows = [row for row in images.rows if not row.same]
    if not rows:
        return []
    lines = [
        f"<tr><td>{escape(row.part)}</td><td>{escape(row.name)}</td><td class='code'>{escape(row.old)}</td>"
        f"<td class='code'>{escape(row.new)}</td><td>{grown_text(row.grown)}</td></tr>"
        for row in rows
    ]
    head = "<tr><th>Part</th><th>Name</th><th>Old</th><th>New</th><th>Difference</th></tr>"
    return [f"<h2>Image · {len(rows)}</h2><table>{head}{''.join(lines)}</table>"]


def _source_row(row: Row) -> str:
    kind = "same" if row.same else "both" if row.old and row.new else "gone" if row.old else "come"
    return f"<tr class='{kind}'>{_cell(row.old, 'old')}{_cell(row.new, 'new')}</tr>"


def _cell(side: Side | None, kind: str) -> str:
    if side is None:
        return f"<td class='code {kind}'></td>"
    text, at = "", 0
    for start, end in side.changed:
        text += f"{escape(side.text[at:start])}<mark class='{kind}'>{escape(side.text[start:end])}</mark>"
        at = end
    return f"<td class='code {kind}'>{text}{escape(side.text[at:]) or '&nbsp;'}</td>"
