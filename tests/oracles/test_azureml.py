"""Azure ML's formats beside the SDKs that own them: what they load of our files is what they load of the originals."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from envstudio.domain.environment import Applies, Environment
from envstudio.formats import azureml_v1, azureml_v2
from envstudio.formats.azureml_object import DEFAULTS
from envstudio.tasks.read_path import read_path

SDKS = {
    "v1": ("azureml-core==1.61.0.post4", "setuptools<80"),
    "v2": ("azure-ai-ml==1.35.2",),
}
CHILD = Path(__file__).with_name("azureml_sdks.py")
Load = Callable[[str, list[Path]], list[dict[str, Any]]]

pytestmark = pytest.mark.xdist_group("azureml")


@pytest.fixture(scope="session")
def load(request: pytest.FixtureRequest) -> Load:
    """Return a call that loads paths by an SDK in a virtual environment of its own, made when it is first needed."""

    def python_of(kind: str) -> Path:
        folder = request.config.cache.mkdir(f"azureml-sdk-{kind}")
        python = folder / "venv" / "bin" / "python"
        if not (folder / "ready").exists():
            subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *SDKS[kind]], check=True)
            (folder / "ready").touch()
        return python

    def call(kind: str, paths: list[Path]) -> list[dict[str, Any]]:
        done = subprocess.run(
            [python_of(kind.partition("-")[0]), CHILD, kind, *paths], capture_output=True, text=True, check=True
        )
        return list(json.loads(done.stdout))

    return call


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files by their relative paths; return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


# SDK v1


def v1_object(seed: int) -> tuple[dict[str, Any], dict[str, Any] | None, str]:
    """Return the JSON, the conda file and the Dockerfile of a folder as the SDK saves one."""
    rng = random.Random(seed)
    some = rng.random
    made: dict[str, Any] = copy.deepcopy(dict(DEFAULTS))
    made["name"] = f"env-{seed}"
    names = ("MODE", "DATA_DIR", "EMPTY", "TEXT")
    made["environmentVariables"] = {name: rng.choice(["", "1", "a b", "ü", "x=y #z"]) for name in names if some() < 0.4}
    made["python"] |= {
        "userManagedDependencies": some() < 0.2,
        "interpreterPath": rng.choice(["python", "/opt/python/bin/python"]),
        "baseCondaEnvironment": "base" if some() < 0.1 else None,
    }
    docker, dockerfile = made["docker"], ""
    if some() < 0.6:
        docker["baseImage"] = "registry.example/base:1"
    else:
        dockerfile = "FROM registry.example/base:1\nRUN echo 'ready' # done\n"
    docker |= {
        "enabled": some() < 0.3,
        "shmSize": rng.choice(["2g", "8g"]),
        "arguments": ["--ulimit", "memlock=-1"] if some() < 0.2 else [],
        "sharedVolumes": some() < 0.8,
        "platform": {"os": rng.choice(["Linux", "Windows"]), "architecture": "amd64"},
    }
    if some() < 0.3:
        docker["baseImageRegistry"] |= {"address": "registry.example", "username": "someone"}
    if some() < 0.3:
        package = {"group": "com.example", "artifact": "spark_2.12", "version": "1.0"}
        made["spark"] = {"repositories": ["https://maven.example"], "packages": [package], "precachePackages": False}
    if some() < 0.2:
        made["databricks"]["pypiLibraries"] = [{"package": "six", "repo": None}]
    made["inferencingStackVersion"] = "latest" if some() < 0.2 else None
    conda = None
    if some() < 0.8:
        items: list[Any] = [f"python={rng.choice(['3.9', '3.11.4', '3.12'])}"]
        items += rng.sample(["numpy>=1.26", "pandas=2.2.*", "conda-forge::scipy", "pip=24"], rng.randrange(4))
        if some() < 0.7:
            lines = ["--extra-index-url https://wheels.example/simple", "six==1.16.0", "requests[socks]>=2.31", "-e ."]
            items.append({"pip": rng.sample(lines, rng.randrange(1, 5))})
        conda = {"name": "project_environment", "dependencies": items}
        if some() < 0.7:
            conda["channels"] = rng.sample(["conda-forge", "defaults", "https://conda.example/team"], 2)
    return made, conda, dockerfile


def comparable_v1(loaded: dict[str, Any]) -> dict[str, Any]:
    """Return an object without what says nothing: version, comments, where pip's section and options stand."""
    found = copy.deepcopy(loaded)
    found["version"] = None
    conda = found["python"].get("condaDependencies") or {}
    conda.get("dependencies", []).sort(key=lambda item: isinstance(item, dict))
    for item in conda.get("dependencies", []):
        if isinstance(item, dict):
            lines = [line.partition(" #")[0].strip() for line in item["pip"]]
            item["pip"] = sorted(lines, key=lambda line: not line.startswith("--"))
    return found


def test_v1_there_and_back(load: Load, tmp_path: Path) -> None:
    given, ours = [], []
    for seed in range(60):
        made, conda, dockerfile = v1_object(seed)
        files = {azureml_v1.FILE_NAME: json.dumps(made, indent=4)}
        if conda is not None:
            files[azureml_v1.CONDA_FILE] = yaml.safe_dump(conda, sort_keys=False)
        if dockerfile:
            files[azureml_v1.DOCKERFILE] = dockerfile
        given.append(write(tmp_path / f"given-{seed}", files))
        environment = read_path(given[-1]).environment
        assert azureml_v1.FORMAT.write is not None
        ours.append(write(tmp_path / f"ours-{seed}", dict(azureml_v1.FORMAT.write(environment).files)))
    expected, got = load("v1", given), load("v1", ours)
    for seed, (theirs, own) in enumerate(zip(expected, got, strict=True)):
        assert "loaded" in theirs, theirs
        assert comparable_v1(own["loaded"]) == comparable_v1(theirs["loaded"]), seed


@pytest.mark.parametrize(
    ("asked", "written", "told"),
    [
        ("python=3.11", "python=3.11", False),
        ("python=3.11.*", "python=3.11", False),
        ("python>=3.9", "python>=3.9", False),
        ("python >=3.9,<3.12", "python >=3.9,<3.12", True),
    ],
)
def test_a_python_is_written_as_azureml_core_takes_it_over(
    asked: str, written: str, told: bool, load: Load, tmp_path: Path
) -> None:
    from envstudio.domain.environment import Python
    from envstudio.domain.requirement import conda_requirement

    assert azureml_v1.FORMAT.write is not None
    done = azureml_v1.FORMAT.write(Environment("x", Python(conda=(conda_requirement(asked),))))
    folder = write(tmp_path / "x", dict(done.files))
    assert yaml.safe_load(done.files[azureml_v1.CONDA_FILE])["dependencies"] == [written]
    assert ("python-replaced" in [item.code for item in done.problems]) is told
    (loaded,) = load("v1-conda", [folder / azureml_v1.CONDA_FILE])
    kept = loaded["loaded"]["python"]["condaDependencies"]["dependencies"] == [written]
    assert kept is not told


def test_v1_of_the_corpus(load: Load, corpus: Path, tmp_path: Path) -> None:
    given = sorted(path.parent for path in (corpus / "azureml-v1").rglob(azureml_v1.FILE_NAME))
    ours = []
    for folder in given:
        environment = read_path(folder).environment
        assert azureml_v1.FORMAT.write is not None
        ours.append(write(tmp_path / folder.name, dict(azureml_v1.FORMAT.write(environment).files)))
    for folder, theirs, own in zip(given, load("v1", given), load("v1", ours), strict=True):
        expected, found = comparable_v1(theirs["loaded"]), comparable_v1(own["loaded"])
        # It is in the keyring now, and an export never holds one.
        expected["docker"]["baseImageRegistry"]["password"] = None
        if expected["python"]["userManagedDependencies"] is False:
            expected["python"]["condaDependencies"]["name"] = "project_environment"
        assert found == expected, folder.name


# SDK v2


def v2_document(seed: int, folder: Path) -> Path:
    """Write an environment's YAML of v2 as people do, and the files that it names."""
    rng = random.Random(seed)
    some = rng.random
    made: dict[str, Any] = {"$schema": azureml_v2.SCHEMA} if some() < 0.7 else {}
    made["name"] = f"env-{seed}"
    files: dict[str, str] = {}
    if some() < 0.5:
        made["version"] = rng.choice([1, "2", 1.1])
    if some() < 0.5:
        made["description"] = rng.choice(["One line.", "Two\nlines.\n", "a: b # c"])
    if some() < 0.5:
        made["tags"] = {"team": "vision", "empty": "", "number": "3.10"}
    if some() < 0.6:
        made["image"] = "registry.example/base:1"
        conda = {"name": "conda", "channels": ["conda-forge"], "dependencies": ["python=3.11", {"pip": ["six>=1.16"]}]}
        kind = some()
        if kind < 0.4:
            made["conda_file"] = rng.choice(["./conda.yml", "conda.yml"])
            files["conda.yml"] = yaml.safe_dump(conda, sort_keys=False)
        elif kind < 0.7:
            made["conda_file"] = conda
    else:
        made["build"] = {"path": "context"} | ({"dockerfile_path": "Dockerfile.cpu"} if some() < 0.5 else {})
        files["context/Dockerfile"] = files["context/Dockerfile.cpu"] = "FROM registry.example/base:1\n"
    if some() < 0.4:
        made["os_type"] = rng.choice(["linux", "Linux", "windows"])
    if some() < 0.4:
        route = {"port": rng.choice([5001, "5001", 5001.0]), "path": "/"}
        made["inference_config"] = {f"{name}_route": dict(route) for name in azureml_v2.ROUTES}
    write(folder, files | {"environment.yml": yaml.safe_dump(made, sort_keys=False)})
    return folder / "environment.yml"


def comparable_v2(loaded: dict[str, Any]) -> dict[str, Any]:
    """Return what was loaded; the conda file's own name says nothing, and Linux is what none means."""
    found = copy.deepcopy(loaded)
    if isinstance(found["conda"], dict):
        found["conda"].pop("name", None)
    found["os_type"] = (found["os_type"] or "linux").lower()
    if found["build"]:
        found["build"][1] = found["build"][1] or "Dockerfile"
    found["description"] = found["description"] or None
    return found


def test_v2_there_and_back(load: Load, tmp_path: Path) -> None:
    given, ours = [], []
    for seed in range(80):
        given.append(v2_document(seed, tmp_path / f"given-{seed}"))
        found = read_path(given[-1], "azureml-v2")
        assert azureml_v2.FORMAT.write is not None
        folder = write(tmp_path / f"ours-{seed}", dict(azureml_v2.FORMAT.write(found.environment).files))
        ours.append(folder / azureml_v2.FILE_NAME)
    expected, got = load("v2", given), load("v2", ours)
    for seed, (theirs, own) in enumerate(zip(expected, got, strict=True)):
        assert "loaded" in theirs, (seed, theirs, given[seed].read_text())
        assert "loaded" in own, (seed, own)
        assert comparable_v2(own["loaded"]) == comparable_v2(theirs["loaded"]), seed


def test_what_v2_loads_of_the_corpus_it_loads_of_our_export(load: Load, corpus: Path, tmp_path: Path) -> None:
    given = [path for path in sorted((corpus / "azureml-v2-env").glob("*")) if "{{" not in path.read_text()]
    compared = 0
    expected = load("v2", given)
    ours, theirs = [], []
    for path, found in zip(given, expected, strict=True):
        if "loaded" not in found:
            continue
        assert azureml_v2.FORMAT.write is not None
        files = dict(azureml_v2.FORMAT.write(read_path(path, "azureml-v2").environment).files)
        ours.append(write(tmp_path / str(len(ours)), files) / azureml_v2.FILE_NAME)
        theirs.append(found["loaded"])
    for own, found in zip(load("v2", ours), theirs, strict=True):
        left, right = comparable_v2(own["loaded"]), comparable_v2(found)
        # An unquoted 20.04 or yes stays as it was written, which is told; the SDK makes 20.04 and True of it.
        assert left.pop("tags").keys() == right.pop("tags").keys()
        assert left == right
        compared += 1
    assert compared >= 10


def test_variables_go_to_side_files_of_v2() -> None:
    from envstudio.domain.environment import Image, Serving, Variable

    environment = Environment(
        "churn",
        image=Image(base="registry.example/base:1"),
        variables=(Variable("MODE", "train"), Variable("ONLY", "1", applies=(Applies.SERVE,))),
        serving=Serving(),
    )
    assert azureml_v2.FORMAT.write is not None
    files = azureml_v2.FORMAT.write(environment).files
    job, deployment = (yaml.safe_load(files[name]) for name in (azureml_v2.JOB_FILE, azureml_v2.DEPLOYMENT_FILE))
    assert job["environment_variables"] == {"MODE": "train"}
    assert deployment["environment_variables"] == {"MODE": "train", "ONLY": "1"}
