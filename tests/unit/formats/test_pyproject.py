"""pyproject.toml: the project's dependencies, and what is left out told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from envstudio.errors import InvalidInput
from envstudio.formats import read_source
from envstudio.formats.format import ReadResult
from envstudio.formats.pyproject import FORMAT
from envstudio.formats.source import text_source

TYPICAL = """
[project]
name = "Churn_Model"
requires-python = ">=3.11"
dependencies = ["numpy>=2", "pandas[parquet]>=2.2; python_version >= '3.11'"]
[project.optional-dependencies]
gpu = ["torch"]
docs = ["sphinx"]
[dependency-groups]
dev = ["pytest"]
[tool.uv.sources]
numpy = { git = "https://git.example/numpy" }
"""


def read(text: str) -> ReadResult:
    assert FORMAT.read is not None
    return FORMAT.read(text_source("pyproject.toml", text), "")


def test_dependencies_come_over_and_the_rest_is_told() -> None:
    result = read(TYPICAL)
    assert result.environment.name == "Churn_Model"
    assert [item.name for item in result.environment.python.pip] == ["numpy", "pandas"]
    messages = {item.code: item.message for item in result.problems}
    assert set(messages) == {"requires-python", "groups-left-out", "sources-left-out"}
    assert [item.message for item in result.problems if item.code == "groups-left-out"] == [
        "The groups docs, gpu are not imported.",
        "The groups dev are not imported.",
    ]
    assert ">=3.11" in messages["requires-python"]


def test_dynamic_dependencies_are_told() -> None:
    result = read('[project]\nname = "x"\ndynamic = ["version", "dependencies"]\n')
    assert result.environment.python.pip == ()
    assert [item.code for item in result.problems] == ["dependencies-dynamic"]


@pytest.mark.parametrize("line", ["dynamic = 1", "[tool]\nuv = 3", "[tool.uv]\nsources = 3", "[dependency-groups]"])
def test_tables_of_another_shape_are_passed_over(line: str) -> None:
    assert read(f'[project]\nname = "x"\n{line}\n').problems == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[tool.hatch]\nx = 1\n", "neither the table"),
        ("project = 1\n", "neither the table"),
        ("[tool.poetry]\ndependencies = 1\n", "is not a table"),
        ("[project\n", "not valid TOML"),
        ("[project]\ndependencies = 'numpy'\n", "not a list of requirements"),
        ("[project]\ndependencies = ['numpy >>2']\n", "project.dependencies"),
    ],
)
def test_what_is_no_such_file_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        read(text)


def test_real_projects_read_or_say_what_they_lack(corpus: Path) -> None:
    files = sorted((corpus / "pyproject").rglob("*.toml"))
    assert FORMAT.read is not None
    names = 0
    for path in files:
        source = read_source(path)
        if re.search(r"(?m)^\[(?:project|tool\.poetry)\]", source.text):
            names += len(FORMAT.read(source, "").environment.python.pip)
            continue
        with pytest.raises(InvalidInput, match="neither the table"):
            FORMAT.read(source, "")
    assert len(files) > 20
    assert names > 70
