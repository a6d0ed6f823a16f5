"""The dependencies of a Python project: pyproject.toml, its table [project] or Poetry's, which only is read.

Source: PyPA's specification of pyproject.toml (PEP 621), and of dependency groups (PEP 735).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envstudio.domain.environment import Environment, Python
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import MAX_ENTRIES
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.poetry import WHERE as POETRY
from envstudio.formats.poetry import poetry_dependencies
from envstudio.formats.source import refuse_conflict_markers
from envstudio.formats.toml_text import load_toml

FILE_NAME = "pyproject.toml"
POETRY_PYTHON = f"{POETRY}.python"


def _matches(source: Source) -> bool:
    return source.file_name.lower() == FILE_NAME


def _read(source: Source, name: str) -> ReadResult:
    refuse_conflict_markers(source)
    document = load_toml(source).data
    project, poetry = document.get("project"), _table(_table(document, "tool"), "poetry")
    if not isinstance(project, dict) and not poetry:
        raise InvalidInput(
            f"{source.file_name} has neither the table [project] nor one of Poetry's, so its dependencies are "
            "another tool's.",
            "Let that tool write a requirements.txt or environment.yml, and import that.",
        )
    project = project if isinstance(project, dict) else {}
    of_poetry = "dependencies" in poetry and ("dependencies" not in project or _is_dynamic(project))
    left_out = list(_left_out(document, project, from_poetry=of_poetry))
    if of_poetry or not project:
        found = poetry_dependencies(poetry)
        left_out += [*_asks_for_python(POETRY_PYTHON, found.python), *found.problems]
        where, lines = POETRY, list(found.lines)
    else:
        where, lines = "project.dependencies", project.get("dependencies", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InvalidInput(f"{source.file_name}: project.dependencies is not a list of requirements.", "Fix it.")
    if len(lines) > MAX_ENTRIES:
        raise InvalidInput(
            f"{source.file_name}, {where}: the most requirements that are read are {MAX_ENTRIES:,}.",
            "Remove what is not needed.",
        )
    try:
        requirements = tuple(map(pip_requirement, lines))
    except InvalidInput as error:
        raise InvalidInput(f"{source.file_name}, {where}: {error.summary}", error.advice) from error
    name = name or cleaned_name(str(project.get("name") or poetry.get("name") or FILE_NAME.split(".", 1)[0]))
    return ReadResult(Environment(name, python=Python(pip=requirements)), tuple(left_out))


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


def _left_out(document: Mapping[str, Any], project: dict[str, Any], *, from_poetry: bool) -> Iterator[Problem]:
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
    for where, table in (
        ("project.optional-dependencies", _table(project, "optional-dependencies")),
        ("dependency-groups", _table(document, "dependency-groups")),
    ):
        if table:
            yield Problem(
                "groups-left-out",
                Severity.INFO,
                where,
                f"The groups {', '.join(sorted(table))} are not imported.",
                "Add the packages that you need.",
            )
    tools = _table(document, "tool")
    for where, tool, table in (
        ("tool.uv.sources", "uv", _table(_table(tools, "uv"), "sources")),
        (POETRY, "Poetry", {} if from_poetry else _table(_table(tools, "poetry"), "dependencies")),
    ):
        if names := sorted(set(table) - {"python"}):
            yield Problem(
                "sources-left-out",
                Severity.WARNING,
                where,
                f"Where {tool} takes {', '.join(names)} from is not imported.",
                "Write them as NAME @ URL.",
            )


def _table(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a table of a document; an empty one if there is none, or a value of another kind."""
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


FORMAT = Format("pyproject", "pyproject.toml of a Python project", (FILE_NAME,), _matches, _read)
