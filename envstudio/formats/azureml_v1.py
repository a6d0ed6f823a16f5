"""The folder in which Azure ML's SDK v1 saves an environment: its object, its conda file, and its Dockerfile.

Source: the documentation of `Environment.save_to_directory` and `load_from_directory`; what azureml-core 1.61 does.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from envstudio.domain.container_platform import parse_platform
from envstudio.domain.environment import Environment, ManagedBy, Registry
from envstudio.domain.problem import Problem, Severity
from envstudio.formats.azureml_object import DEFAULTS, GIT, ID, STORAGE, Parts, read_object
from envstudio.formats.conda_environment import conda_document
from envstudio.formats.format import Format, ReadResult, Source, WriteResult
from envstudio.formats.json_text import load_json
from envstudio.formats.losses import losses, variable_losses
from envstudio.formats.source import read_source
from envstudio.formats.yaml_dump import dump_yaml
from envstudio.formats.yaml_text import load_yaml

FILE_NAME = "azureml_environment.json"
CONDA_FILE = "conda_dependencies.yml"
DOCKERFILE = "BaseDockerfile"
TITLE = "Azure ML v1 folder"
OF_A_REFERENCE = ("name", "version")
HELD = (
    "name",
    "python.managed_by",
    "python.interpreter",
    "python.version",
    "python.channels",
    "python.conda",
    "python.pip",
    "python.pip_options",
    "variables",
    "image.base",
    "image.dockerfile",
    "image.platform",
    "image.registry",
    "spark",
    "serving",
)


def _matches(source: Source) -> bool:
    if source.file_name.lower() == FILE_NAME:
        return True
    text = source.text
    return text.lstrip().startswith("{") and '"python"' in text and '"userManagedDependencies"' in text


# Reading


def _read(source: Source, name: str) -> ReadResult:
    value = load_json(source)
    if set(value.mapping("")) <= set(OF_A_REFERENCE):
        named = ":".join(item.raw for item in value.mapping("").values() if item.kind != "null")
        raise value.error(
            f"this only names the environment {named} of a workspace, and does not define it.",
            "Save the environment itself with Environment.save_to_directory, and import that folder.",
        )
    parts, used = Parts(), []
    conda = _beside(source, CONDA_FILE)
    if conda is not None and conda.text.strip():
        parts.conda_source, parts.conda = conda, load_yaml(conda)
        used.append(CONDA_FILE)
    dockerfile = _beside(source, DOCKERFILE)
    if dockerfile is not None:
        parts.dockerfile = dockerfile.text
        used.append(DOCKERFILE)
    found = read_object(value, source, name, parts)
    problems = list(found.problems)
    if dockerfile is not None and found.environment.image.base:
        base = found.environment.image.base
        message = f"{DOCKERFILE} and the base image {base} are both given; the Dockerfile was taken, as the SDK does."
        problems.append(
            Problem("two-sources", Severity.WARNING, f"line {value.line_of('docker', 'baseImage')}", message)
        )
        found = replace(found, environment=replace(found.environment, image=replace(found.environment.image, base="")))
    folder = source.folder
    paths = () if folder is None else tuple(folder / item for item in used)
    return replace(found, problems=tuple(problems), parts=paths)


def _beside(source: Source, name: str) -> Source | None:
    """Return a file beside the object that belongs to it; None if there is none."""
    path = None if source.folder is None else source.folder / name
    return read_source(path) if path is not None and path.is_file() else None


# Writing


def _write(environment: Environment) -> WriteResult:
    own = environment.carried.get(ID, {})
    document: dict[str, Any] = _merged(copy.deepcopy(dict(DEFAULTS)), own if isinstance(own, Mapping) else {})
    document["name"] = environment.name
    document["environmentVariables"] = {item.name: item.value for item in environment.variables if not item.secret}
    document["python"] |= {
        "userManagedDependencies": environment.python.managed_by is ManagedBy.USER,
        "interpreterPath": environment.python.interpreter,
    }
    document["docker"] |= _docker(environment, document["docker"])
    if environment.spark is not None:
        document["spark"] |= {
            "repositories": list(environment.spark.repositories),
            "packages": [
                {"group": item.group, "artifact": item.artifact, "version": item.version}
                for item in environment.spark.packages
            ],
            "precachePackages": environment.spark.precache,
        }
    if environment.serving is not None:
        document["inferencingStackVersion"] = environment.serving.inferencing_stack or None
    files = {FILE_NAME: json.dumps(document, indent=4) + "\n"}
    problems = list(_losses(environment))
    ignored = document["python"].pop("condaDependencies", None)
    if environment.python.managed_by is ManagedBy.USER and isinstance(ignored, Mapping):
        files[CONDA_FILE] = dump_yaml(ignored)
    else:
        conda, of_python = conda_document(environment.python)
        if conda is not None:
            files[CONDA_FILE] = dump_yaml({"name": "project_environment", **conda})
        problems += of_python
    if environment.image.dockerfile:
        files[DOCKERFILE] = environment.image.dockerfile
    return WriteResult(files, tuple(problems))


def _merged(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in over.items():
        inner = base.get(key)
        base[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, Mapping) else value
    return base


def _docker(environment: Environment, document: Mapping[str, Any]) -> dict[str, Any]:
    image = environment.image
    platform = parse_platform(image.platform)
    registry = image.registry or Registry("")
    system = {"linux": "Linux", "windows": "Windows"}.get(platform.system, platform.system)
    made: dict[str, Any] = {
        "baseImage": image.base or None,
        "baseImageRegistry": {
            **document["baseImageRegistry"],
            "address": registry.address or None,
            "username": registry.username or None,
            "password": None,
        },
        "platform": {"os": system, "architecture": platform.architecture},
    }
    if image.context is not None and image.context.is_remote:
        location = image.context.location
        made["buildContext"] = {
            "locationType": STORAGE if ".blob." in location else GIT,
            "location": location,
            "dockerfilePath": image.context.dockerfile_path,
        }
    return made


def _losses(environment: Environment) -> tuple[Problem, ...]:
    foreign = {key: value for key, value in environment.carried.items() if key != ID}
    held = [*HELD]
    if environment.image.context is not None and environment.image.context.is_remote:
        held.append("image.context")
    found = [
        *losses(replace(environment, carried=foreign), TITLE, held),
        *variable_losses(environment, TITLE),
    ]
    if (registry := environment.image.registry) is not None and registry.password:
        message = f"The password of {registry.address} is not written."
        advice = "Set docker.baseImageRegistry.password where the environment is registered."
        found.append(Problem("secret-left-out", Severity.WARNING, "image.registry", message, advice))
    if environment.spark is not None and environment.spark.conf:
        message = "The Spark settings belong to a run configuration."
        found.append(Problem("not-held", Severity.WARNING, "spark.conf", message, "Set them in the run."))
    serving = environment.serving
    if serving is not None and any((serving.liveness, serving.readiness, serving.scoring)):
        message = f"{TITLE} cannot hold the routes of the scoring server."
        found.append(Problem("not-held", Severity.WARNING, "serving", message, "Set them in the deployment."))
    return tuple(found)


FORMAT = Format(ID, TITLE, (FILE_NAME,), _matches, _read, _write)
