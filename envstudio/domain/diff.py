"""The semantic difference of two definitions as rows; nothing here is about drawing. That of locks is `lock_diff`.

A definition is flattened into entries with a section and a name; the difference is the difference of the two maps, so
applying all rows of `compare(a, b)` to `a` gives a definition with `b`'s digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from envstudio.domain.allowed import constraint_level
from envstudio.domain.canonical import canonical_dump
from envstudio.domain.digest import normalized_spec
from envstudio.domain.environment import Environment, Image, Python, Serving, Spark, Variable
from envstudio.domain.requirement import CondaRequirement, PipRequirement
from envstudio.domain.solve import Solve
from envstudio.domain.version import Level, version_level

ANY_VERSION = "(any)"
NOT_SET = "(not set)"
SOLVE_PARTS = ("exclude_newer", "pins", "overrides", "excludes", "index_strategy")
VIRTUAL = "virtual packages "
"""How the names of rows begin that hold a platform's virtual packages."""
_ABSENT = object()  # unlike None, which a carried value may be


class Section(StrEnum):
    """The parts of a definition, in the order in which a diff shows them."""

    CONDA = "conda"
    PIP = "pip"
    CHANNELS = "channels"
    PIP_OPTIONS = "pip options"
    CONSTRAINTS = "constraints"
    PIP_INDEXES = "pip indexes"
    PYTHON = "python"
    VARIABLES = "variables"
    IMAGE = "image"
    SPARK = "spark"
    SERVING = "serving"
    GPU = "gpu"
    SOLVE = "solve"
    CARRIED = "carried"
    ABOUT = "about"


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """One row. `old` and `new` are texts for display, None if the thing was not there.

    A package that moved from conda to pip, or back, is one row of its new section, which says so in both texts.
    """

    section: Section
    kind: Kind
    name: str
    old: str | None
    new: str | None
    level: Level | None = None
    value: Any = field(default=None, compare=False, repr=False)
    moved_from: Section | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the row as the document that `--json` prints."""
        return {"section": str(self.section), **row_json(self)}


class Row(Protocol):
    """What the rows of both comparisons have, that of definitions and that of locks."""

    @property
    def kind(self) -> Kind:
        """Whether it was added, removed or changed."""

    @property
    def name(self) -> str:
        """What it is a row of."""

    @property
    def old(self) -> str | None:
        """What it was."""

    @property
    def new(self) -> str | None:
        """What it is now."""

    @property
    def level(self) -> Level | None:
        """How far versions are apart."""


def row_json(row: Row) -> dict[str, Any]:
    """Return what the rows of both comparisons have."""
    level = str(row.level) if row.level else None
    return {"kind": str(row.kind), "name": row.name, "old": row.old, "new": row.new, "level": level}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A flattened part: what the user reads, what makes it equal to another, and the value itself."""

    shown: str
    key: Any
    value: Any


Key = tuple[Section, str]
REQUIREMENTS = (Section.CONDA, Section.PIP, Section.CONSTRAINTS)
OTHER_MANAGER = {Section.CONDA: Section.PIP, Section.PIP: Section.CONDA}
VERSIONS = ((Section.PYTHON, "version"), (Section.GPU, "cuda"))


def compare(old: Environment, new: Environment) -> tuple[DefinitionChange, ...]:
    """Return the rows by which `new` differs from `old`, in the order of the sections and then by name."""
    before, after = _flatten(old), _flatten(new)
    keys = sorted({*before, *after}, key=lambda key: (list(Section).index(key[0]), key[1]))
    changes = [
        _change(key, before.get(key), after.get(key))
        for key in keys
        if key not in before or key not in after or before[key].key != after[key].key
    ]
    return tuple(_with_moves(changes))


def _with_moves(changes: Sequence[DefinitionChange]) -> Iterator[DefinitionChange]:
    """Make one row of a package that was removed from conda and added to pip, or the reverse."""
    found = {(item.section, item.name, item.kind): item for item in changes}
    for change in changes:
        other = OTHER_MANAGER.get(change.section)
        if other is None or change.kind is Kind.CHANGED:
            yield change
            continue
        opposite = Kind.REMOVED if change.kind is Kind.ADDED else Kind.ADDED
        partner = found.get((other, change.name, opposite))
        if partner is None:
            yield change
        elif change.kind is Kind.ADDED:
            old, new = f"{other} {partner.old}", f"{change.section} {change.new}"
            yield replace(change, kind=Kind.CHANGED, old=old, new=new, moved_from=other)


def _change(key: Key, old: _Entry | None, new: _Entry | None) -> DefinitionChange:
    section, name = key
    kind = Kind.ADDED if old is None else Kind.REMOVED if new is None else Kind.CHANGED
    level = _level(key, old, new) if old is not None and new is not None else None
    return DefinitionChange(
        section,
        kind,
        name,
        old.shown if old else None,
        new.shown if new else None,
        level,
        new.value if new else None,
    )


def _level(key: Key, old: _Entry, new: _Entry) -> Level | None:
    """Return how far two entries are apart, if they are about versions."""
    if key[0] in REQUIREMENTS:
        return constraint_level(old.value[0].constraint, new.value[0].constraint)
    return version_level(old.shown, new.shown) if key in VERSIONS else None


def apply(environment: Environment, changes: Iterable[DefinitionChange]) -> Environment:
    """Return `environment` with the rows of a comparison applied to it."""
    entries = {key: entry.value for key, entry in _flatten(environment).items()}
    for change in changes:
        key = (change.section, change.name)
        if change.moved_from is not None:
            entries.pop((change.moved_from, change.name), None)
        if change.kind is Kind.REMOVED:
            entries.pop(key, None)
        else:
            entries[key] = change.value
    return _assembled(environment.name, entries)


def _flatten(environment: Environment) -> dict[Key, _Entry]:
    """Return every part of a definition that is not at its default."""
    entries: dict[Key, _Entry] = {}
    entries.update(_requirements(Section.CONDA, environment.python.conda))
    entries.update(_requirements(Section.PIP, environment.python.pip))
    entries.update(_requirements(Section.CONSTRAINTS, environment.python.pip_constraints))
    for package, index in environment.python.pip_indexes:
        entries[Section.PIP_INDEXES, package] = _Entry(index, index, (package, index))
    for variable in environment.variables:
        entries[Section.VARIABLES, variable.name] = _Entry(variable_text(variable), variable, variable)
    for section, name, value, default in _scalars(environment):
        if value != default:
            # Python calls 1, 1.0 and True equal, and the digest does not.
            key = canonical_dump(value) if section is Section.CARRIED else value
            entries[section, name] = _Entry(_shown(value), key, value)
    return entries


def _requirements(section: Section, items: Iterable[CondaRequirement | PipRequirement]) -> dict[Key, _Entry]:
    """Return one entry for each name; requirements that share a name share the entry."""
    grouped: dict[str, list[CondaRequirement | PipRequirement]] = {}
    for item in items:
        grouped.setdefault(item.name, []).append(item)
    return {
        (section, name): _Entry(
            " and ".join(requirement_text(item) for item in group),
            sorted({_requirement_key(item) for item in group}),
            tuple(group),
        )
        for name, group in grouped.items()
    }


def _requirement_key(item: CondaRequirement | PipRequirement) -> str:
    """Return the form that the digest covers, so that no two digests compare as equal."""
    return normalized_spec(item) if isinstance(item, CondaRequirement) else item.canonical


def requirement_text(item: CondaRequirement | PipRequirement) -> str:
    """Return what a requirement asks of its package, as a table shows it."""
    if isinstance(item, CondaRequirement):
        text = _as_written(item) or ANY_VERSION
        return f"{text} from {item.channel}" if item.channel else text
    extras = f"[{','.join(item.extras)}] " if item.extras else ""
    marker = f" ; {item.marker}" if item.marker else ""
    editable = "editable " if item.editable else ""
    options = "".join(f" {option}" for option in item.options)
    return f"{editable}{extras}{item.constraint or ANY_VERSION}{marker}{options}"


def _as_written(item: CondaRequirement) -> str:
    """Return the version and build as the definition has them, "=2020.08.02"; in brackets, the canonical form."""
    text = item.text.rpartition("::")[2]
    if "[" in text or not text.lower().startswith(item.name):
        return item.constraint
    return text[len(item.name) :].strip()


def variable_text(variable: Variable) -> str:
    """Return a variable's value, its secret's name, and when it applies, as a table shows it."""
    value = f"secret {variable.secret}" if variable.secret else variable.value
    return f"{value} ({', '.join(variable.applies)})"


def _scalars(environment: Environment) -> list[tuple[Section, str, Any, Any]]:
    """List the parts that are compared whole: section, name, value, default."""
    python, image = environment.python, environment.image
    rows: list[tuple[Section, str, Any, Any]] = [
        (Section.CHANNELS, "channels", python.channels, ()),
        (Section.PIP_OPTIONS, "options", python.pip_options, ()),
        (Section.PYTHON, "managed by", python.managed_by, Python().managed_by),
        (Section.PYTHON, "interpreter", python.interpreter, Python().interpreter),
        (Section.PYTHON, "version", python.version, ""),
        (Section.IMAGE, "base", image.base, ""),
        (Section.IMAGE, "Dockerfile", image.dockerfile, ""),
        (Section.IMAGE, "context", image.context, None),
        (Section.IMAGE, "platform", image.platform, Image().platform),
        (Section.IMAGE, "registry", image.registry, None),
        (Section.SPARK, "spark", environment.spark, None),
        (Section.SERVING, "serving", environment.serving, None),
        (Section.GPU, "cuda", environment.cuda, ""),
        *_solve_rows(environment.solve),
        (Section.ABOUT, "description", environment.description, ""),
    ]
    rows += [(Section.ABOUT, f"tag {key}", value, _ABSENT) for key, value in environment.tags]
    rows += [(Section.CARRIED, key, value, _ABSENT) for key, value in environment.carried.items()]
    return rows


def _solve_rows(solve: Solve) -> list[tuple[Section, str, Any, Any]]:
    rows: list[tuple[Section, str, Any, Any]] = [
        (Section.SOLVE, name.replace("_", " "), getattr(solve, name), getattr(Solve(), name)) for name in SOLVE_PARTS
    ]
    rows += [(Section.SOLVE, f"{VIRTUAL}{name}", packages, ()) for name, packages in solve.virtual_packages]
    return rows


def _shown(value: Any) -> str:
    """Return a value as the user reads it."""
    if isinstance(value, tuple):
        return ", ".join(getattr(item, "line", None) or _text_of(item) for item in value)
    if isinstance(value, Serving):
        routes = (("live", value.liveness), ("ready", value.readiness), ("score", value.scoring))
        texts = [f"{name} :{route.port}{route.path}" for name, route in routes if route]
        return ", ".join([*texts, value.inferencing_stack] if value.inferencing_stack else texts) or "on"
    if isinstance(value, Spark):
        parts = [
            *value.repositories,
            *map(str, value.packages),
            *(f"{key}={item}" for key, item in value.conf),
        ]
        return ", ".join(parts) + ("" if value.precache else " (no precache)") or "on"
    location = getattr(value, "location", None)
    if location is not None:
        content = f", {value.digest[:19]}" if value.digest else ""
        return f"{location} ({value.dockerfile_path}{content})"
    address = getattr(value, "address", None)
    if address is not None:
        return f"{value.username}@{address}" if value.username else str(address)
    return str(value)


def _text_of(item: Any) -> str:
    return "=".join(item) if isinstance(item, tuple) else str(item)


def _assembled(name: str, entries: Mapping[Key, Any]) -> Environment:
    """Put flattened values together again."""

    def all_of(section: Section) -> tuple[Any, ...]:
        return tuple(item for key, group in entries.items() if key[0] is section for item in group)

    def one(section: Section, key: str, default: Any) -> Any:
        return entries.get((section, key), default)

    python = Python(
        managed_by=one(Section.PYTHON, "managed by", Python().managed_by),
        interpreter=one(Section.PYTHON, "interpreter", Python().interpreter),
        version=one(Section.PYTHON, "version", ""),
        channels=one(Section.CHANNELS, "channels", ()),
        conda=all_of(Section.CONDA),
        pip=all_of(Section.PIP),
        pip_options=one(Section.PIP_OPTIONS, "options", ()),
        pip_constraints=all_of(Section.CONSTRAINTS),
        pip_indexes=tuple(value for key, value in entries.items() if key[0] is Section.PIP_INDEXES),
    )
    image = Image(
        base=one(Section.IMAGE, "base", ""),
        dockerfile=one(Section.IMAGE, "Dockerfile", ""),
        context=one(Section.IMAGE, "context", None),
        platform=one(Section.IMAGE, "platform", Image().platform),
        registry=one(Section.IMAGE, "registry", None),
    )
    tags = {key[1].removeprefix("tag "): value for key, value in entries.items() if _is_tag(key)}
    return replace(
        Environment(name, python, image),
        variables=tuple(value for key, value in entries.items() if key[0] is Section.VARIABLES),
        spark=one(Section.SPARK, "spark", None),
        serving=one(Section.SERVING, "serving", None),
        cuda=one(Section.GPU, "cuda", ""),
        solve=Solve(
            **{part: one(Section.SOLVE, part.replace("_", " "), getattr(Solve(), part)) for part in SOLVE_PARTS},
            virtual_packages=tuple(
                (key[1].removeprefix(VIRTUAL), value)
                for key, value in entries.items()
                if key[0] is Section.SOLVE and key[1].startswith(VIRTUAL)
            ),
        ),
        description=one(Section.ABOUT, "description", ""),
        tags=tuple(sorted(tags.items())),
        carried={key[1]: value for key, value in entries.items() if key[0] is Section.CARRIED},
    )


def _is_tag(key: Key) -> bool:
    return key[0] is Section.ABOUT and key[1].startswith("tag ")


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows of each sort a comparison has."""

    added: int
    removed: int
    upgraded: int
    downgraded: int
    other: int


def summarize(changes: Iterable[Row]) -> Summary:
    """Count the rows of a comparison."""
    counts = {"added": 0, "removed": 0, "upgraded": 0, "downgraded": 0, "other": 0}
    for change in changes:
        if change.kind is not Kind.CHANGED:
            counts[str(change.kind)] += 1
        elif change.level is Level.DOWNGRADE:
            counts["downgraded"] += 1
        elif change.level in (Level.MAJOR, Level.MINOR, Level.PATCH):
            counts["upgraded"] += 1
        else:
            counts["other"] += 1
    return Summary(**counts)
