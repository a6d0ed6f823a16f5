"""uv.lock: each package that uv resolved for a project, with its hashes, as pinned requirements; only read.

Source: uv's documentation, "Project structure and files: the lockfile"; what uv 0.8 to 0.11 write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from packaging.utils import canonicalize_name

from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.plain_data import Table
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import PipRequirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import MAX_ENTRIES
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.toml_text import load_toml

FILE_NAME = "uv.lock"
ADVICE = "Write it again with uv lock."
OF_PROJECT = ("virtual", "editable", "directory", "path")
MAX_CONDITIONS = 12
"""Ways by which a package is reached; one with more is requested under every condition."""

Key = tuple[str, str]


def _matches(source: Source) -> bool:
    text = source.text
    return source.file_name.lower() == FILE_NAME or (
        "[[package]]" in text and "source = {" in text and text.lstrip().startswith("version = 1")
    )


@dataclass(slots=True)
class _Locked:
    """One package of the file."""

    table: Table
    name: str
    version: str
    source: Mapping[str, Any]
    conditions: set[str] = field(default_factory=set)
    """Markers under which it is needed; the empty one means always."""

    extras: set[str] = field(default_factory=set)

    @property
    def is_project(self) -> bool:
        return any(key in self.source for key in OF_PROJECT)


def _read(source: Source, name: str) -> ReadResult:
    data = load_toml(source, ADVICE)
    if data.number("version") != 1:
        raise InvalidInput(f"{source.file_name}: version {data.number('version')} of uv.lock is unknown.", ADVICE)
    packages: dict[Key, _Locked] = {}
    for table in data.tables("package"):
        name_of, version = str(canonicalize_name(table.needed("name"))), table.text("version")
        found = _Locked(table, name_of, version, table.table("source").data)
        packages[found.name, found.version] = found
    if len(packages) > MAX_ENTRIES:
        raise InvalidInput(f"{source.file_name}: the most packages that are read are {MAX_ENTRIES:,}.", "Shorten it.")
    members = data.table("manifest").texts("members")
    roots = [item for item in packages.values() if item.is_project and (not members or item.name in members)]
    if not roots:
        raise InvalidInput(f"{source.file_name} has no project that needs packages.", ADVICE)
    problems = list(_groups_left_out(source, roots))
    reader = _Walk(packages)
    for root in roots:
        for edge in _edges_of_project(source, root):
            reader.follow(edge, "")
    requirements, indexes = [], []
    for item in sorted(reader.reached(), key=lambda item: (item.name, item.version)):
        if item.is_project:
            if item not in roots:
                place = next(str(value) for key, value in item.source.items() if key in OF_PROJECT)
                message = f"{item.name} is taken from {place} on the machine of the project, which no image has."
                problems.append(
                    Problem("local-package", Severity.WARNING, item.name, message, "Add it as a wheel, or by Git.")
                )
            continue
        requirements.append(_requirement(item, source))
        indexes.append(str(item.source.get("registry") or ""))
    if constraint := data.text("requires-python"):
        message = f"The project requires Python {constraint}."
        advice = "Choose a base image with such a Python, and state its version."
        problems.append(Problem("requires-python", Severity.INFO, "requires-python", message, advice))
    python = Python(pip=tuple(requirements), pip_options=tuple(_options(indexes)))
    own = name or cleaned_name(roots[0].name if len(roots) == 1 else _folder(source))
    return ReadResult(Environment(own, python=python), tuple(problems))


def _folder(source: Source) -> str:
    return (source.folder.resolve().name if source.folder is not None else "") or "project"


def _groups_left_out(source: Source, roots: list[_Locked]) -> Iterator[Problem]:
    for what, key, chosen in (
        ("extras", "optional-dependencies", source.choices.extras),
        ("groups", "dev-dependencies", source.choices.groups),
    ):
        names = sorted({group for root in roots for group in root.table.table(key).data} - set(chosen))
        if names:
            message = f"The {what} {', '.join(names)} are not imported."
            advice = "Choose them when importing, or add the packages that you need."
            yield Problem("groups-left-out", Severity.INFO, key, message, advice)


def _edges_of_project(source: Source, root: _Locked) -> Iterator[Table]:
    yield from root.table.tables("dependencies")
    for what, key, chosen in (
        ("extra", "optional-dependencies", source.choices.extras),
        ("group", "dev-dependencies", source.choices.groups),
    ):
        groups = root.table.table(key)
        for item in chosen:
            if item not in groups.data:
                names = ", ".join(sorted(groups.data))
                raise InvalidInput(f"No {what} named {item!r}.", f"Choose among {names}." if names else "It has none.")
            yield from groups.tables(item)


class _Walk:
    """Follows dependencies, gathering under which conditions each package is needed."""

    def __init__(self, packages: Mapping[Key, _Locked]) -> None:
        self._packages = packages
        self._by_name: dict[str, list[_Locked]] = {}
        for item in packages.values():
            self._by_name.setdefault(item.name, []).append(item)

    def reached(self) -> Iterator[_Locked]:
        """Yield the packages that are needed under some condition."""
        return (item for item in self._packages.values() if item.conditions)

    def follow(self, edge: Table, condition: str) -> None:
        """Take a dependency and all below it; one that is known under this condition is not followed again."""
        waiting = [(edge, condition)]
        while waiting:
            edge, condition = waiting.pop()
            marker = edge.text("marker")
            both = marker if not condition else condition if not marker else f"({condition}) and ({marker})"
            for item in self._named(edge):
                extras = {str(extra) for extra in edge.data.get("extra", ())} - item.extras
                if not self._add(item, both) and not extras:
                    continue
                item.extras |= extras
                known = next(iter(item.conditions)) if item.conditions == {""} else both
                waiting += [(inner, known) for inner in item.table.tables("dependencies")]
                for extra in item.extras:
                    optional = item.table.table("optional-dependencies")
                    waiting += [(inner, known) for inner in optional.tables(extra)]

    def _named(self, edge: Table) -> list[_Locked]:
        name, version = str(canonicalize_name(edge.needed("name"))), edge.text("version")
        if version:
            found = self._packages.get((name, version))
            return [found] if found is not None else []
        return self._by_name.get(name, [])

    def _add(self, item: _Locked, condition: str) -> bool:
        """Note a condition; return whether it says anything new."""
        if "" in item.conditions or condition in item.conditions:
            return False
        item.conditions.add(condition)
        if condition == "" or len(item.conditions) > MAX_CONDITIONS:
            item.conditions = {""}
        return True


def _requirement(item: _Locked, source: Source) -> PipRequirement:
    marker = "" if "" in item.conditions else " or ".join(f"({text})" for text in sorted(item.conditions))
    tail = f" ; {marker}" if marker else ""
    git, url = item.source.get("git"), item.source.get("url")
    if isinstance(git, str):
        address, _, revision = git.partition("#")
        line = f"{item.name} @ git+{address.partition('?')[0]}@{revision}{tail}"
    elif isinstance(url, str):
        line = f"{item.name} @ {url}{tail}"
    else:
        line = f"{item.name}=={item.version}{tail}"
    try:
        found = pip_requirement(line)
    except InvalidInput as error:
        raise InvalidInput(f"{source.file_name}, {item.name}: {error.summary}", ADVICE) from error
    files = [*item.table.tables("wheels"), *([item.table.table("sdist")] if item.table.has("sdist") else [])]
    hashes = [file.text("hash") for file in files if file.text("hash")]
    return replace(found, options=tuple(f"--hash={text}" for text in dict.fromkeys(hashes))) if not git else found


def _options(indexes: list[str]) -> Iterator[PipOption]:
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    others = [item for item in dict.fromkeys(indexes) if item and item.rstrip("/") != PYPI_SIMPLE_ENDPOINT.rstrip("/")]
    uses_default = any(item.rstrip("/") == PYPI_SIMPLE_ENDPOINT.rstrip("/") for item in indexes)
    for number, item in enumerate(others):
        yield PipOption("--extra-index-url" if uses_default or number else "--index-url", item)


FORMAT = Format("uv-lock", "uv.lock of a project", (FILE_NAME,), _matches, _read)
