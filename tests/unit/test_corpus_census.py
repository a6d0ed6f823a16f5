"""A census of real files: each value in a file is in the definition, in the lock, or named in the problems.

The corpus lies beside the checkout and is not a part of the project.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from envstudio.domain.problem import Problem
from envstudio.errors import EnvStudioError
from envstudio.formats import native
from envstudio.formats.azureml_object import DEFAULTS
from envstudio.tasks.read_path import ReadFile, read_path

FORMATS = {
    "conda-env": "conda",
    "mlflow-conda": "conda",
    "mlflow-python-env": "mlflow-python",
    "pip-requirements": "pip",
    "pyproject": "pyproject",
    "dockerfile": "dockerfile",
    "conda-lock": "conda-lock",
    "conda-explicit": "explicit",
    "pixi-lock": "pixi",
    "azureml-v1": "azureml-v1",
    "azureml-v2-env": "azureml-v2",
    "azureml-curated": "azureml-asset",
    "azureml-assets-asset": "azureml-asset",
    "azureml-v2-inline-env": "azureml-job",
    "azureml-v1-inferenceconfig": "azureml-inferenceconfig",
    "runconfig": "azureml-runconfig",
    "mlflow-mlproject": "mlflow-project",
    "pixi-toml": "pixi-project",
    "pipfile": "pipfile",
    "devcontainer": "devcontainer",
}
ENTRIES = {"azureml-v1": "*.json", "azureml-curated": "asset.yaml", "runconfig": "*.runconfig"}
"""The files of a kind that are imported; those beside them are read with them."""

LEAST_READ = {
    "pixi-lock": 0.45,
    "azureml-assets-asset": 0,
    **dict.fromkeys(("azureml-v1", "azureml-v2-env", "azureml-curated", "mlflow-mlproject"), 0.97),
    **dict.fromkeys(("pixi-toml", "pipfile", "devcontainer"), 0.97),
}
"""Of the files of a kind, else 0.8. Half of the pixi.lock files are rattler's own tests of builds from sources, and the
assets lie without the specifications that they name."""
NOT_OF_THE_ENVIRONMENT = {
    "conda-env": r"prefix$",  # where the environment lay that conda exported
    "azureml-v2-env": r"\$schema|os_type|build\.dockerfile_path$",  # Linux and Dockerfile are the defaults here
    "azureml-curated": r"version|type|spec|extra_config|categories|test|validate",  # how Microsoft publishes it
    "azureml-v2-inline-env": (
        r"(?!(?:jobs\..*\.)?environment\.)"
        r"|.*(?:\$schema|version|os_type|conda_file\.name|docker\.build\.dockerfile)$"  # the path becomes a folder
    ),
    "azureml-v1-inferenceconfig": r"runtime|.*condaDependencies\.name$",
    "azureml-v1": r".*userManagedDependencies$",
    "runconfig": r"(?!environment\.|spark\.)|.*(?:condaDependenciesFile|baseDockerfile)$",
    "mlflow-mlproject": r"entry_points\.|conda_env",
    "devcontainer": r"build\.dockerfile",  # names the file, which is in the context
    "pipfile": r"source\.(?:name|verify_ssl)|source\.url",  # the usual index is not written down
    "pixi-toml": r"(?:workspace|project)\.(?:version|description|authors|license|readme|homepage|repository)",
    "pyproject": (
        r"(?!(?:project|dependency-groups|tool)\.)"  # tables that no tool reads, build-system
        r"|project\.(?!dependencies|optional-dependencies|requires-python|name$)"  # what the package index shows
        r"|tool\.poetry\.(?!dependencies|group|source|dev-dependencies|extras|name$)"
        r"|tool\.poetry\.dependencies\..*\.develop$"  # a path is told as a whole
        r"|tool\.(?!poetry|uv|conda-lock|pixi|flit|pdm|hatch|rye)"  # linters, test runners, builders
        r"|tool\.(?:hatch|flit|pdm|rye|uv)\.(?!envs|metadata\.requires|dev-dependencies|source|constraint|override|index)"
        r"|tool\.pixi\.(?:workspace|project)\.(?:version|description|authors|license|readme|homepage|repository)"
    ),
}
"""Keys whose values decide nothing about what is installed, so they are left out without a word."""

REFUSALS = {
    "this is a template": "a placeholder such as {{ name }} is no value",
    "is not a pip requirement": "pip refuses the line too",
    "is not a conda match spec": "conda refuses the item too",
    "is not valid YAML": "the text is damaged",
    "is not valid TOML": "the text is damaged",
    "neither the table": "no table of the file states dependencies of a project",
    "is not an option of a requirements file": "pip refuses the option there too",
    "YAML reads as a number": "MLflow refuses a Python that is no text too, as 3.10 would be 3.1",
    "is not a valid conda-lock.yml": "conda-lock's own reader refuses it too",
    "is not a conda-lock.yml of version 1": "conda-lock has no other version",
    "has no FROM": "Docker refuses it too",
    "is the name of a file": "the file that is named is not there",
    "is built from sources of one machine": "no other machine has them, so nothing can be fetched by hash",
    "is not a pixi.lock that rattler reads": "pixi reads by rattler",
    "the specification spec.yaml is not there": "the corpus has the assets without the files beside them",
    "environments: ": "each of several is imported by its name",
    "is here a second time": "a file that says two things about one key has no one meaning",
    "no environment is defined here": "the job refers to none",
}
"""What a refusal says, and why it is right."""


LOCKED = ("name", "version", "platform", "url")


@dataclass
class Census:
    files: int = 0
    imported: int = 0
    values: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unjustified: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each value; the items of a list have the list's path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    elif value is not None and value != "":
        yield path, str(value)


def squeezed(text: str) -> str:
    """Return a text without what writers change: blanks, quotes, case, and the spellings of names and equality."""
    return re.sub(r"[-_.]+", "-", re.sub(r"[\s'\"\\()]|(?<==)=", "", text).lower())


def values_of(kind: str, text: str) -> Iterable[tuple[str, str]]:
    """Return what a file says, by the parser of its syntax alone."""
    if kind in ("pyproject", "pixi-toml", "pipfile"):
        # A caret and a tilde are written as two bounds; the name is what is looked for then.
        found = leaves(tomllib.loads(text))
        return [(path, path.rpartition(".")[2] if value[:1] in ("^", "~", "*") else value) for path, value in found]
    if kind == "pip-requirements":
        lines = re.sub(r"\\\n", " ", text).splitlines()
        return [("", re.sub(r"(?:^|\s)#.*", "", line).strip()) for line in lines]
    if kind == "dockerfile":
        return [("", line) for line in text.splitlines()]
    if kind == "conda-explicit":
        return [("", word) for line in text.splitlines() if line[:1] not in "#@" for word in line.strip().split("#")]
    if kind in ("azureml-v1", "azureml-v1-inferenceconfig", "runconfig"):
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, yaml.CSafeLoader)
        return leaves(beyond_defaults(kind, document))
    if kind == "devcontainer":
        text = re.sub(r"^\s*//.*|(?<=[,{]) //.*", "", text, flags=re.MULTILINE)
    document = yaml.load(text, yaml.CBaseLoader)
    if kind == "conda-lock":
        rows = [(item, item["hash"].get("sha256") or item["hash"]["md5"]) for item in document["package"]]
        return [
            (f"package.{item.get('category', 'main')}", text)
            for item, digest in rows
            for text in (*(item[key] for key in LOCKED), digest)
        ]
    if kind == "pixi-lock":
        # Of several environments the one that pixi takes by itself is taken; the others are told by name.
        platforms = document["environments"]["default"]["packages"]
        return [("", address) for items in platforms.values() for item in items for address in item.values()]
    return leaves(document)


def beyond_defaults(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return what an object of SDK v1 says beyond what each new one does."""
    if kind != "azureml-v1":
        inner = document.get("environment")
        return {**document, "environment": _without(inner, DEFAULTS)} if isinstance(inner, dict) else document
    return _without(document, DEFAULTS)


def _without(data: dict[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in data.items():
        default = defaults.get(key)
        if isinstance(value, dict) and isinstance(default, Mapping):
            found[key] = _without(value, default)
        elif value != default:
            found[key] = value
    return found


def words_of(value: str) -> list[str]:
    """Return what must be found of a value: an option's words one by one, as they are stored one by one."""
    parts = re.split(r"\s+(?=-)", value)
    return [word for part in parts for word in (re.split(r"[\s=]+", part) if part.startswith("-") else [part])]


def is_told(path: str, problems: tuple[Problem, ...]) -> bool:
    """Return whether a problem is about a key or one of those that it lies in."""
    tail = ".".join(path.split(".")[-2:])
    return any(
        item.where and (path == item.where or path.startswith(f"{item.where}.") or f"{tail} " in item.message)
        for item in problems
    )


def lost_of(kind: str, text: str, found: ReadFile) -> Iterator[str]:
    """Yield the values of a file that are neither taken over nor told."""
    parts = [native.to_text(found.environment), *(f"{item.where} {item.message}" for item in found.problems)]
    if found.lock is not None:
        parts.append(json.dumps(found.lock.to_json()))
    context = found.environment.image.context
    if context is not None and Path(context.location, context.dockerfile_path).is_file():
        parts.append(Path(context.location, context.dockerfile_path).read_text("utf-8-sig"))
    haystack = squeezed("\n".join(parts))
    left_out = NOT_OF_THE_ENVIRONMENT.get(kind)
    for path, value in values_of(kind, text):
        if (left_out and re.match(left_out, path)) or is_told(path, found.problems):
            continue
        if any(item.secret.value in value for item in found.secrets):
            continue  # told by where it stood, without its text
        if kind.startswith("azureml"):
            value = value.removeprefix("file:").removeprefix("./").rstrip("/")
        if not all(squeezed(word) in haystack for word in words_of(value)):
            yield f"{path}: {value[:90]}"


def taken(corpus: Path, kind: str) -> Census:
    census = Census()
    for path in sorted(item for item in (corpus / kind).rglob(ENTRIES.get(kind, "*")) if item.is_file()):
        census.files += 1
        try:
            found = read_path(path, FORMATS[kind])
        except EnvStudioError as error:
            reason = next((reason for reason in REFUSALS if reason in error.summary), "")
            census.refused[reason] += 1
            if not reason:
                census.unjustified.append(f"{path.name}: {error.summary}")
            continue
        census.imported += 1
        text = path.read_text("utf-8-sig")
        census.values += sum(1 for _ in values_of(kind, text))
        census.lost += [f"{path.name}: {line}" for line in lost_of(kind, text, found)]
    return census


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_in_a_file_is_lost_silently(corpus: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    census = taken(corpus, kind)
    with capsys.disabled():
        refused = ", ".join(f"{number} {reason}" for reason, number in census.refused.most_common())
        print(
            f"\n{kind}: {census.files} files, {census.imported} imported with {census.values} values, "
            f"{census.refused.total()} refused ({refused}), silently changed = {len(census.lost)}"
        )
    assert not census.unjustified, "\n".join(census.unjustified[:20])
    assert not census.lost, "\n".join(census.lost[:40])
    assert census.imported >= LEAST_READ.get(kind, 0.8) * census.files
