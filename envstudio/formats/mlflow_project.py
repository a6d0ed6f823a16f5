"""MLproject: the environment of an MLflow project, by the file or the image that it names; only read.

Source: MLflow's documentation, "MLflow Projects".
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.formats import python_env
from envstudio.formats.conda_environment import read_conda
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.source import read_source
from envstudio.formats.yaml_text import YamlValue, load_yaml, top_keys

FILE_NAME = "MLproject"
ENVIRONMENTS = ("conda_env", "python_env", "docker_env")
COPIED = "copy"


def _matches(source: Source) -> bool:
    keys = top_keys(source.text)
    return source.file_name == FILE_NAME or ("entry_points" in keys and bool(keys & set(ENVIRONMENTS)))


def _read(source: Source, name: str) -> ReadResult:
    document = load_yaml(source)
    fields = {key: item for key, item in document.mapping("").items() if item.kind != "null"}
    own = fields["name"].raw if "name" in fields and fields["name"].kind not in ("map", "seq") else ""
    folder = source.folder.resolve().name if source.folder is not None else ""
    name = name or cleaned_name(own or folder or "project")
    given = [key for key in ENVIRONMENTS if key in fields]
    problems, parts, environment = list[Problem](), list[Path](), Environment(name)
    if not given:
        message = "The project names no environment; MLflow runs it in the Python that it runs in itself."
        problems.append(Problem("environment-missing", Severity.WARNING, "line 1", message, "Add its packages."))
    elif "docker_env" in given:
        environment = _docker(environment, fields["docker_env"], problems)
    else:
        environment = _of_file(environment, source, given[0], fields[given[0]], problems, parts)
    for key in given[1:]:
        message = f"{key} was left out, as MLflow takes one environment."
        problems.append(Problem("keys-left-out", Severity.WARNING, f"line {fields[key].line}", message))
    if "entry_points" in fields:
        names = ", ".join(fields["entry_points"].mapping("entry_points"))
        message = f"The entry points {names} are not part of an environment, and were not imported."
        problems.append(Problem("of-the-job", Severity.INFO, f"line {fields['entry_points'].line}", message))
    for key in sorted(set(fields) - {"name", "entry_points", *ENVIRONMENTS}):
        message = f"MLflow's projects have no key {key}; it was left out."
        problems.append(Problem("unknown-key", Severity.INFO, f"line {fields[key].line}", message))
    return ReadResult(environment, tuple(problems), parts=tuple(parts))


def _of_file(
    environment: Environment,
    source: Source,
    key: str,
    value: YamlValue,
    problems: list[Problem],
    parts: list[Path],
) -> Environment:
    named = value.text(key)
    path = None if source.folder is None else source.folder / named
    if path is None or not path.is_file():
        message = f"The file {named} is not there, so its packages are not part of this."
        advice = "Put it where the project has it, and read again."
        problems.append(Problem("file-not-read", Severity.ERROR, f"line {value.line}", message, advice))
        return environment
    parts.append(path)
    inner = read_source(path)
    if key == "python_env":
        found = python_env.read_python_env(inner, environment.name)
    else:
        found = read_conda(inner, load_yaml(inner), environment.name)
    problems += [replace(item, where=f"{inner.file_name}, {item.where}") for item in found.problems]
    return replace(found.environment, name=environment.name)


def _docker(environment: Environment, value: YamlValue, problems: list[Problem]) -> Environment:
    """Read an image, and the variables that MLflow sets in its container."""
    fields = value.mapping("docker_env")
    if "image" not in fields:
        raise value.error("docker_env has no image.", "Name an image.")
    environment = replace(environment, python=Python(), image=Image(base=fields["image"].text("docker_env.image")))
    for number, item in enumerate((fields.get("environment") or YamlValue("", 0, "null")).sequence("environment")):
        if item.kind == "seq" and len(item.items) == 2:
            name, text = (part.text(f"environment[{number}]") for part in item.items)
            environment = environment.with_variable(Variable(name, text))
            continue
        name = item.text(f"environment[{number}]")
        message = f"MLflow copies the variable {name} from where it runs; it was left out."
        problems.append(Problem("variables-left-out", Severity.WARNING, f"line {item.line}", message, "Give a value."))
    for key in sorted(set(fields) - {"image", "environment"}):
        message = f"docker_env.{key} is about running the project, and was left out."
        problems.append(Problem("keys-left-out", Severity.INFO, f"line {fields[key].line}", message))
    return environment


FORMAT = Format("mlflow-project", "MLflow project", (FILE_NAME,), _matches, _read)
