"""What a folder holds is found by the names of files, and by what those say whose names tell nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.folders import definitions_in, definitions_under
from envstudio.tasks.import_preview import preview_import

FILES = {
    "azure/azureml_environment.json": '{"name": "v1", "python": {"userManagedDependencies": false}}',
    "azure/conda_dependencies.yml": "dependencies: [python=3.11]\n",
    "azure/BaseDockerfile": "FROM base.example/a:1\n",
    "curated/asset.yaml": "name: curated\nversion: auto\ntype: environment\nspec: spec.yaml\n",
    "curated/spec.yaml": "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\n"
    'name: "{{asset.name}}"\nbuild:\n  path: context\n',
    "curated/context/Dockerfile": "FROM base.example/a:1\n",
    "jobs/anything.yml": "type: command\ncommand: a\nenvironment:\n  image: base.example/a:1\n",
    "jobs/kubernetes-job.yml": "apiVersion: batch/v1\nkind: Job\n",
    "scripts/train.py": '# /// script\n# dependencies = ["numpy"]\n# ///\n',
    "scripts/other.py": "import numpy\n",
    ".devcontainer/devcontainer.json": '{"image": "base.example/dev:1"}',
    ".hidden/requirements.txt": "numpy\n",
    "node_modules/x/requirements.txt": "numpy\n",
    "model/MLmodel": "flavors: {python_function: {}}\nmlflow_version: 3\n",
    "model/conda.yaml": "dependencies: [python=3.11]\n",
    "model/requirements.txt": "six\n",
    "notes.yml": "a: b\n",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with definitions of many tools, and files that are none."""
    for name, text in FILES.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "checkout"


def test_definitions_are_found_by_name_and_content(checkout: Path) -> None:
    found = {str(path.relative_to(checkout)) for path in definitions_under(checkout)}
    assert found == {
        ".devcontainer/devcontainer.json",
        "azure/azureml_environment.json",
        "azure/conda_dependencies.yml",
        "curated/asset.yaml",
        "curated/context/Dockerfile",
        "curated/spec.yaml",
        "jobs/anything.yml",
        "model/MLmodel",
        "model/conda.yaml",
        "model/requirements.txt",
        "scripts/train.py",
    }


def test_what_belongs_together_is_one_row(library: Library, checkout: Path) -> None:
    found = preview_import(library, [checkout], report=Report())
    assert [(item.name, item.path.name, item.error) for item in found] == [
        ("checkout", "devcontainer.json", None),
        ("v1", "azureml_environment.json", None),
        ("curated", "asset.yaml", None),
        ("anything", "anything.yml", None),
        ("model", "MLmodel", None),
        ("train", "train.py", None),
    ]


def test_of_a_folder_the_file_that_says_most_is_first(checkout: Path) -> None:
    assert [path.name for path in definitions_in(checkout / "azure")][:1] == ["azureml_environment.json"]
    assert [path.name for path in definitions_in(checkout / "model")][:1] == ["MLmodel"]
    assert [path.name for path in definitions_in(checkout / "curated")][:1] == ["asset.yaml"]
