"""Two edits of one definition brought together: what each changed, by entries, on top of what both started from."""

from __future__ import annotations

from dataclasses import dataclass

from envstudio.domain.diff import NOT_SET, DefinitionChange, apply, compare
from envstudio.domain.environment import Environment


@dataclass(frozen=True, slots=True)
class Clash:
    """An entry that both changed, each to something else."""

    section: str
    name: str
    before: str
    theirs: str
    ours: str

    @property
    def text(self) -> str:
        """Name both sides."""
        return f"{self.section} {self.name}: was {self.before}; there {self.theirs}, here {self.ours}"


def merged(start: Environment, ours: Environment, theirs: Environment) -> Environment | tuple[Clash, ...]:
    """Return `theirs` with what changed from `start` to `ours`; the clashes if both changed an entry differently.

    An entry is what `domain/diff.py` makes a row of: a package, a variable, or a list such as the channels as a whole.
    """
    if theirs == start:
        return ours
    mine, others = compare(start, ours), {_key(row): row for row in compare(start, theirs)}
    clashes = [
        _clash(row, other) for row in mine if (other := others.get(_key(row))) is not None and not _same(row, other)
    ]
    return tuple(clashes) if clashes else apply(theirs, mine)


def _key(row: DefinitionChange) -> tuple[str, str]:
    return row.section, row.name


def _same(row: DefinitionChange, other: DefinitionChange) -> bool:
    return (row.kind, row.value) == (other.kind, other.value)


def _clash(row: DefinitionChange, other: DefinitionChange) -> Clash:
    return Clash(str(row.section), row.name, _text(row.old), _text(other.new), _text(row.new))


def _text(shown: str | None) -> str:
    return NOT_SET if shown is None else shown
