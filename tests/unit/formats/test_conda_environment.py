"""conda's files: what is written is read back, and what they cannot hold is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import conda_requirements, names, pip_options, pip_requirements, quick, tuples_of

from envstudio.domain.environment import (
    Applies,
    Environment,
    Image,
    PipOption,
    Python,
    Serving,
    Spark,
    Variable,
)
from envstudio.domain.problem import Severity
from envstudio.domain.requirement import CondaRequirement, PipRequirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.conda_environment import FORMAT, conda_name
from envstudio.formats.format import ReadResult, WriteResult
from envstudio.formats.source import text_source


def read(text: str, name: str = "") -> ReadResult:
    assert FORMAT.read is not None
    return FORMAT.read(text_source("environment.yml", text), name)


def write(environment: Environment) -> WriteResult:
    assert FORMAT.write is not None
    return FORMAT.write(environment)


@quick
@given(names, tuples_of(conda_requirements()), tuples_of(pip_requirements()), tuples_of(pip_options))
def test_requirements_survive(
    name: str,
    conda: tuple[CondaRequirement, ...],
    pip: tuple[PipRequirement, ...],
    options: tuple[PipOption, ...],
) -> None:
    environment = Environment(
        name.strip("-._") or "x",
        python=Python(channels=("conda-forge", "1.0"), conda=conda, pip=pip, pip_options=options),
        variables=(Variable("A", "yes"), Variable("B", "1")),
        carried={"conda": {"platforms": ["linux-64"]}},
    )
    written = write(environment)
    assert written.problems == ()
    assert read(written.files["environment.yml"]).environment == environment


def test_constraints_are_written_to_a_file_of_their_own() -> None:
    environment = Environment("x", python=Python(pip_constraints=(pip_requirement("numpy<2"),)))
    written = write(environment)
    assert written.files["constraints.txt"] == "numpy<2\n"
    assert "- -c constraints.txt" in written.files["environment.yml"]


def test_what_cannot_be_held_is_named() -> None:
    environment = Environment(
        "x",
        python=Python(version="3.11", interpreter="/opt/python"),
        image=Image(base="base.example/a:1", platform="linux/arm64"),
        variables=(Variable("T", secret="token"), Variable("B", "b", applies=(Applies.BUILD,))),
        spark=Spark(),
        serving=Serving(),
        cuda="12.4",
        description="d",
        tags=(("team", "growth"),),
        carried={"conda": {}, "azureml": {"a": 1}},
    )
    written = write(environment)
    assert {problem.where for problem in written.problems} == {
        "python.version",
        "python.interpreter",
        "image.base",
        "image.platform",
        "variables.T",
        "variables.B",
        "spark",
        "serving",
        "cuda",
        "description",
        "tags",
        "carried",
    }
    assert "variables" not in written.files["environment.yml"]


def test_a_name_is_taken_from_the_argument_then_the_file_then_its_name() -> None:
    assert read("name: a\ndependencies: []\n", "b").environment.name == "b"
    assert read("name: a\ndependencies: []\n").environment.name == "a"
    assert read("dependencies: []\n").environment.name == "environment"


@pytest.mark.parametrize(
    ("line", "spec"),
    [
        ("python: 3.10", "python=3.10"),
        ("python: 3.9.7", "python=3.9.7"),
        ("numpy: '>=1'", "numpy>=1"),
        ("numpy:", "numpy"),
        ("torchvision -c pytorch", "pytorch::torchvision"),
    ],
)
def test_a_clear_mistake_is_mended_and_told(line: str, spec: str) -> None:
    result = read(f"dependencies:\n  - {line}\n")
    assert [item.text for item in result.environment.python.conda] == [spec]
    assert [(item.severity, item.where) for item in result.problems] == [(Severity.WARNING, "line 2")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dependencies:\n  - [a]\n", r"line 2: a dependency is a list"),
        ("dependencies:\n  - numpy: {a: 1}\n", r"line 2: 'numpy' is a mapping"),
        ("dependencies:\n  - pip:\n    - 1.5\n", r"line 3: a pip requirement is 1.5"),
        ("dependencies:\n  - pip:\n    - [a]\n", r"line 3: a pip requirement is a list"),
        ("dependencies: python\n", r"line 1: dependencies is text, not a list"),
        ("channels: [a]\nvariables: {1A: x}\n", r"line 2: '1A' is not a name"),
        ("channels: [a]\nvariables: {A: [x]}\n", r"line 2: the value of A is not text"),
        ("channels: ['{{ channel }}']\n", r"line 1: this is a template"),
        ("name: [a]\nchannels: [a]\n", r"line 1: the name is not text"),
    ],
)
def test_what_has_no_clear_meaning_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(text)


def test_a_pip_text_of_several_lines_is_read_line_by_line() -> None:
    result = read("dependencies:\n  - pip:\n    - |\n      numpy\n      scipy  # why\n")
    assert [item.text for item in result.environment.python.pip] == ["numpy", "scipy"]


def test_an_option_that_yaml_takes_for_a_key_is_read() -> None:
    result = read("dependencies:\n  - pip:\n    - --no-binary :all:\n")
    assert result.environment.python.pip_options == (PipOption("--no-binary", ":all:"),)


def test_no_image_is_invented() -> None:
    assert read("dependencies: [python=3.11]\n").environment.image == Image()


def test_a_malformed_spec_has_no_name() -> None:
    assert conda_name("numpy=>1") == ""


def test_carried_data_of_another_shape_does_no_harm() -> None:
    environment = Environment("x", carried={"conda": "not a mapping"})
    assert write(environment).files["environment.yml"] == "name: x\ndependencies: []\n"
