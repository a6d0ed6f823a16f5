"""Edits begun on what is no longer the newest: replayed on that, or refused if both changed the same entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from envstudio.domain.environment import Environment
from envstudio.domain.merge import Clash, merged
from envstudio.errors import Act, Conflict, Remedy
from envstudio.formats import native
from envstudio.formats.native_text import written


class Unstated(Enum):
    """The caller does not say what it started from, and what it writes replaces what is there."""

    UNSTATED = 0


UNSTATED = Unstated.UNSTATED


@dataclass(frozen=True, slots=True)
class Current:
    """What an edit meets in the library: a version or a draft, and how an error names it."""

    environment: Environment
    title: str
    by: str = ""


def replayed(
    started: Environment, ours: Environment, text: str | None, current: Current
) -> tuple[Environment, str | None]:
    """Return an edit, and its text, on top of what is there now. Raises `Conflict` naming both sides."""
    if current.environment == started.renamed(current.environment.name):
        return ours, text
    both = merged(started, ours, current.environment)
    if not isinstance(both, Environment):
        raise _refused(both, current)
    if both == ours or text is None:
        return both, text
    return both, written(both, text, ours)


def _refused(clashes: tuple[Clash, ...], current: Current) -> Conflict:
    first = clashes[0]
    by = f" by {current.by}" if current.by else ""
    more = f" {len(clashes) - 1} more entries differ too." if len(clashes) > 1 else ""
    name = current.environment.name
    return Conflict(
        f"{current.title}{by} changed {first.section} {first.name} meanwhile: it is {first.theirs} there, "
        f"and {first.ours} in this edit; nothing was stored.{more}",
        "Look at what is there now, and edit that.",
        "\n".join(clash.text for clash in clashes),
        code="edit-conflict",
        subject=name,
        remedy=Remedy(Act.SHOW, name),
    )


def label_moved(label: str, name: str, was: int | None, is_now: int | None, wanted: int) -> Conflict:
    """Return the error for a label that someone else moved meanwhile."""
    here = f"points to {name}:{is_now}" if is_now else "was removed"
    before = f"{name}:{was}" if was else "no version"
    return Conflict(
        f"The label {label} {here} by now, not to {before}; it was not moved to {name}:{wanted}.",
        "See where it is.",
        code="edit-conflict",
        subject=name,
        remedy=Remedy(Act.SHOW_VERSIONS, name),
    )


def about_changed(title: str, what: str, theirs: str, ours: str) -> Conflict:
    """Return the error for a tag or description that someone else changed meanwhile."""
    sides = f"it is {theirs or 'gone'} there, and {ours or 'gone'} in this edit"
    return Conflict(
        f"The {what} of {title} was changed meanwhile: {sides}; nothing was stored.",
        "Look at what is there now.",
        code="edit-conflict",
        subject=title,
        remedy=Remedy(Act.SHOW, title),
    )


def text_of(environment: Environment, text: str | None) -> str:
    """Return the text that is stored: the one that was written, else the one that this program writes."""
    return text or native.to_text(environment)
