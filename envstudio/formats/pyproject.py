"""The dependencies of a Python project: the table [project] of pyproject.toml, which only is read.

Source: PyPA's specification of pyproject.toml (PEP 621), and of dependency groups (PEP 735).
"""

from __future__ import annotations

import tomllib
from typing import Any

from envstudio.domain.environment import Environment, Python
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.source import refuse_conflict_markers

FILE_NAME = "pyproject.toml"


def _matches(source: Source) -> bool:
    return source.file_name.lower() == FILE_NAME


def _read(source: Source, name: str) -> ReadResult:
    refuse_conflict_markers(source)
    document = _document(source)
    project = document.get("project")
    if not isinstance(project, dict):
        raise InvalidInput(
            f"{source.file_name} has no table [project], so its dependencies are another tool's.",
            "Let that tool write a requirements.txt or environment.yml, and import that.",
        )
    lines = project.get("dependencies", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InvalidInput(f"{source.file_name}: project.dependencies is no list of requirements.", "Mend it.")
    try:
        requirements = tuple(map(pip_requirement, lines))
    except InvalidInput as error:
        raise InvalidInput(f"{source.file_name}, project.dependencies: {error.summary}", error.advice) from error
    name = name or cleaned_name(str(project.get("name") or FILE_NAME.split(".", 1)[0]))
    return ReadResult(Environment(name, python=Python(pip=requirements)), tuple(_left_out(document, project)))


def _document(source: Source) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{source.file_name} is not valid TOML: {error}.", "Mend that line.") from error


def _left_out(document: dict[str, Any], project: dict[str, Any]) -> list[Problem]:
    """Name what an environment does not take over, or needs a look."""
    told = []
    dynamic = project.get("dynamic")
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        told.append(
            Problem(
                "dependencies-dynamic",
                Severity.WARNING,
                "project.dynamic",
                "The dependencies are found out when the project is built, so none are named here.",
                "Import the file that they are read from.",
            )
        )
    if project.get("requires-python"):
        told.append(
            Problem(
                "requires-python",
                Severity.INFO,
                "project.requires-python",
                f"The project asks for Python {project['requires-python']}.",
                "Choose a base image with such a Python, and state its version.",
            )
        )
    for where, table in (
        ("project.optional-dependencies", _table(project, "optional-dependencies")),
        ("dependency-groups", _table(document, "dependency-groups")),
    ):
        if table:
            told.append(
                Problem(
                    "groups-left-out",
                    Severity.INFO,
                    where,
                    f"The groups {', '.join(sorted(table))} are not taken over.",
                    "Add the packages that you need with: envstudio edit NAME --add-pip REQUIREMENT",
                )
            )
    sources = _table(_table(_table(document, "tool"), "uv"), "sources")
    if sources:
        told.append(
            Problem(
                "sources-left-out",
                Severity.WARNING,
                "tool.uv.sources",
                f"Where uv takes {', '.join(sorted(sources))} from is not taken over.",
                "Write them as NAME @ URL.",
            )
        )
    return told


def _table(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a table of a document; an empty one where there is none, or a value of another kind."""
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


FORMAT = Format("pyproject", "pyproject.toml of a Python project", (FILE_NAME,), _matches, _read)
