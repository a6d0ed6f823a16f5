"""The dependencies of a Python project: pyproject.toml, with the tables of Poetry, uv, conda-lock and pixi; only read.

Source: PyPA's specification of pyproject.toml (PEP 621), and of dependency groups (PEP 735).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from packaging.dependency_groups import resolve_dependency_groups
from packaging.utils import canonicalize_name

from envstudio.domain.environment import Environment, Python
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import MAX_ENTRIES
from envstudio.formats.conda_project import conda_lock_part, pixi_part
from envstudio.formats.format import Choices, Format, ReadResult, Source
from envstudio.formats.poetry import WHERE as POETRY
from envstudio.formats.poetry import poetry_dependencies
from envstudio.formats.source import refuse_conflict_markers
from envstudio.formats.toml_text import load_toml
from envstudio.formats.uv_project import uv_settings, with_sources

FILE_NAME = "pyproject.toml"
POETRY_PYTHON = f"{POETRY}.python"
BUILDS = re.compile(r"^\[(?:build-system|project|dependency-groups|tool\.poetry)\]", re.MULTILINE)
OF_OTHER_TOOLS = (
    "flit.metadata.requires",
    "flit.metadata.requires-extra",
    "flit.metadata.requires-python",
    "hatch.envs",
    "pdm.dev-dependencies",
    "pdm.source",
    "poetry.source",
    "rye.dev-dependencies",
    "rye.sources",
)
"""Tables in which tools keep what an installation takes, and that are not read."""


def _matches(source: Source) -> bool:
    name = source.file_name.lower()
    return name == FILE_NAME or (name.endswith(".toml") and BUILDS.search(source.text) is not None)


def _read(source: Source, name: str) -> ReadResult:
    refuse_conflict_markers(source)
    document = load_toml(source).data
    project, tools = document.get("project"), _table(document, "tool")
    poetry, uv = _table(tools, "poetry"), _table(tools, "uv")
    conda = [conda_lock_part(_table(tools, "conda-lock")), pixi_part(_table(tools, "pixi"))]
    if not isinstance(project, dict) and not poetry and not any(part.conda or part.pip for part in conda):
        raise InvalidInput(
            f"{source.file_name} has neither the table [project] nor one of Poetry's, conda-lock's or pixi's, so its "
            "dependencies are another tool's.",
            "Let that tool write a requirements.txt or environment.yml, and import that.",
        )
    project = project if isinstance(project, dict) else {}
    of_poetry = "dependencies" in poetry and ("dependencies" not in project or _is_dynamic(project))
    problems = list(_left_out(document, project, source.choices, from_poetry=of_poetry))
    if of_poetry or (not project and poetry):
        found = poetry_dependencies(poetry)
        problems += [*_asks_for_python(POETRY_PYTHON, found.python), *found.problems]
        where, lines = POETRY, list(found.lines)
    else:
        where, lines = "project.dependencies", project.get("dependencies", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InvalidInput(f"{source.file_name}: project.dependencies is not a list of requirements.", "Fix it.")
    lines = [*lines, *_chosen_lines(document, project, source)]
    if len(lines) > MAX_ENTRIES:
        raise InvalidInput(
            f"{source.file_name}, {where}: the most requirements that are read are {MAX_ENTRIES:,}.",
            "Remove what is not needed.",
        )
    try:
        requirements = tuple(dict.fromkeys(map(pip_requirement, lines)))
    except InvalidInput as error:
        raise InvalidInput(f"{source.file_name}, {where}: {error.summary}", error.advice) from error
    settings = uv_settings(uv)
    requirements, pins, missing = with_sources(requirements, uv)
    python = Python(
        channels=tuple(dict.fromkeys(channel for part in conda for channel in part.channels)),
        conda=tuple(dict.fromkeys(item for part in conda for item in part.conda)),
        pip=(*requirements, *(item for part in conda for item in part.pip)),
        pip_options=settings.options,
        pip_constraints=settings.constraints,
        pip_indexes=pins,
    )
    solve = replace(settings.solve, virtual_packages=conda[1].solve.virtual_packages)
    problems += [*settings.problems, *missing, *(item for part in conda for item in part.problems)]
    name = name or cleaned_name(_own_name(project, poetry, tools) or FILE_NAME.split(".", 1)[0])
    return ReadResult(Environment(name, python=python, solve=solve), tuple(problems))


def _own_name(project: Mapping[str, Any], poetry: Mapping[str, Any], tools: Mapping[str, Any]) -> str:
    """Return the name of the project, by the first table that has one."""
    pixi = _table(tools, "pixi")
    tables = (project, poetry, _table(pixi, "workspace"), _table(pixi, "project"))
    return next((str(table["name"]) for table in tables if table.get("name")), "")


def _chosen_lines(document: Mapping[str, Any], project: Mapping[str, Any], source: Source) -> list[str]:
    """Return the requirements of the extras and dependency groups that are chosen. Raises `InvalidInput`."""
    groups = dict(_table(document, "dependency-groups"))
    uv_dev = _table(_table(document, "tool"), "uv").get("dev-dependencies")
    if isinstance(uv_dev, list):
        groups.setdefault("dev", uv_dev)
    extras = {canonicalize_name(key): value for key, value in _table(project, "optional-dependencies").items()}
    lines: list[str] = []
    for extra in source.choices.extras:
        found = extras.get(canonicalize_name(extra))
        if not isinstance(found, list) or not all(isinstance(line, str) for line in found):
            raise _no_such("extra", extra, extras)
        lines += found
    for group in source.choices.groups:
        if canonicalize_name(group) not in map(canonicalize_name, groups):
            raise _no_such("group", group, groups)
        try:
            lines += resolve_dependency_groups(groups, group)
        except (ExceptionGroup, ValueError, LookupError, TypeError) as error:
            raise InvalidInput(f"dependency-groups.{group} cannot be resolved.", "Fix it.", str(error)) from error
    return lines


def _no_such(what: str, name: str, known: Iterable[str]) -> InvalidInput:
    names = ", ".join(sorted(known))
    return InvalidInput(f"No {what} named {name!r}.", f"Choose among {names}." if names else "The file has none.")


def _is_dynamic(project: dict[str, Any]) -> bool:
    dynamic = project.get("dynamic")
    return isinstance(dynamic, list) and "dependencies" in dynamic


def _asks_for_python(where: str, constraint: str) -> Iterator[Problem]:
    if constraint:
        yield Problem(
            "requires-python",
            Severity.INFO,
            where,
            f"The project requires Python {constraint}.",
            "Choose a base image with such a Python, and state its version.",
        )


def _left_out(
    document: Mapping[str, Any], project: dict[str, Any], choices: Choices, *, from_poetry: bool
) -> Iterator[Problem]:
    """Name what an environment does not take over, or needs a look."""
    if _is_dynamic(project) and not from_poetry:
        yield Problem(
            "dependencies-dynamic",
            Severity.WARNING,
            "project.dynamic",
            "The dependencies are found out when the project is built, so none are named here.",
            "Import the file that they are read from.",
        )
    yield from _asks_for_python("project.requires-python", str(project.get("requires-python") or ""))
    for where, table, chosen in (
        ("project.optional-dependencies", _table(project, "optional-dependencies"), choices.extras),
        ("dependency-groups", _table(document, "dependency-groups"), choices.groups),
    ):
        taken = {canonicalize_name(name) for name in chosen}
        if names := sorted(name for name in table if canonicalize_name(name) not in taken):
            yield Problem(
                "groups-left-out",
                Severity.INFO,
                where,
                f"The groups {', '.join(names)} are not imported.",
                "Choose them when importing, or add the packages that you need.",
            )
    tools = _table(document, "tool")
    for path in OF_OTHER_TOOLS:
        *tables, key = path.split(".")
        is_told = from_poetry and tables == ["poetry"]
        if reduce(_table, tables, tools).get(key) and not is_told:
            yield _not_imported(f"tool.{path}")
    uv_dev = _table(tools, "uv").get("dev-dependencies")
    if uv_dev and "dev" not in {canonicalize_name(name) for name in choices.groups}:
        yield _not_imported("tool.uv.dev-dependencies")
    poetry = {} if from_poetry else _table(_table(_table(document, "tool"), "poetry"), "dependencies")
    if names := sorted(set(poetry) - {"python"}):
        yield Problem(
            "sources-left-out",
            Severity.WARNING,
            POETRY,
            f"Where Poetry takes {', '.join(names)} from is not imported.",
            "Write them as NAME @ URL.",
        )


def _not_imported(where: str) -> Problem:
    advice = "Add what the environment needs of it."
    return Problem("keys-left-out", Severity.INFO, where, f"{where} is not imported.", advice)


def _table(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a table of a document; an empty one if there is none, or a value of another kind."""
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


FORMAT = Format("pyproject", "pyproject.toml of a Python project", (FILE_NAME,), _matches, _read)
