"""Each folder of tests/data/formats/<id>/ is a case: a file, and the environment or the error it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio.errors import InvalidInput
from envstudio.formats import detect, find_format, native, read_source

DATA = Path(__file__).parents[2] / "data" / "formats"
INPUTS = {
    "native": "envstudio.yml",
    "conda": "environment.yml",
    "pip": "requirements.txt",
    "pyproject": "pyproject.toml",
    "dockerfile": "Dockerfile",
    "conda-list": "requirements.txt",
    "mlflow-python": "python_env.yaml",
    "azureml-v1": "azureml_environment.json",
    "azureml-v2": "azureml-environment.yml",
    "azureml-asset": "asset.yaml",
    "azureml-job": "deployment.yml",
    "azureml-runconfig": "train.runconfig",
    "azureml-inferenceconfig": "inferenceconfig.json",
    "mlflow-model": "MLmodel",
    "mlflow-project": "MLproject",
    "pixi-project": "pixi.toml",
    "pipfile": "Pipfile",
    "pipfile-lock": "Pipfile.lock",
    "devcontainer": "devcontainer.json",
    "script": "train.py",
    "uv-lock": "uv.lock",
}
CASES = sorted(path for format_id in INPUTS for path in (DATA / format_id).iterdir())
GOOD = [path for path in CASES if not (path / "error.txt").exists()]
BAD = [path for path in CASES if (path / "error.txt").exists()]


def case_id(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("case", GOOD, ids=case_id)
def test_a_file_gives_the_expected_environment_and_problems(case: Path) -> None:
    source = read_source(case / INPUTS[case.parent.name])
    read = find_format(case.parent.name).read
    assert read is not None
    result = read(source, "")
    problems = "".join(f"{item.severity} {item.code} {item.where}: {item.message}\n" for item in result.problems)
    if case.parent.name == "native":
        assert native.to_text(result.environment) == source.text
        assert problems == ""
    else:
        assert native.to_text(result.environment) == (case / "expected.yml").read_text()
        assert problems == (case / "problems.txt").read_text()


@pytest.mark.parametrize("case", BAD, ids=case_id)
def test_a_bad_file_is_refused_with_line_and_reason(case: Path) -> None:
    source = read_source(case / INPUTS[case.parent.name])
    read = find_format(case.parent.name).read
    assert read is not None
    with pytest.raises(InvalidInput) as caught:
        read(source, "")
    assert caught.value.summary + "\n" == (case / "error.txt").read_text()
    assert f"{INPUTS[case.parent.name]}, line " in caught.value.summary
    assert caught.value.advice


@pytest.mark.parametrize("case", GOOD, ids=case_id)
def test_a_file_is_recognised(case: Path) -> None:
    assert detect(read_source(case / INPUTS[case.parent.name])).id == case.parent.name
