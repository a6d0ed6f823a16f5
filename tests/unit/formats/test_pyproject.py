"""pyproject.toml: the project's dependencies, and what is left out told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from envstudio.domain.solve import IndexStrategy
from envstudio.errors import InvalidInput
from envstudio.formats import read_source
from envstudio.formats.format import Choices, ReadResult
from envstudio.formats.pyproject import FORMAT, OF_OTHER_TOOLS
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
    assert set(messages) == {"requires-python", "groups-left-out"}
    assert [item.message for item in result.problems if item.code == "groups-left-out"] == [
        "The groups docs, gpu are not imported.",
        "The groups dev are not imported.",
    ]
    assert ">=3.11" in messages["requires-python"]
    assert result.environment.python.pip[0].line == "numpy @ git+https://git.example/numpy"


def test_chosen_extras_and_groups_come_along() -> None:
    text = (
        TYPICAL
        + """[tool.uv]
dev-dependencies = ["ignored"]
"""
    )
    text = text.replace('dev = ["pytest"]', 'dev = ["pytest", {include-group = "lint"}]\nlint = ["ruff"]')
    assert FORMAT.read is not None
    source = replace(text_source("pyproject.toml", text), choices=Choices(groups=("DEV",), extras=("gpu",)))
    found = FORMAT.read(source, "")
    assert [item.name for item in found.environment.python.pip] == ["numpy", "pandas", "torch", "pytest", "ruff"]
    assert [item.message for item in found.problems if item.code == "groups-left-out"] == [
        "The groups docs are not imported.",
        "The groups lint are not imported.",
    ]


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        (Choices(extras=("tpu",)), "No extra named 'tpu'"),
        (Choices(groups=("prod",)), "No group named 'prod'"),
        (Choices(groups=("round",)), "dependency-groups.round cannot be resolved"),
    ],
)
def test_what_cannot_be_chosen(choices: Choices, reason: str) -> None:
    text = TYPICAL.replace("[tool.uv.sources]", 'round = [{include-group = "round"}]\n[tool.uv.sources]')
    assert FORMAT.read is not None
    with pytest.raises(InvalidInput, match=reason):
        FORMAT.read(replace(text_source("pyproject.toml", text), choices=choices), "")


def test_the_default_index_strategy_is_uv_s() -> None:
    head = '[project]\nname = "x"\ndependencies = ["a"]\n'
    one = '[[tool.uv.index]]\nname = "one"\nurl = "https://index.example/one"\n'
    two = one.replace("one", "two")
    assert read(head + one).environment.solve.index_strategy is None
    assert read(head + one + two).environment.solve.index_strategy is IndexStrategy.FIRST
    best = '[tool.uv]\nindex-strategy = "unsafe-best-match"\n'
    assert read(head + best + one + two).environment.solve.index_strategy is IndexStrategy.BEST


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
    names, refused = 0, []
    for path in files:
        source = read_source(path)
        try:
            python = FORMAT.read(source, "").environment.python
        except InvalidInput as error:
            refused.append((error.summary, source.text))
            continue
        names += len(python.pip) + len(python.conda)
    assert len(files) > 20
    assert names > 70
    assert all("neither the table" in summary for summary, _ in refused)
    assert not any(re.search(r"(?m)^\[(?:project|tool\.(?:poetry|pixi\.workspace))\]", text) for _, text in refused)


@pytest.mark.parametrize("where", [f"tool.{path}" for path in OF_OTHER_TOOLS] + ["tool.uv.dev-dependencies"])
def test_what_other_tools_install_is_named(where: str) -> None:
    table, _, key = where.rpartition(".")
    value = '{ default = "x" }' if key == "envs" else '["x"]'
    result = read(f"[project]\nname = 'a'\n[{table}]\n{key} = {value}\n")
    assert [(item.code, item.where) for item in result.problems] == [("keys-left-out", where)]


@pytest.mark.parametrize(
    "where", ["tool.conda-lock.pypi-to-conda-name", "tool.pixi.tasks", "tool.pixi.workspace.preview"]
)
def test_keys_of_conda_tools_that_are_not_read_are_named(where: str) -> None:
    table, _, key = where.rpartition(".")
    result = read(f"[project]\nname = 'a'\n[{table}]\n{key} = {{ a = 'b' }}\n")
    assert [item.where for item in result.problems] == [where]
