"""A comparison of two definitions and their locks, as lines of text and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envstudio.domain.comparison import NOTHING, Comparison
from envstudio.domain.context_content import FileChange, changed_lines
from envstudio.domain.diff import DefinitionChange, Kind, Section
from envstudio.domain.lock_diff import ResolvedChange
from envstudio.domain.version import Level
from envstudio.presentation.columns import aligned
from envstudio.presentation.markdown import cell, code_cell

SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "−", Kind.CHANGED: "~"}


def unlocked_text(comparison: Comparison) -> str:
    """Say why exact packages cannot be compared; empty if they can."""
    if comparison.old_title == NOTHING:
        return "there is nothing before it"
    titles = comparison.unlocked
    return f"{' and '.join(titles)} {'has' if len(titles) == 1 else 'have'} no lock" if titles else ""


def _missing_lock(comparison: Comparison) -> str:
    """Say which of two sides has no lock if the other has one; else nothing."""
    alone = len(comparison.unlocked) == 1 and comparison.old_title not in (NOTHING, comparison.new_title)
    return unlocked_text(comparison) if alone else ""


def sign(change: DefinitionChange | ResolvedChange) -> str:
    """Return the sign of a row: + − ~, ↑ for an upgrade and ↓ for a downgrade."""
    return sign_of(change.kind, change.level)


def sign_of(kind: Kind, level: Level | None) -> str:
    """Return the sign of a kind of change and its level."""
    if level is Level.DOWNGRADE:
        return "↓"
    if level in (Level.MAJOR, Level.MINOR, Level.PATCH):
        return "↑"
    return SIGNS[kind]


def word(change: DefinitionChange | ResolvedChange) -> str:
    """Return the word that says what a row is: its level, else its kind."""
    return str(change.level or change.kind)


def comparison_lines(comparison: Comparison) -> list[str]:
    """Return a comparison as lines of text, one block a section."""
    lines = [f"{comparison.old_title} → {comparison.new_title}"]
    blocks: dict[str, list[DefinitionChange | ResolvedChange]] = {}
    for change in comparison.changes:
        blocks.setdefault(str(change.section), []).append(change)
    rows = [*_block_lines(blocks), *_file_lines(comparison.files), *resolved_lines(comparison.resolved)]
    missing = _missing_lock(comparison)
    return [*lines, *(rows or ["No differences."]), *(["", f"resolved: not compared, as {missing}"] if missing else [])]


def resolved_lines(changes: Sequence[ResolvedChange]) -> list[str]:
    """Return the difference of two locks as lines of text, one block a platform and manager."""
    blocks: dict[str, list[DefinitionChange | ResolvedChange]] = {}
    for row in changes:
        blocks.setdefault(f"resolved, {row.platform} {row.manager}", []).append(row)
    return _block_lines(blocks)


def _block_lines(blocks: Mapping[str, Sequence[DefinitionChange | ResolvedChange]]) -> list[str]:
    lines = []
    for title, rows in blocks.items():
        cells = [("", sign(row), word(row), row.name, *_texts(row)) for row in rows]
        lines += ["", title]
        for row, line in zip(rows, aligned(cells), strict=True):
            lines += [line, *(f"      {text}" for text in _changed_lines(row))]
    return lines


def _changed_lines(row: DefinitionChange | ResolvedChange) -> tuple[str, ...]:
    """Return the changed lines of a Dockerfile."""
    is_dockerfile = isinstance(row, DefinitionChange) and (row.section, row.name) == (Section.IMAGE, "Dockerfile")
    return changed_lines(row.old, row.new) if is_dockerfile and row.old and row.new else ()


def _file_lines(files: Sequence[FileChange]) -> list[str]:
    """Return the changed files of a build context, each with its changed lines."""
    lines = ["", "build context"] if files else []
    rows = aligned([("", SIGNS[item.kind], str(item.kind), item.path) for item in files])
    for item, row in zip(files, rows, strict=True):
        lines += [row, *(f"      {text}" for text in item.lines)]
    return lines


def _texts(row: DefinitionChange | ResolvedChange) -> tuple[str, str, str]:
    return _first_line(row.old), "" if row.new is None else "→", _first_line(row.new)


def _first_line(text: str | None) -> str:
    """Return a text of one line; of a longer one, its beginning and its length."""
    lines = (text or "").splitlines() or [""]
    return lines[0] if len(lines) == 1 else f"{lines[0]} … ({len(lines)} lines)"


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown, for a review or a chat."""
    lines = [f"### {cell(comparison.old_title)} → {cell(comparison.new_title)}", ""]
    missing = _missing_lock(comparison)
    if not comparison.changes and not comparison.resolved and not comparison.files:
        lines += ["No differences.", ""]
    lines += _table("Definition", [(str(row.section), row) for row in comparison.changes])
    lines += _file_markdown(comparison.files)
    lines += _table("Resolved packages", [(f"{row.platform} {row.manager}", row) for row in comparison.resolved])
    lines += ["**Resolved packages**", "", f"Not compared, as {cell(missing)}.", ""] if missing else []
    return "\n".join(lines)


def _file_markdown(files: Sequence[FileChange]) -> list[str]:
    """Return the changed files of a build context as a table."""
    if not files:
        return []
    rows = [f"| {SIGNS[item.kind]} {item.kind} | {cell(item.path)} |" for item in files]
    return ["**Build context**", "", "| | file |", "|---|---|", *rows, ""]


def _table(title: str, rows: list[tuple[str, Any]]) -> list[str]:
    if not rows:
        return []
    lines = [f"**{title}**", "", "| | what | name | from | to |", "|---|---|---|---|---|"]
    lines += [
        f"| {sign(row)} {word(row)} | {cell(where)} | {cell(row.name)} "
        f"| {code_cell(row.old or '')} | {code_cell(row.new or '')} |"
        for where, row in rows
    ]
    return [*lines, ""]
